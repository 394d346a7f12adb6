"""The morning page: what a night brought, over all stories, outlets and feeds.

All strings of the records are safe to look at (`passages.visible`) but not escaped for any markup:
that is the template's work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from audit.conclude.outlet import Outlet
from audit.feeds.state import FeedReport
from audit.model import PENALTY, SEVERITIES, Score, Severity
from audit.report.html import fill
from audit.report.outlets import LEAST_ARTICLES, Place
from audit.report.shown import Piece
from audit.report.spark import spark
from audit.report.words import count, stories

__all__ = [
    "ArticleLine",
    "FaultLine",
    "FeedLine",
    "Lowest",
    "Morning",
    "Reason",
    "Some",
    "StoryLine",
    "WorstStory",
    "headline",
    "notes",
    "render",
]

T = TypeVar("T")

_BAD = ("failed", "malformed", "silent")
"""Feeds to look at, the worst first."""


@dataclass(frozen=True, slots=True)
class Some(Generic[T]):
    """The first of many, and how many they are."""

    shown: tuple[T, ...]
    total: int

    @property
    def rest(self) -> int:
        """How many are not shown."""
        return self.total - len(self.shown)

    @classmethod
    def of(cls, all: Sequence[T], most: int) -> Some[T]:
        """The first of a whole sequence, not more than `most`."""
        return cls(tuple(all[:most]), len(all))


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story in a list. `href` is the link to its report, if it has one; `note` what is to be said
    of it there."""

    title: str
    href: str | None
    versions: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest score of a story, and the version that has it."""

    version: str
    score: Score


@dataclass(frozen=True, slots=True)
class WorstStory:
    """A story with its verdict. `lowest` is None if its result cannot be read; `counts` are its
    findings by severity. `is_new` says that it was not known the night before."""

    line: StoryLine
    verdict: tuple[Piece, ...]
    lowest: Lowest | None
    counts: Mapping[Severity, int]
    is_new: bool


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """An article in a list. `url` is a web address or None."""

    outlet: str
    title: str
    url: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A fault in a list: what the article says, or said, and what is offered instead.

    `suggestion` is empty where the words should be deleted, None where nothing is offered; `other`
    is what another version has. `href` leads to its evidence, if there is a report.
    """

    severity: Severity
    label: str
    quote: str
    suggestion: str | None
    other: str | None
    article: ArticleLine
    href: str | None


@dataclass(frozen=True, slots=True)
class FeedLine:
    """How a feed did, and when it brought its last new article."""

    report: FeedReport
    url: str | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why articles were not scored, and which."""

    why: str
    articles: Some[ArticleLine]


@dataclass(frozen=True, slots=True)
class Morning:
    """What there is to be said of a night. Times are in UTC; lists hold the first of many.

    `ended` and `status` are None while the night has not ended; `before` is when the night before
    began, None for the first. `grave` counts the stories audited in which there is a critical
    fault. `worst` are stories of the night, or, where none was audited, of the last `worst_days`
    days. `waiting` counts stories left for the next night, the oldest since `waiting_since`;
    `feeds_left` and `pages_left` what time or the feeds' limits were too short for.
    """

    run: datetime
    before: datetime | None
    ended: datetime | None
    status: str | None
    articles_new: int
    articles_unscored: int
    audited: int
    grave: int
    worst: Some[WorstStory]
    worst_days: int | None
    stories: Mapping[str, Some[StoryLine]]
    """What happened to stories: new, grown, merged, split."""
    faults: Mapping[str, int]
    """How many faults became new and mended."""
    new: Some[FaultLine]
    mended: Some[FaultLine]
    changed: Some[ArticleLine]
    places: Some[Place]
    few: Some[Outlet]
    feeds: Some[FeedLine]
    feed_counts: Mapping[str, int]
    """Feeds by status."""
    unscored: tuple[Reason, ...]
    failed: Some[StoryLine]
    """Stories that could not be audited; the note says why."""
    pages_failed: int
    waiting: int
    waiting_since: datetime | None
    feeds_left: int
    pages_left: int

    @property
    def drifting(self) -> tuple[Place, ...]:
        """The outlets shown whose newest night is out of the limits of their control chart."""
        return tuple(p for p in self.places.shown if p.outlet.drift)

    @property
    def bad_feeds(self) -> int:
        """How many feeds failed, are malformed or silent."""
        return sum(self.feed_counts.get(status, 0) for status in _BAD)

    @property
    def is_quiet(self) -> bool:
        """Whether the night brought nothing and audited nothing."""
        return not (self.articles_new or self.changed.total or self.audited)


def headline(morning: Morning) -> str:
    """The night in a sentence."""
    m = morning
    if m.is_quiet:
        return "Nothing new came in, and no story was audited."
    first = "The first night: " if m.before is None else ""
    came = f"{count(m.articles_new, 'new article')}, {stories(m.audited)} audited"
    if not m.audited:
        return f"{first}{came}."
    if not m.grave:
        return f"{first}{came}; no critical fault was found."
    return (
        f"{first}{came}; {m.grave:,} of them {'has' if m.grave == 1 else 'have'} critical faults."
    )


def notes(morning: Morning) -> tuple[str, ...]:
    """What the reader must know before he trusts the page: what is missing, what went wrong."""
    m = morning
    found = []
    if m.ended is None:
        found.append("The night has not ended: this is what was stored so far.")
    elif m.status == "broken off":
        found.append("The night broke off: this is what was stored until then.")
    troubles = [f"{m.feed_counts[s]:,} {s}" for s in _BAD if m.feed_counts.get(s)]
    if troubles:
        total = sum(m.feed_counts.values())
        found.append(f"Of {count(total, 'feed')}: {_listed(troubles)}.")
    if m.failed.total:
        found.append(f"{stories(m.failed.total)} could not be audited.")
    left = [
        text
        for number, text in (
            (m.waiting - m.failed.total, stories(m.waiting - m.failed.total)),
            (m.feeds_left, count(m.feeds_left, "feed")),
            (m.pages_left, count(m.pages_left, "page")),
        )
        if number > 0
    ]
    if left:
        found.append(f"Left for the next night: {_listed(left)}.")
    for place in m.drifting:
        found.append(f"{place.outlet.name} {drift(place.outlet)}.")
    return tuple(f[:1].upper() + f[1:] for f in found)


def drift(outlet: Outlet) -> str:
    """Since when, and to which side, an outlet is out of its limits; empty if it is not."""
    if not outlet.drift:
        return ""
    side = "below" if outlet.drift[0].out == "below" else "above"
    return f"has scored {side} its usual range since {day(outlet.drift[0].at)}"


def day(time: datetime) -> str:
    """A day, as 25 November 2026."""
    return f"{time.day} {time:%B %Y}"


def moment(time: datetime) -> str:
    """A time of day with its day and zone."""
    return f"{day(time)}, {time:%H:%M} UTC"


def _listed(texts: Sequence[str]) -> str:
    return " and ".join((", ".join(texts[:-1]), texts[-1]) if len(texts) > 1 else texts)


def render(morning: Morning) -> str:
    """The morning as an HTML page."""
    lowest = min([90.0, *(p.score.low for p in morning.places.shown)])
    return fill(
        "morning.html.j2",
        "index.js",
        style="morning.css",
        m=morning,
        headline=headline(morning),
        notes=notes(morning),
        lowest=max(0.0, lowest - 2),
        severities=tuple(reversed(SEVERITIES)),
        penalty=PENALTY,
        least=LEAST_ARTICLES,
        bad=_BAD,
        stories=stories,
        day=day,
        moment=moment,
        drift=drift,
        spark=spark,
    )
