"""How the versions that contradict each other at one place are counted."""

from __future__ import annotations

from collections.abc import Sized

__all__ = ["outnumbered"]


def outnumbered(against: Sized, like: Sized) -> bool:
    """Whether a version's reading is marked, by the versions against it and those like it.

    The side with fewer versions is marked; both sides are where they have as many. The version
    itself counts for its own side and is not in `like`.
    """
    return len(against) >= 1 + len(like)
