"""What is remembered from night to night of an address, and what a night says of a feed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

__all__ = ["Clock", "FeedReport", "FeedState", "FeedStatus", "Known", "MemoryState", "SystemClock"]

FeedStatus = Literal["ok", "unchanged", "failed", "malformed", "silent"]
"""Something new came; nothing new; it could not be had; it is no feed; nothing new for long."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a feed or a page. Times are aware, in UTC.

    `etag` and `last_modified` are what its server said of the body that was read last; of a file,
    `etag` is its time and size. `digest` is that of the article, if the address is a page's.
    `feed` is the feed that
    named a page, `first` when the page was had first, `title` and `published` what its feed said of
    it. `moved` is where it moved to for good. `misses` counts, of a feed, the runs without anything
    new since the last one that brought something; of a page, the runs in which it could not be
    had. `seen` is when it was had last, changed or not.
    """

    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    feed: str | None = None
    title: str = ""
    published: datetime | None = None
    moved: str | None = None
    misses: int = 0
    gone: bool = False
    first: datetime | None = None
    seen: datetime | None = None


class FeedState(Protocol):
    """Remembers what is known; the store implements it. Called from one thread only."""

    def feed(self, url: str) -> Known | None:
        """What is known of a feed, by its address or folder as the settings write it."""

    def page(self, url: str) -> Known | None:
        """What is known of a page, by the address that a feed gives, or of a scraper's file."""

    def recent(self, feed: str, since: datetime) -> Sequence[str]:
        """The pages of a feed that were had first at `since` or later and are not gone."""

    def keep_feed(self, url: str, known: Known) -> None:
        """Remember what is known of a feed."""

    def keep_page(self, url: str, known: Known) -> None:
        """Remember what is known of a page."""


class MemoryState:
    """A FeedState that forgets when the program ends."""

    def __init__(self) -> None:
        self.feeds: dict[str, Known] = {}
        self.pages: dict[str, Known] = {}

    def feed(self, url: str) -> Known | None:
        """What is known of a feed."""
        return self.feeds.get(url)

    def page(self, url: str) -> Known | None:
        """What is known of a page."""
        return self.pages.get(url)

    def recent(self, feed: str, since: datetime) -> Sequence[str]:
        """The pages of a feed that were had first at `since` or later and not gone."""
        return [
            url
            for url, known in self.pages.items()
            if known.feed == feed and not known.gone and known.first and known.first >= since
        ]

    def keep_feed(self, url: str, known: Known) -> None:
        """Remember what is known of a feed."""
        self.feeds[url] = known

    def keep_page(self, url: str, known: Known) -> None:
        """Remember what is known of a page."""
        self.pages[url] = known


@dataclass(frozen=True, slots=True)
class FeedReport:
    """How one feed did in a run.

    `entries` are the articles that it names; `new` and `changed` those that came from it,
    `unscored` those of them that cannot be scored; `unchanged` those that were there already;
    `failed` those whose page could not be had; `left` those left for the next run. `ms` is the
    time from the first question to the last answer, milliseconds. `misses` counts the runs without
    anything new, this one included. `reasons` are sentences for readers: what went wrong, and
    where.
    """

    url: str
    outlet: str
    status: FeedStatus
    entries: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unscored: int = 0
    failed: int = 0
    left: int = 0
    ms: int = 0
    misses: int = 0
    reasons: tuple[str, ...] = ()


class Clock(Protocol):
    """What time it is, and waiting; tests pass one that does not wait."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
