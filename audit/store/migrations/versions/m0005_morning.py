"""Why a story that waits could not be audited, and when the digest of a run was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add both columns; of what an older store holds neither is known."""
    op.add_column("waiting", sa.Column("why", sa.Text()))
    op.add_column("runs", sa.Column("digest_sent", sa.DateTime(timezone=True)))
