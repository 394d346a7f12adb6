"""How each feed did in each run, and which stories wait to be audited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the two tables; nothing waits in an older store."""
    op.create_table(
        "feed_reports",
        sa.Column("run", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "url", name=op.f("pk_feed_reports")),
    )
    op.create_table(
        "waiting",
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("story", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_since"), "waiting", ["since"], unique=False)
