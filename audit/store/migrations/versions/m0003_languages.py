"""In which language each form of a name was read; so far all were taken for English."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column, without a default for new rows."""
    op.add_column("name_forms", sa.Column("language", sa.Text(), nullable=True))
    op.execute("UPDATE name_forms SET language = 'en'")
    with op.batch_alter_table("name_forms") as table:
        table.alter_column("language", nullable=False)
