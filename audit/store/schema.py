"""The tables of the store, as they are after the newest migration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

_UNWRITABLE = {0: 0xFFFD} | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


class Utc(TypeDecorator[datetime]):
    """An aware time in UTC, also where the database knows no time zones. ValueError without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a time without a zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From UTC, whatever zone the database answers in."""
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.utcoffset() is None else time.astimezone(UTC)


class Writing(TypeDecorator[str]):
    """Text in which what no database can hold, NUL and lone surrogates, has become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Without what cannot be held."""
        return None if value is None else value.translate(_UNWRITABLE)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, kind: Any = Writing) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _some(name: str, kind: Any = Writing) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _maybe(name: str, kind: Any = Writing) -> Column[Any]:
    return Column(name, kind, nullable=True)


def _known() -> tuple[Column[Any], ...]:
    """The columns of `audit.feeds.state.Known`, by the address that it is known of."""
    return (
        _key("url"),
        _maybe("etag"),
        _maybe("last_modified"),
        _maybe("digest"),
        _maybe("feed"),
        _some("title"),
        _maybe("published", Utc),
        _maybe("moved"),
        _some("misses", Integer),
        _some("gone", Boolean),
        _maybe("first", Utc),
        _maybe("seen", Utc),
    )


feeds = Table("feeds", metadata, *_known())
"""What is known of each feed."""

pages = Table("pages", metadata, *_known(), Index(None, "feed", "first"), Index(None, "seen"))
"""What is known of each page, and of each file of a scraper."""

feed_reports = Table(
    "feed_reports",
    metadata,
    _key("run", Utc),
    _key("url"),
    _some("outlet"),
    _some("status"),
    _some("report"),
)
"""How each feed did in each run; `report` is the rest of it, JSON."""

versions = Table(
    "versions",
    metadata,
    _key("id"),
    _some("url"),
    _some("outlet"),
    _some("title"),
    _maybe("published", Utc),
    _maybe("language"),
    _some("feed"),
    _some("digest"),
    _maybe("unscored"),
    _some("first_seen", Utc),
    _some("last_seen", Utc),
    Index(None, "last_seen"),
    Index(None, "outlet"),
)
"""Articles, each as its newest snapshot has it."""

snapshots = Table(
    "snapshots",
    metadata,
    Column("version", Writing, ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    _key("fetched", Utc),
    _some("digest"),
    _some("title"),
    _some("text", LargeBinary),
    _maybe("published", Utc),
    _maybe("language"),
    _some("feed"),
    _maybe("unscored"),
)
"""What an article said at a time; a row where it says something else than before. `text` is UTF-8,
compressed."""

stories = Table(
    "stories",
    metadata,
    _key("id"),
    _some("created", Utc),
    _some("changed", Utc),
    _maybe("merged_into"),
    Index(None, "changed"),
)

story_versions = Table(
    "story_versions",
    metadata,
    _key("version"),
    _some("story"),
    _some("since", Utc),
    Index(None, "story"),
)
"""Which story each version tells."""

story_events = Table(
    "story_events",
    metadata,
    _key("at", Utc),
    _key("kind"),
    _key("story"),
    _key("other"),
)
"""What happened to stories: new, grown, merged, split. `other` is a version or a story."""

waiting = Table(
    "waiting", metadata, _key("story"), _some("since", Utc), _maybe("why"), Index(None, "since")
)
"""Stories that have changed since they were audited; `why` says of one that could not be audited
what went wrong."""

members = Table(
    "members",
    metadata,
    _key("article"),
    _some("story"),
    _some("digest"),
    _some("language"),
    _maybe("time", Utc),
    _some("fetched", Utc),
    _some("words", LargeBinary),
    _some("names", LargeBinary),
    _some("vector", LargeBinary),
    _some("signature", LargeBinary),
)
"""The articles that the index of stories works with, see `audit.stories.member`."""

runs = Table(
    "runs",
    metadata,
    _key("started", Utc),
    _maybe("ended", Utc),
    _maybe("status"),
    _maybe("summary"),
    _maybe("digest_sent", Utc),
)
"""Runs by their start; `summary` is JSON, `digest_sent` when the e-mail of its morning was sent."""

audits = Table(
    "audits",
    metadata,
    _key("story"),
    _key("input"),
    _key("signature"),
    _some("at", Utc),
    _some("result", LargeBinary),
)
"""Results by what was read and how; `result` is report.json, compressed."""

story_audits = Table(
    "story_audits",
    metadata,
    _key("story"),
    _key("at", Utc),
    _some("input"),
    _some("signature"),
    Index(None, "at"),
)
"""Which result held for a story from a time on."""

findings = Table(
    "findings",
    metadata,
    _key("version"),
    _key("fault"),
    _some("story"),
    _some("category"),
    _some("severity"),
    _some("confidence", Float),
    _some("quote"),
    _some("finding"),
    _some("state"),
    _some("since", Utc),
    _some("first_seen", Utc),
    _some("last_seen", Utc),
    Index(None, "story"),
    Index(None, "since"),
)
"""Faults of versions over time. `state` is new, persisting or mended, `since` when it became so;
`finding` is its JSON."""

scores = Table(
    "scores",
    metadata,
    _key("version"),
    _key("at", Utc),
    _some("story"),
    _maybe("outlet"),
    _some("value", Float),
    _some("low", Float),
    _some("high", Float),
    _some("words", Integer),
    _some("compared", Float),
    _maybe("mt_likelihood", Float),
    _maybe("fluency", Float),
    Index(None, "outlet", "at"),
)

alerts = Table("alerts", metadata, _key("kind"), _key("subject"), _some("at", Utc))
"""What was alerted, and when last."""

outbox = Table(
    "outbox",
    metadata,
    _key("target"),
    _key("kind"),
    _key("subject"),
    _some("at", Utc),
    _some("text"),
)
"""Alerts that are still to be sent, by target."""

names = Table(
    "names",
    metadata,
    _key("form"),
    _some("name"),
    _some("origin"),
    _some("trusted", Boolean),
    _some("first_seen", Utc),
    _some("last_seen", Utc),
    Index(None, "name"),
    Index(None, "last_seen"),
)
"""Forms of names, each with the form that stands for all its like.

`origin` is learned, given or forgotten."""

name_forms = Table(
    "name_forms",
    metadata,
    Column("form", Writing, ForeignKey("names.form", ondelete="CASCADE"), primary_key=True),
    _key("outlet"),
    _key("copies"),
    _some("seen", Utc),
    _some("language"),
)
"""Where a form was read: in which outlet, in which group of texts that are copies of each other, in
which language."""

verdicts = Table(
    "verdicts",
    metadata,
    _key("version"),
    _key("fault"),
    _key("who"),
    _some("verdict"),
    _some("why"),
    _some("at", Utc),
    _maybe("finding"),
)
"""What a person says of a finding: accepted or dismissed. `finding` is it, JSON."""

kept = Table(
    "kept",
    metadata,
    _key("kind"),
    _key("key", LargeBinary),
    _some("value", LargeBinary),
    _some("at", Utc),
    Index(None, "at"),
)
"""What models said of texts, by kind (which names the model) and by hash of the text."""
