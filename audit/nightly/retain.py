"""The end of a night: what is old, and more than may be kept, goes from the store and the folder
of reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from audit.config import Settings
from audit.nightly.clock import Budget
from audit.nightly.folders import remove_reports
from audit.nightly.log import Log
from audit.store.database import Store
from audit.store.feeds import FeedStates
from audit.store.kept import Kept
from audit.store.names import Names
from audit.store.retention import Retention

__all__ = ["retain"]

MB = 1_000_000


def retain(
    store: Store, run: datetime, settings: Settings, folder: Path, budget: Budget, log: Log
) -> None:
    """Drop what is older than the settings allow, step by step.

    When the time is spent, each kind is done one step of, and the rest the next night: without it a
    store whose nights are always too short would never stop growing.
    """
    counts: dict[str, int] = {}
    status = "done"
    for name, step in _steps(store, run, settings, folder, log).items():
        counts[name] = 0
        while done := step():
            counts[name] += done
            if budget.is_over():
                status = "left"
                break
    while store.give_back() and not budget.is_over():
        pass
    log.info("retention", status=status, **counts)


def _steps(
    store: Store, run: datetime, settings: Settings, folder: Path, log: Log
) -> dict[str, Callable[[], int]]:
    """Each drops some of a kind, as a unit of work, and says how much: at last nothing."""
    before = run - timedelta(days=settings.retention_days)
    read_before = run - timedelta(days=settings.cache_days)
    retention, kept = Retention(store, before), Kept(store)

    def stories() -> int:
        ids = retention.old_stories()
        # Folders first: a night that is killed here finds the stories again, and their folders.
        for story in ids:
            remove_reports(folder, story, log)
        retention.forget_stories(ids)
        return len(ids)

    return {
        "stories": stories,
        "articles": retention.forget_loose,
        "rows": retention.trim,
        "pages": lambda: FeedStates(store).forget_pages(before),
        "names": lambda: Names(store).prune(before),
        "old_cache": lambda: kept.prune(read_before),
        "large_cache": lambda: kept.shrink(settings.cache_mb * MB),
    }
