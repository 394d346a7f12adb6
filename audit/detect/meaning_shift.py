"""A place that claims something else than the other versions claim there.

What it finds
    A denial gained or lost ("did not set figures", "set figures"), a word in the place of its
    opposite (early, late; guilty, innocent), he for she, a question for a statement, a verb
    told in another time or course (was, will be; fled, was fleeing), may for will, all for some,
    more than for less than, before for after, because for although, an exchanged "by" and "from",
    a claim that lost or gained its "allegedly".

Why it matters
    Each of these turns a report into its opposite and reads well, so no check of grammar or
    fluency sees it.

How it decides
    The words of two cells of a row are linked. Cue words of closed classes, opposites and verb
    groups are looked up at linked places or between linked neighbours; a cue that has no answer on
    the other side is a shift. A denial within another word answers too (fail, without,
    impossible), and "not easy" agrees with "difficult". A place is marked if at least as many
    versions speak against it as for it, itself included; with two versions alone both places are
    marked, with half the confidence, since only one can be wrong. Tense and questions are not
    compared in headlines.

Known problems
    Backshift of reported speech ("said it was", "said it is") is told as a difference of tense.
    Opposites beyond the curated list are not seen. A denial that moved to another verb of the same
    sentence is missed, as is a clause that has no counterpart.

Example
    "The minister did not set any figures" beside "The minister set figures" in two other versions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audit.compare.claims.cell_pair import Facing, Shift
from audit.compare.claims.mood import genders, questions
from audit.compare.claims.polarity import negations, opposites, prefixed
from audit.compare.claims.small_words import (
    bounds,
    connectives,
    directions,
    hedges,
    quantities,
)
from audit.compare.claims.tense import tenses
from audit.compare.vote import outnumbered
from audit.detect.base import Info, Settings, finding, quoted, reading
from audit.model import Finding, Measure, Row, Story

INFO = Info(
    id="meaning-shift",
    category="meaning-shift",
    severity="critical",
    needs=frozenset({"versions"}),
)

SAME_PLACE = 0.5
"""Least evidence that two places speak of the same thing, of 1."""

COVERED = 0.35
"""Least share of linked content words for two cells to be held to say the same."""

_COMPARISONS: tuple[Callable[[Facing], Iterator[Shift]], ...] = (
    negations,
    prefixed,
    opposites,
    genders,
    questions,
    quantities,
    bounds,
    connectives,
    directions,
    hedges,
    tenses,
)

_NOT_IN_HEADLINES = frozenset({"tense", "question"})

_SAYS = {
    "negation": "Denied or affirmed",
    "opposite": "Opposites",
    "gender": "Another person",
    "question": "Question or statement",
    "quantifier": "Another amount",
    "connective": "Another order or cause",
    "role": "Who did what to whom",
    "attribution": "Doubt or fact",
    "tense": "Another time or certainty",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A shift of one version against one other, as spans of their texts."""

    other: str
    ours: tuple[int, int]
    theirs: tuple[int, int] | None
    shift: Shift


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield the places that claim something else than most versions do there."""
    for row in story.rows:
        versions = sorted(row.cells)
        for version in versions:
            places = [
                place
                for other in versions
                if other != version
                for place in _shifts(story, row, version, other)
            ]
            for group in _grouped(places):
                yield from _judged(story, row, version, group)


def _shifts(story: Story, row: Row, version: str, other: str) -> Iterator[_Place]:
    match = story.match(row, version, other)
    if match is None:
        return
    facing = Facing(match)
    if min(facing.coverage, facing.flipped.coverage) < COVERED:
        return
    headline = any(s.kind == "headline" for v in (version, other) for s in story.cell(row, v))
    for compare in _COMPARISONS:
        for shift in compare(facing):
            if headline and shift.kind in _NOT_IN_HEADLINES:
                continue
            a, b = match.a_tokens, match.b_tokens
            (i, k), (j, n) = shift.ours, shift.theirs
            theirs = (b[j].start, b[n - 1].end) if j < n else None
            yield _Place(other, (a[i].start, a[k - 1].end), theirs, shift)


def _grouped(places: list[_Place]) -> Iterator[list[_Place]]:
    """Places of one kind that overlap, together."""
    left = sorted(places, key=lambda p: (p.shift.kind, p.ours, p.other))
    while left:
        first = left[0]
        group = [p for p in left if p.shift.kind == first.shift.kind and _overlap(p, first)]
        left = [p for p in left if p not in group]
        yield group


def _overlap(a: _Place, b: _Place) -> bool:
    return a.ours[0] < b.ours[1] and b.ours[0] < a.ours[1]


def _judged(story: Story, row: Row, version: str, group: list[_Place]) -> Iterator[Finding]:
    against = {p.other: p for p in reversed(group)}
    like = [
        v
        for v in sorted(row.cells)
        if v not in {version, *against} and _same(story, row, version, v, group[0])
    ]
    if not outnumbered(against, like):
        return
    best = _most_shared(story, against)
    shift = best.shift
    text = story.version(version).text[best.ours[0] : best.ours[1]]
    witnesses = [reading(story, v, p.theirs) for v, p in sorted(against.items()) if p.theirs]
    theirs = reading(story, best.other, best.theirs).quote if best.theirs else ""
    there = f"{quoted(theirs) if theirs else 'nothing'} in {', '.join(sorted(against))}"
    yield finding(
        INFO,
        story,
        version,
        best.ours,
        f"{_SAYS[shift.kind]}: {shift.says}. {quoted(text)} here, {there}.",
        measure=(
            Measure("same-place evidence", round(shift.evidence, 3), SAME_PLACE),
            Measure("versions against", len(against), 1 + len(like)),
        ),
        confidence=_confidence(shift, len(against), 1 + len(like)),
        severity=shift.severity,
        suggestion=theirs if shift.swap and theirs else None,
        witnesses=witnesses,
    )


def _most_shared(story: Story, against: dict[str, _Place]) -> _Place:
    """The place whose reading most of the contradicting versions have, then the surest."""

    def text(place: _Place) -> str:
        return reading(story, place.other, place.theirs).quote if place.theirs else ""

    shared = Counter(text(p) for p in against.values())
    return max(against.values(), key=lambda p: (shared[text(p)], p.shift.evidence, p.other))


def _same(story: Story, row: Row, version: str, other: str, place: _Place) -> bool:
    """Whether another version has the place, without contradicting it.

    It has the place if it has a content word of it, or of its neighbours where it has none.
    """
    match = story.match(row, version, other)
    if match is None:
        return False
    facing = Facing(match)
    i, k = place.shift.ours
    words = [w for w in range(i, k) if w in facing.contents(i - 1, 1, k - i)]
    words = words or [*list(facing.contents(i, 1))[:1], *list(facing.contents(i, -1))[:1]]
    return bool(facing.counterparts(words))


_PRECISION = {"tense": 0.4, "attribution": 0.6, "role": 0.7, "quantifier": 0.7, "connective": 0.7}
"""How often a careful reader agrees where the version is outnumbered; .85 for the other kinds."""


def _confidence(shift: Shift, against: int, with_us: int) -> float:
    """Less for a tie, where only one side can be wrong; more the more this side is outnumbered."""
    base = _PRECISION.get(shift.kind, 0.85)
    outnumbered = 0.6 if against == with_us else 0.85 + 0.05 * min(3, against - with_us)
    return round(min(0.95, base * outnumbered * min(1.0, 0.5 + shift.evidence / 2)), 2)
