"""Read sitemaps (sitemaps.org 0.9), their indexes, and Google's news sitemaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from audit.feeds.times import read_time

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Page", "Sitemap", "read_sitemap", "root_of"]

SITEMAPS_OF_AN_INDEX = 20
"""So many sitemaps of an index are read, those changed last first: older ones hold old news."""

_LOOKS_LIKE_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")


@dataclass(frozen=True, slots=True)
class Page:
    """One page that a sitemap names."""

    url: str
    title: str
    published: datetime | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap holds, and what is wrong with it."""

    pages: tuple[Page, ...]
    sitemaps: tuple[str, ...]
    problems: tuple[str, ...]


def root_of(data: bytes) -> tuple[_Element | None, tuple[str, ...]]:
    """The root of an XML document as far as it can be read, and what is wrong with it.

    Entities are left unread and nothing is loaded: neither files, nor addresses, nor a DTD.
    """
    from lxml import etree

    parser: Any = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as e:
        return None, (f"malformed: {e}",)
    first = parser.error_log[0] if len(parser.error_log) else None
    return root, (f"malformed: {first.message} (line {first.line})",) if first is not None else ()


def read_sitemap(data: bytes, url: str) -> Sitemap | None:
    """What a sitemap names; None if the document is none."""
    if not _LOOKS_LIKE_SITEMAP.search(data, 0, 4096):
        return None
    root, problems = root_of(data)
    if root is None or _name(root) not in {"urlset", "sitemapindex"}:
        return None
    if _name(root) == "sitemapindex":
        maps = [
            (read_time(_value(m, "lastmod")), _value(m, "loc")) for m in _children(root, "sitemap")
        ]
        oldest = datetime.min.replace(tzinfo=UTC)
        maps.sort(key=lambda m: m[0] or oldest, reverse=True)
        found = [loc for _, loc in maps if loc]
        if len(found) > SITEMAPS_OF_AN_INDEX:
            left = len(found) - SITEMAPS_OF_AN_INDEX
            problems = (*problems, f"{left} sitemaps of its index, the oldest, are not read")
        return Sitemap((), tuple(found[:SITEMAPS_OF_AN_INDEX]), problems)
    return Sitemap(tuple(_pages(root)), (), problems)


def _pages(root: _Element) -> Iterator[Page]:
    for element in _children(root, "url"):
        news = next(_children(element, "news"), None)
        publication = next(_children(news, "publication"), None) if news is not None else None
        time = _value(news, "publication_date") or _value(element, "lastmod")
        language = _value(publication, "language") or None
        yield Page(_value(element, "loc"), _value(news, "title"), read_time(time), language)


def _children(element: _Element, name: str) -> Iterator[_Element]:
    """The children of a name in any namespace: real sitemaps write it in several ways."""
    return (child for child in element if _name(child) == name)


def _name(element: _Element) -> str:
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _value(element: _Element | None, name: str) -> str:
    """The text of the first child of a name; empty if there is none."""
    child = next(_children(element, name), None) if element is not None else None
    return "".join(child.itertext()).strip() if child is not None else ""
