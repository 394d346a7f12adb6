"""Read a feed: RSS and Atom (by feedparser), JSON Feed 1.x, sitemaps and news sitemaps."""

from __future__ import annotations

import calendar
import io
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from audit.errors import InputError
from audit.feeds.sitemap import read_sitemap
from audit.feeds.times import read_time
from audit.ingest.decode import decode, unpack
from audit.ingest.guard import Answer

__all__ = ["Entry", "Listing", "Malformed", "parse_feed"]

logger = logging.getLogger(__name__)

MAX_BYTES = 50_000_000
"""Largest feed after unpacking, bytes: the bound of a sitemap (sitemaps.org)."""

MAX_ENTRIES = 50_000
"""Most entries read of one feed: the bound of a sitemap."""


class Malformed(InputError):
    """What was fetched is no feed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article that a feed names. `html` is its text, if the feed holds it."""

    url: str
    title: str = ""
    published: datetime | None = None
    language: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed holds: articles, further sitemaps, and what is wrong with it."""

    entries: tuple[Entry, ...]
    sitemaps: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def parse_feed(url: str, answer: Answer) -> Listing:
    """The articles that a feed names, in its order, each address once.

    Raises Malformed, saying why, if it is none.
    """
    try:
        data = unpack(answer.content, url, MAX_BYTES)
    except InputError as e:
        raise Malformed(url, e.why.removeprefix("not scored: ")) from e
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data.strip():
        raise Malformed(url, "empty")
    if start.startswith(b"{"):
        found = _json_feed(data, url)
    else:
        sitemap = read_sitemap(data, url)
        if sitemap is not None:
            found = Listing(
                tuple(Entry(p.url, p.title, p.published, p.language) for p in sitemap.pages),
                sitemap.sitemaps,
                sitemap.problems,
            )
        else:
            found = _feedparser(data, url, answer)
    return _tidy(found, url)


def _tidy(found: Listing, base: str) -> Listing:
    """Each address once, made whole; those that cannot be asked are named as problems."""
    entries: dict[str, Entry] = {}
    problems = list(found.problems)
    refused = 0
    for entry in found.entries[:MAX_ENTRIES]:
        whole = absolute(base, entry.url)
        if whole is None:
            refused += 1
        else:
            entries.setdefault(whole, _with_url(entry, whole))
    if refused:
        problems.append(f"{refused} of its entries have no http address")
    if len(found.entries) > MAX_ENTRIES:
        problems.append(f"more than {MAX_ENTRIES:,} entries; the rest is not read")
    maps = tuple(m for s in found.sitemaps if (m := absolute(base, s)))
    return Listing(tuple(entries.values()), maps, tuple(problems))


def _with_url(entry: Entry, url: str) -> Entry:
    return Entry(url, entry.title, entry.published, entry.language, entry.html)


def absolute(base: str, url: str) -> str | None:
    """An address made whole, without its fragment; None if it is no http address."""
    if not url.strip():
        return None
    try:
        whole = urljoin(base, url.strip())
        parts = urlsplit(whole)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
        whole.encode()
    except ValueError:
        return None
    return parts._replace(fragment="").geturl()


def _json_feed(data: bytes, url: str) -> Listing:
    """A JSON Feed (jsonfeed.org, version 1.1)."""
    try:
        feed = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as e:
        raise Malformed(url, f"not valid JSON: {e}") from e
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise Malformed(url, "JSON without `items`, so not a JSON Feed")
    language = _text(feed, "language")
    entries = []
    bad = 0
    for item in items:
        address = _text(item, "url") or _text(item, "external_url") or _text(item, "id")
        if not isinstance(item, dict) or not address:
            bad += 1
            continue
        text = _text(item, "content_text")
        html = _text(item, "content_html") or (text and _paragraphs(text))
        entries.append(
            Entry(
                address,
                _text(item, "title") or "",
                read_time(_text(item, "date_published")),
                _text(item, "language") or language,
                html,
            )
        )
    problems = (f"{bad} of its items have no address",) if bad else ()
    return Listing(tuple(entries), (), problems)


def _text(table: object, key: str) -> str | None:
    value = table.get(key) if isinstance(table, Mapping) else None
    return value if isinstance(value, str) and value else None


def _paragraphs(text: str) -> str:
    from html import escape

    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def _feedparser(data: bytes, url: str, answer: Answer) -> Listing:
    """An RSS or Atom feed of any version, as far as it can be read."""
    import feedparser

    headers = {"content-location": url, "content-type": answer.headers.get("content-type", "")}
    try:
        feed = feedparser.parse(
            io.BytesIO(data),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=True,
        )
    except Exception as e:  # the parser is another's, and the feed may be anybody's
        logger.debug("%s: feedparser fails", url, exc_info=e)
        raise Malformed(url, f"cannot be read: {type(e).__name__}: {e}") from e
    problem = feed.get("bozo_exception") if feed.get("bozo") else None
    why = " ".join(str(problem).split())[:200] if problem is not None else ""
    if not feed.get("version") and not feed.get("entries"):
        raise Malformed(url, _what_else(data, url) or f"not a feed{f': {why}' if why else ''}")
    language = feed.feed.get("language")
    entries = [_entry(e, language) for e in feed.entries]
    kept = tuple(e for e in entries if e is not None)
    problems = [f"malformed: {why}"] if why else []
    if len(kept) < len(entries):
        problems.append(f"{len(entries) - len(kept)} of its entries have no address")
    return Listing(kept, (), tuple(problems))


def _entry(found: dict[str, Any], language: str | None) -> Entry | None:
    link = found.get("link") or found.get("id")
    if not isinstance(link, str) or not link:
        return None
    contents: Sequence[Mapping[str, Any]] = found.get("content") or ()
    html = max((str(c.get("value") or "") for c in contents), key=len, default="")
    return Entry(
        link,
        str(found.get("title") or ""),
        # feedparser's own `get` takes one for the other, and warns of it.
        _time(dict.get(found, "published_parsed") or dict.get(found, "updated_parsed")),
        language if isinstance(language, str) else None,
        html or None,
    )


def _time(value: Any) -> datetime | None:
    """feedparser's time, which is in UTC; None if there is none or it is impossible."""
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC) if value else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _what_else(data: bytes, url: str) -> str | None:
    """What something is that is not a feed, with the feed that it names if it is a page."""
    try:
        text = decode(data[:200_000], url, html=True)
    except InputError as e:
        return e.why.removeprefix("not scored: ")
    if "<html" not in text[:5000].lower():
        return None
    named = feeds_of(text, url)
    hint = f"; it names the feed {named[0]}" if named else ""
    return f"a page, not a feed{hint}"


def feeds_of(html: str, url: str) -> list[str]:
    """The feeds that a page names in its head."""
    from lxml import etree
    from lxml.html import HTMLParser, fromstring

    try:
        page = fromstring(html.encode(), parser=HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    links = page.iterfind(".//link")
    kinds = ("application/rss+xml", "application/atom+xml", "application/feed+json")
    hrefs = (k.get("href") or "" for k in links if (k.get("type") or "").lower() in kinds)
    return [whole for href in hrefs if (whole := absolute(url, href))]
