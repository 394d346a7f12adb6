"""Read the feeds of an OPML list (opml.org, version 2.0)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from audit.errors import InputError
from audit.feeds.parse import absolute
from audit.feeds.settings import FeedSettings, host_of
from audit.feeds.sitemap import root_of
from audit.ingest.decode import read_limited, unpack

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["read_opml"]

MAX_BYTES = 10_000_000


def read_opml(file: Path) -> tuple[tuple[FeedSettings, ...], tuple[str, ...]]:
    """The feeds of a list, each once, and what is wrong with it.

    An outlet is called as the outline's text or title says, else by its host. Raises InputError if
    the file cannot be read or names no feed.
    """
    try:
        with file.open("rb") as stream:
            data = unpack(read_limited(stream, str(file), MAX_BYTES), str(file), MAX_BYTES)
    except OSError as e:
        raise InputError(str(file), f"cannot be read: {e.strerror}") from e
    root, problems = root_of(data)
    if root is None or root.tag != "opml":
        raise InputError(str(file), "; ".join(("not an OPML list", *problems)))
    found: dict[str, FeedSettings] = {}
    refused: list[str] = []
    for outline in root.iter("outline"):
        address = _attribute(outline, "xmlurl")
        if address is None:
            continue
        url = absolute("", address)
        if url is None:
            refused.append(f"{address} is not an http address")
        else:
            name = _attribute(outline, "text") or _attribute(outline, "title") or host_of(url)
            found.setdefault(url, FeedSettings(url=url, outlet=name))
    if not found:
        raise InputError(str(file), "; ".join(("names no feed", *problems, *refused)))
    return tuple(found.values()), (*problems, *refused)


def _attribute(outline: _Element, name: str) -> str | None:
    """An attribute, however its letters are written; None if it is missing or empty."""
    pairs: Iterator[tuple[object, object]] = iter(outline.attrib.items())
    value = next((v for k, v in pairs if str(k).lower() == name), None)
    return " ".join(str(value).split()) or None if value is not None else None
