"""Read all feeds once: each article that is new or changed, and how each feed did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from audit.config import Settings
from audit.errors import InputError
from audit.feeds.articles import Page, article_of
from audit.feeds.fetch import Crawl, Limits, Request, Response
from audit.feeds.folder import files_of, read_file, stamp
from audit.feeds.parse import Entry, Listing, Malformed, parse_feed
from audit.feeds.settings import FeedSettings
from audit.feeds.state import Clock, FeedReport, FeedState, FeedStatus, Known, SystemClock
from audit.ingest.decode import decode, unpack
from audit.model import Article

__all__ = ["read_feeds"]

FEED_TYPES = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
PAGE_TYPES = "text/html, application/xhtml+xml, text/plain;q=0.5"
PAGES = frozenset({"text/html", "application/xhtml+xml"})

DEEPEST_INDEX = 2
"""Sitemaps are read through so many indexes of sitemaps."""

REASONS = 20
"""A report gives so many reasons, and then says how many more there were."""

GONE = re.compile(r"the server answers (?:404|410)\b")


@dataclass
class _Feed:
    """One feed while it is read."""

    settings: FeedSettings
    known: Known
    began: float
    pending: int = 0
    """Requests that have no answer yet."""
    listings: dict[str, Known] = field(default_factory=dict)
    """What to remember of the feed and its sitemaps, if nothing of theirs was left."""
    sitemaps: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    checked: bool = False
    """Whether the pages that it named on earlier days were asked for."""
    error: InputError | None = None
    moved: str | None = None
    entries: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unscored: int = 0
    failed: int = 0
    left: int = 0
    retry: bool = False
    """Whether a page of it failed that may be had another night."""
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Key:
    """What a request is for."""

    feed: _Feed
    kind: Literal["feed", "sitemap", "page"]
    depth: int = 0
    entry: Entry | None = None


def read_feeds(
    feeds: Sequence[FeedSettings],
    state: FeedState,
    settings: Settings,
    clock: Clock | None = None,
    *,
    crawl: Crawl[_Key] | None = None,
    limits: Limits | None = None,
) -> Iterator[Article | FeedReport]:
    """Each article that is new or has changed since last time, as it comes, then its feed's report.

    What is remembered of a page is written to `state` when the item after its article is asked
    for, and what is remembered of a feed after all its pages. So whoever stores each item before
    he asks for the next loses nothing, wherever the program is ended; at worst a page is read
    twice. Closing the iterator ends the run: feeds that are not done are read anew the next time.
    A feed that fails is reported and ends nothing.
    """
    clock = clock or SystemClock()
    run = _Run(state, settings, clock, crawl or Crawl(settings, clock, limits))
    for feed in feeds:
        if feed.is_folder:
            yield from run.folder(feed)
    for feed in feeds:
        if not feed.is_folder:
            run.begin(feed)
    yield from run.answers()


class _Run:
    """One reading of all feeds."""

    def __init__(
        self, state: FeedState, settings: Settings, clock: Clock, crawl: Crawl[_Key]
    ) -> None:
        self._state = state
        self._settings = settings
        self._clock = clock
        self._crawl = crawl
        self._told: set[str] = set()
        """Ids of the articles of this run: two feeds, or two addresses, may have one article."""

    def begin(self, settings: FeedSettings) -> None:
        """Ask for a feed."""
        known = self._state.feed(settings.url) or Known()
        feed = _Feed(settings, known, self._clock.monotonic())
        self._ask(feed, settings.url, _Key(feed, "feed"), known)

    def answers(self) -> Iterator[Article | FeedReport]:
        """What comes of all that was asked for."""
        responses = self._crawl.responses()
        try:
            for request, response in responses:
                feed = request.key.feed
                if request.key.kind == "page":
                    yield from self._page(request, response)
                else:
                    self._listing(request, response)
                feed.pending -= 1
                if not feed.pending:
                    yield self._end(feed)
        finally:
            responses.close()

    def _ask(self, feed: _Feed, url: str, key: _Key, known: Known) -> None:
        feed.pending += 1
        private = feed.settings.host if feed.settings.allow_private else ""
        accept = PAGE_TYPES if key.kind == "page" else FEED_TYPES
        self._crawl.ask(Request(url, key, accept, known, feed.settings.pause, private))

    def _listing(self, request: Request[_Key], response: Response | InputError) -> None:
        """Read a feed or a sitemap, and ask for its pages."""
        key, url = request.key, request.url
        feed = key.feed
        found = Listing(())
        try:
            if isinstance(response, InputError):
                raise response
            if response.moved and response.moved != request.known.moved:
                feed.reasons.append(f"{url}: moved for good to {response.moved}; change its `url`")
            kept = replace(response.known, moved=response.moved)
            if response.answer:
                found = parse_feed(response.url, response.answer)
            feed.listings[url] = kept
        except InputError as e:
            feed.reasons.append(e.why if key.kind == "feed" else str(e))
            if key.kind == "feed":
                feed.error = e
            feed.retry = True
        feed.reasons += [p if key.kind == "feed" else f"{url}: {p}" for p in found.problems]
        for sitemap in found.sitemaps:
            if key.depth == DEEPEST_INDEX:
                feed.reasons.append(f"{sitemap}: not read: an index of indexes of indexes")
            elif sitemap not in feed.sitemaps and sitemap != feed.settings.url:
                feed.sitemaps.add(sitemap)
                known = self._state.feed(sitemap) or Known()
                self._ask(feed, sitemap, _Key(feed, "sitemap", key.depth + 1), known)
        self._ask_pages(feed, found.entries)

    def _ask_pages(self, feed: _Feed, entries: Sequence[Entry]) -> None:
        """Ask for the pages of entries, and for those of earlier days: they may have changed."""
        oldest = self._clock.now() - timedelta(days=feed.settings.max_age_days)
        wanted = [e for e in entries if _is_wanted(e.url, feed.settings)]
        feed.entries += len(wanted)
        there: list[tuple[Entry, Known]] = []
        for entry in wanted:
            known = self._state.page(entry.url)
            time = (known and known.first) or entry.published
            if entry.url in feed.pages:
                continue
            if time and time < oldest:
                feed.unchanged += known is not None
            elif known is None or known.first is None:
                self._ask_page(feed, entry, known or Known())
            elif known.gone:
                feed.unchanged += 1
            else:
                there.append((entry, known))
        if not feed.checked:
            feed.checked = True
            named = {e.url for e in wanted}
            for url in self._state.recent(feed.settings.url, oldest):
                known = self._state.page(url)
                if known and url not in named:
                    there.append((Entry(url, known.title, known.published), known))
        for entry, known in there:
            self._ask_page(feed, entry, known)

    def _ask_page(self, feed: _Feed, entry: Entry, known: Known) -> None:
        if entry.url in feed.pages:
            return
        feed.pages.add(entry.url)
        key = _Key(feed, "page", entry=entry)
        if len(feed.pages) > feed.settings.max_articles:
            feed.left += 1
        elif _has_text(feed, entry):
            feed.pending += 1
            self._crawl.answer(Request(entry.url, key, PAGE_TYPES, known))
        else:
            self._ask(feed, entry.url, key, known)

    def _page(self, request: Request[_Key], response: Response | InputError) -> Iterator[Article]:
        """The article of a page, if it is new or has changed; then what is remembered of it."""
        feed, entry, known = request.key.feed, request.key.entry, request.known
        assert entry is not None
        now = self._clock.now()
        if isinstance(response, InputError):
            gone = GONE.search(response.why) is not None
            feed.failed += 1
            feed.retry = feed.retry or not gone
            feed.reasons.append(str(response))
            known = replace(known, gone=gone, misses=known.misses + 1)
            self._state.keep_page(request.url, replace(known, feed=feed.settings.url))
            return
        kept = replace(
            response.known,
            digest=known.digest,
            feed=feed.settings.url,
            title=entry.title or known.title,
            published=entry.published or known.published,
            moved=response.moved,
            misses=0,
            first=known.first or now,
            seen=now,
        )
        if response.answer is None and not _has_text(feed, entry):
            feed.unchanged += 1
        else:
            article = article_of(
                self._page_of(response, entry, kept), feed.settings, self._settings, now
            )
            yield from self._tell(article, known, feed)
            kept = replace(kept, digest=article.digest)
        self._state.keep_page(request.url, kept)

    def _page_of(self, response: Response, entry: Entry, kept: Known) -> Page:
        page = Page(
            response.url,
            title=kept.title,
            published=kept.published,
            language=entry.language,
        )
        answer = response.answer
        if answer is None:
            return replace(page, html=entry.html)
        try:
            if answer.media_type not in PAGES | {"text/plain", ""}:
                return replace(page, why=f"not an article: {answer.media_type}")
            data = unpack(answer.content, page.url, 2 * len(answer.content) + 10_000_000)
            html = answer.media_type != "text/plain"
            text = decode(data, page.url, html=html, declared=answer.charset)
        except InputError as e:
            return replace(page, why=f"not an article: {e.why.removeprefix('not scored: ')}")
        return replace(page, html=text) if html else replace(page, text=text)

    def _tell(self, article: Article, known: Known, feed: _Feed) -> Iterator[Article]:
        """Count an article, and give it if it is new or has changed."""
        if article.digest == known.digest or article.id in self._told:
            feed.unchanged += 1
            return
        self._told.add(article.id)
        feed.new += known.digest is None
        feed.changed += known.digest is not None
        feed.unscored += article.unscored is not None
        yield article

    def folder(self, settings: FeedSettings) -> Iterator[Article | FeedReport]:
        """The new and changed articles of a scraper's folder, then its report."""
        feed = _Feed(settings, self._state.feed(settings.url) or Known(), self._clock.monotonic())
        try:
            files = files_of(Path(settings.url))
        except InputError as e:
            feed.error = e
            feed.reasons.append(e.why)
            files = []
        for file in files:
            yield from self._file(file, feed)
        feed.listings[settings.url] = Known()
        yield self._end(feed)

    def _file(self, file: Path, feed: _Feed) -> Iterator[Article]:
        """The articles of a file that was written since it was read last."""
        key = file.resolve().as_uri() + "#file"
        try:
            written = stamp(file)
        except InputError as e:
            feed.reasons.append(str(e))
            return
        known = self._state.page(key)
        if known and known.etag == written:
            return
        for page in read_file(file):
            if isinstance(page, InputError):
                feed.failed += 1
                feed.reasons.append(str(page))
                continue
            if not _is_wanted(page.url, feed.settings):
                continue
            feed.entries += 1
            now = self._clock.now()
            before = self._state.page(page.url) or Known(first=now)
            article = article_of(page, feed.settings, self._settings, now)
            yield from self._tell(article, before, feed)
            kept = replace(before, digest=article.digest, feed=feed.settings.url, seen=now)
            self._state.keep_page(page.url, kept)
        self._state.keep_page(key, Known(etag=written, seen=self._clock.now()))

    def _end(self, feed: _Feed) -> FeedReport:
        """Remember what is to be remembered of a feed, and say how it did."""
        now = self._clock.now()
        settings = feed.settings
        brought = bool(feed.new or feed.changed)
        misses = 0 if brought else feed.known.misses + 1
        complete = not (feed.retry or feed.left)
        for url, known in feed.listings.items():
            if url != settings.url and complete:
                self._state.keep_feed(url, replace(known, seen=now))
        own = feed.listings.get(settings.url)
        kept = own if own and complete else replace(feed.known, moved=(own or feed.known).moved)
        first = feed.known.first or now
        seen = feed.known.seen if feed.error else now
        self._state.keep_feed(settings.url, replace(kept, misses=misses, first=first, seen=seen))
        status: FeedStatus = "ok" if brought else "unchanged"
        if feed.error:
            status = "malformed" if isinstance(feed.error, Malformed) else "failed"
        silent = misses >= settings.silent_after
        if silent:
            status = "silent" if status == "unchanged" else status
            feed.reasons.insert(0, f"nothing new in {misses} runs")
        if feed.left:
            feed.reasons.append(
                f"{feed.left} articles left for the next run (`max_articles` = "
                f"{settings.max_articles})"
            )
        return FeedReport(
            url=settings.url,
            outlet=settings.outlet,
            status=status,
            entries=feed.entries,
            new=feed.new,
            changed=feed.changed,
            unchanged=feed.unchanged,
            unscored=feed.unscored,
            failed=feed.failed,
            left=feed.left,
            ms=round((self._clock.monotonic() - feed.began) * 1000),
            misses=misses,
            reasons=_shortened(feed.reasons),
        )


def _has_text(feed: _Feed, entry: Entry) -> bool:
    """Whether an entry's text is taken from the feed itself."""
    return feed.settings.text == "feed" and bool(entry.html)


def _is_wanted(url: str, feed: FeedSettings) -> bool:
    if feed.include and not re.search(feed.include, url):
        return False
    return not (feed.exclude and re.search(feed.exclude, url))


def _shortened(reasons: Sequence[str]) -> tuple[str, ...]:
    once = tuple(dict.fromkeys(reasons))
    if len(once) <= REASONS:
        return once
    return (*once[:REASONS], f"and {len(once) - REASONS} more")
