"""The finding that a verdict speaks of: what it quotes, and how sure the program was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; what the verdicts of an older store speak of is not known."""
    op.add_column("verdicts", sa.Column("finding", sa.Text()))
