"""What `[[feeds]]` of mtaudit.toml says: which feeds there are and how each is read."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from audit.config import FEEDS, read_toml
from audit.errors import ConfigurationError

__all__ = ["FeedSettings", "append_feeds", "checked_feed", "host_of", "load_feeds"]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as e:
        raise ValueError(f"not a regular expression: {e}") from e
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


class FeedSettings(BaseModel):
    """One feed, sitemap or folder. Immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        min_length=1, description="address of a feed or sitemap, or a folder that a scraper fills"
    )
    outlet: str = Field(min_length=1, description="who publishes it")
    language: str | None = Field(None, description="language of its articles, if it does not say")
    text: Literal["page", "feed"] = Field(
        "page", description="take an article's text from its page, or from the feed itself"
    )
    include: Pattern | None = Field(
        None, description="only addresses of articles in which this regular expression is found"
    )
    exclude: Pattern | None = Field(
        None, description="no address of an article in which this regular expression is found"
    )
    max_age_days: int = Field(7, ge=1, description="older articles are left alone, days")
    max_articles: int = Field(500, ge=1, description="most pages asked for in one run")
    pause: float = Field(2.0, ge=0, le=60, description="between two requests to one host, seconds")
    silent_after: int = Field(
        7, ge=1, description="runs without anything new after which it is reported as silent"
    )
    watch: bool = Field(
        False, description="alert when a critical finding appears in an article of its outlet"
    )
    allow_private: bool = Field(False, description="allow this feed's host to be a private address")

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of this machine, not an address."""
        return not self.url.lower().startswith(("http://", "https://"))

    @property
    def host(self) -> str:
        """The host and port of its address; empty for a folder."""
        return "" if self.is_folder else host_of(self.url)


def host_of(url: str) -> str:
    """The host and port of an address, in small letters; empty if it is no address."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def load_feeds(file: Path) -> tuple[FeedSettings, ...]:
    """The feeds that a settings file names, in its order; folders relative to the file.

    Raises ConfigurationError naming the feed and the key of an unknown or bad value, or a feed
    that is named twice.
    """
    tables = read_toml(file).get(FEEDS, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise ConfigurationError(f"{file}: `feeds` must be tables, each under [[feeds]]")
    feeds = [checked_feed(t, f"{file}: feeds[{i}]") for i, t in enumerate(tables, 1)]
    feeds = [
        f.model_copy(update={"url": str((file.parent / f.url).resolve())}) if f.is_folder else f
        for f in feeds
    ]
    seen: set[str] = set()
    for feed in feeds:
        if feed.url in seen:
            raise ConfigurationError(f"{file}: the feed {feed.url} is named twice; keep one")
        seen.add(feed.url)
    return tuple(feeds)


def checked_feed(table: Mapping[str, Any], place: str) -> FeedSettings:
    """A feed from its table. Raises ConfigurationError, naming `place`, if it is not valid."""
    try:
        feed = FeedSettings(**table)
    except ValidationError as e:
        known = ", ".join(FeedSettings.model_fields)
        problems = "; ".join(
            f"{'.'.join(map(str, p['loc']))}: "
            + (f"unknown, known are {known}" if p["type"] == "extra_forbidden" else p["msg"])
            for p in e.errors()
        )
        raise ConfigurationError(f"{place}: {problems}") from e
    if not feed.is_folder and not feed.host:
        raise ConfigurationError(f"{place}: url: {feed.url} names no host")
    if feed.is_folder and "://" in feed.url:
        raise ConfigurationError(f"{place}: url: only http, https and folders, not {feed.url}")
    return feed


def append_feeds(file: Path, feeds: Sequence[FeedSettings]) -> tuple[FeedSettings, ...]:
    """Write feeds at the end of a settings file, which is made if it is not there.

    Returns those that were added: one that the file has already is left as it is. Raises
    ConfigurationError if the file cannot be read or written, and leaves it untouched then.
    """
    there = {f.url for f in load_feeds(file)} if file.exists() else set()
    added = tuple(f for f in {f.url: f for f in feeds}.values() if f.url not in there)
    if not added:
        return ()
    old = file.read_text(encoding="utf-8") if file.exists() else ""
    text = old + ("\n" if old and not old.endswith("\n") else "")
    text += "".join(("\n" if text or i else "") + _table(f) for i, f in enumerate(added))
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        new = Path(name)
        try:
            load_feeds(new)
            new.chmod(file.stat().st_mode if file.exists() else 0o644)
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
    except OSError as e:
        raise ConfigurationError(f"{file}: cannot be written: {e.strerror}") from e
    return added


def _table(feed: FeedSettings) -> str:
    """A feed as TOML: what is not default. JSON's strings, numbers and booleans are TOML's."""
    values = feed.model_dump(mode="json", exclude_defaults=True)
    # TOML wants U+007F escaped, which JSON leaves as it is.
    rows = (
        f"{k} = {json.dumps(v, ensure_ascii=False)}\n".replace("\x7f", "\\u007f")
        for k, v in values.items()
    )
    return f"[[{FEEDS}]]\n" + "".join(rows)
