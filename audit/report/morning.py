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
    "BAD",
    "ArticleLine",
    "FaultLine",
    "FeedLine",
    "Lowest",
    "Morning",
    "Reason",
    "Some",
    "StoryLine",
    "WorstStory",
    "day",
    "drift",
    "headline",
    "left",
    "moment",
    "notes",
    "render",
    "span",
]

T = TypeVar("T")

BAD = ("failed", "malformed", "silent")
"""Feeds to look at, the worst first."""


DRIFTING = 3
"""Outlets out of their limits that the notes name."""


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
    new: Some[FaultLine]
    mended: Some[FaultLine]
    changed: Some[ArticleLine]
    places: Some[Place]
    few: Some[Outlet]
    feeds: Some[FeedLine]
    feed_counts: Mapping[str, int]
    """Feeds by status."""
    unscored: Some[Reason]
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
    troubles = [f"{m.feed_counts[s]:,} {s}" for s in BAD if m.feed_counts.get(s)]
    if troubles:
        total = sum(m.feed_counts.values())
        found.append(f"Of {count(total, 'feed')}: {', '.join(troubles)}.")
    waiting = m.waiting - m.failed.total
    for what, numbers in (
        ("Failed", ((m.failed.total, stories), (m.pages_failed, _pages))),
        (
            "Left for the next night",
            ((waiting, stories), (m.feeds_left, _feeds), (m.pages_left, _pages)),
        ),
    ):
        named = ", ".join(name(number) for number, name in numbers if number > 0)
        if named:
            found.append(f"{what}: {named}.")
    found += [f"{p.outlet.name} {drift(p.outlet)}." for p in m.drifting[:DRIFTING]]
    if m.drifting[DRIFTING:]:
        found.append(
            f"Out of their usual range too: {count(len(m.drifting) - DRIFTING, 'more outlet')}."
        )
    return tuple(found)


def _pages(number: int) -> str:
    return count(number, "page")


def _feeds(number: int) -> str:
    return count(number, "feed")


def left(morning: Morning) -> tuple[str, ...]:
    """What failed and what is left for the next night, a sentence each; empty if nothing."""
    m = morning
    waiting = m.waiting - m.failed.total
    since = f", the oldest waiting since {moment(m.waiting_since)}" if m.waiting_since else ""
    said = (
        (m.failed.total, f"{stories(m.failed.total)} could not be audited."),
        (m.pages_failed, f"{_pages(m.pages_failed)} could not be had."),
        (waiting, f"{stories(waiting)} left for the next night{since}."),
        (m.feeds_left, f"{_feeds(m.feeds_left)} not read: time was too short."),
        (m.pages_left, f"{_pages(m.pages_left)} of feeds left for the next night."),
    )
    return tuple(sentence for number, sentence in said if number > 0)


def span(morning: Morning) -> str:
    """From when to when the night was."""
    m = morning
    until = ""
    if m.ended:
        same = m.ended.date() == m.run.date()
        until = f" to {m.ended:%H:%M} UTC" if same else f" to {moment(m.ended)}"
    before = f"; the night before began {moment(m.before)}" if m.before else ""
    return f"Night of {moment(m.run)}{until}{before}."


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
        bad=BAD,
        day=day,
        moment=moment,
        span=span(morning),
        left=left(morning),
        drift=drift,
        spark=spark,
    )
