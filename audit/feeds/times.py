"""Times as feeds and pages write them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["read_time"]


def read_time(value: str | None) -> datetime | None:
    """A time in ISO 8601 as UTC; None if it is none.

    A date counts from its beginning, and a time without a zone is in UTC.
    """
    if not value:
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
