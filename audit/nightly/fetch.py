"""The first part of a night: read the feeds and store each article as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from audit.config import Settings
from audit.feeds.fetch import Crawl, Limits
from audit.feeds.read import read_feeds
from audit.feeds.settings import FeedSettings
from audit.feeds.state import Clock, FeedReport, FeedState, Known
from audit.model import Article
from audit.nightly.clock import Budget, RunClock
from audit.nightly.log import Log
from audit.store.articles import Articles
from audit.store.database import Store
from audit.store.feed_reports import FeedReports
from audit.store.feeds import FeedStates

__all__ = ["Progress", "fetch"]

SHARE = 0.5
"""Of the time of a night: after that no feed is waited for, so that stories are audited too."""

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much."""


def fetch(
    store: Store,
    feeds: Sequence[FeedSettings],
    run: datetime,
    settings: Settings,
    *,
    clock: Clock,
    budget: Budget,
    log: Log,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> int:
    """Read the feeds that the run is not done with; returns how many time was too short for.

    Each article is one unit of work, with what is remembered of the pages before it; each feed's
    report is another, with what is remembered of the feed.
    """
    reports = FeedReports(store)
    done = {report.url for report in reports.of(run)}
    states = FeedStates(store)
    left = _longest_unread([feed for feed in feeds if feed.url not in done], states)
    remembered = _Remembered(states)
    items = read_feeds(
        left,
        remembered,
        settings,
        RunClock(run, clock),
        # asks by the time of day
        crawl=Crawl(settings, clock, limits, until=budget.end(SHARE)),
    )
    count = len(left)
    lap = clock.monotonic()
    for item in items:
        with store.unit():
            remembered.store_pages()
            if isinstance(item, Article):
                status = "stored" if Articles(store).put(item) else "unchanged"
            else:
                item = _whole(item, Articles(store), run, remembered)
                remembered.store_feed(item.url)
                reports.put(run, item)
        if isinstance(item, Article):
            now = clock.monotonic()
            log.info(
                "fetch",
                status="not scored" if item.unscored else status,
                feed=item.feed,
                url=item.url,
                ms=round(1000 * (now - lap)),
                why=item.unscored,
            )
            lap = now
        else:
            count -= 1
            _log_report(item, log)
            if progress:
                progress("feeds", len(feeds) - count, len(feeds))
        if count and budget.is_over(SHARE):
            break
    items.close()  # type: ignore[attr-defined]
    if count:
        log.warning("fetch", status="left", why=f"no time left for {count} feeds")
    with store.unit():
        remembered.store_pages()
    return count


def _longest_unread(feeds: Sequence[FeedSettings], states: FeedStates) -> list[FeedSettings]:
    """Feeds in the order in which they were read last, those that never were first."""

    def read(feed: FeedSettings) -> datetime:
        known = states.feed(feed.url)
        return known.seen if known and known.seen else datetime.min.replace(tzinfo=UTC)

    return sorted(feeds, key=read)


def _whole(
    report: FeedReport, articles: Articles, run: datetime, remembered: _Remembered
) -> FeedReport:
    """A feed's report with what the run had of it before it was broken off."""
    brought = articles.brought(run, report.url)
    come = brought.new + brought.changed
    entire = replace(
        report,
        new=brought.new,
        changed=brought.changed,
        unscored=brought.unscored,
        unchanged=max(0, report.unchanged + report.new + report.changed - come),
    )
    if not come or report.new or report.changed:
        return entire
    remembered.brought(report.url)
    reasons = report.reasons[report.status == "silent" :]
    status = "ok" if report.status in ("unchanged", "silent") else report.status
    return replace(entire, status=status, misses=0, reasons=reasons)


def _log_report(report: FeedReport, log: Log) -> None:
    say = log.info if report.status in ("ok", "unchanged") else log.warning
    say(
        "feed",
        status=report.status,
        feed=report.url,
        outlet=report.outlet,
        ms=report.ms,
        new=report.new,
        changed=report.changed,
        unchanged=report.unchanged,
        unscored=report.unscored,
        failed=report.failed,
        left=report.left,
        why=report.reasons,
    )


class _Remembered(FeedState):
    """What is remembered of feeds and pages, stored together with what it belongs to.

    A page that could not be had is stored with its feed: its misses count once in a run, and a run
    that goes on asks for it again.
    """

    def __init__(self, states: FeedStates) -> None:
        self._states = states
        self._feeds: dict[str, Known] = {}
        self._pages: dict[str, Known] = {}
        self._failed: dict[str, Known] = {}

    def feed(self, url: str) -> Known | None:
        """What is known of a feed."""
        return self._feeds.get(url) or self._states.feed(url)

    def page(self, url: str) -> Known | None:
        """What is known of a page."""
        return self._failed.get(url) or self._pages.get(url) or self._states.page(url)

    def recent(self, feed: str, since: datetime) -> Sequence[str]:
        """The pages of a feed that were had first at `since` or later and not gone."""
        return self._states.recent(feed, since)

    def keep_feed(self, url: str, known: Known) -> None:
        """Remember what is known of a feed."""
        self._feeds[url] = known

    def keep_page(self, url: str, known: Known) -> None:
        """Remember what is known of a page."""
        self._failed.pop(url, None)
        self._pages.pop(url, None)
        (self._failed if known.misses else self._pages)[url] = known

    def brought(self, url: str) -> None:
        """A feed has brought something, though not since the run goes on."""
        self._feeds[url] = replace(self._feeds[url], misses=0)

    def store_pages(self) -> None:
        """Store what is remembered of the pages that were had."""
        for url, known in self._pages.items():
            self._states.keep_page(url, known)
        self._pages.clear()

    def store_feed(self, feed: str) -> None:
        """Store what is remembered of a feed and of its pages that could not be had."""
        for url, known in self._feeds.items():
            self._states.keep_feed(url, known)
        self._feeds.clear()
        for url in [u for u, known in self._failed.items() if known.feed == feed]:
            self._states.keep_page(url, self._failed.pop(url))
