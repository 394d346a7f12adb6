"""Places where a version claims something else than the others do there, by any comparison.

The words of two cells of a row are linked; a comparison yields the places where they do not say the
same (`audit.compare.claims`). Only cells of the same statement are held against each other. How
likely each side is wrong follows from how often each version errs and how near the cells are
(`audit.compare.vote`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from audit.compare.claims.cell_pair import CellPair, Shift, cell_pairs
from audit.compare.claims.genders import has_gender
from audit.compare.claims.offices import has_office
from audit.compare.vote import Blame, blame
from audit.detect.base import Info, finding, quoted, reading
from audit.model import Finding, Row, Severity, Story

Comparison = Callable[[CellPair], Iterator[Shift]]

COVERED = 0.35
"""Least share of linked content words for two cells to be held to say the same."""

_NOT_IN_HEADLINES = frozenset({"tense", "question"})

_HAVE: Mapping[str, Callable[[CellPair, tuple[int, int]], bool]] = {
    "gender": has_gender,
    "office": has_office,
}
"""By kind, whether the other cell has what ours has, where the words around do not show it."""

_Pairs = Mapping[tuple[str, str], CellPair]


@dataclass(frozen=True, slots=True)
class _Place:
    """A shift of one version against one other, as spans of their texts."""

    other: str
    ours: tuple[int, int]
    theirs: tuple[int, int] | None
    shift: Shift


def shifts(info: Info, story: Story, comparisons: Sequence[Comparison]) -> Iterator[Finding]:
    """Yield the places that claim something else than most versions do there."""
    for row, pairs in _pairs_of(story):
        for version in sorted(row.cells):
            places = [
                place
                for other in sorted(row.cells)
                if (version, other) in pairs
                for place in _places(story, row, version, other, pairs[version, other], comparisons)
            ]
            for group in _grouped(places):
                yield from _judged(info, story, row, version, group, pairs)


@lru_cache(maxsize=1)
def _pairs_of(story: Story) -> tuple[tuple[Row, _Pairs], ...]:
    """The rows of a story with their pairs of cells; the detectors share them."""
    return tuple((row, cell_pairs(story, row)) for row in story.rows)


def _places(
    story: Story,
    row: Row,
    version: str,
    other: str,
    pair: CellPair,
    comparisons: Sequence[Comparison],
) -> Iterator[_Place]:
    """Where a version does not say the same as another one."""
    if min(pair.coverage, pair.flipped.coverage) < COVERED:
        return
    headline = any(s.kind == "headline" for v in (version, other) for s in story.cell(row, v))
    a, b = pair.match.a_tokens, pair.match.b_tokens
    for compare in comparisons:
        for shift in compare(pair):
            if headline and shift.kind in _NOT_IN_HEADLINES:
                continue
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


def _judged(
    info: Info, story: Story, row: Row, version: str, group: list[_Place], pairs: _Pairs
) -> Iterator[Finding]:
    """The finding at a place that is contradicted, if its version is likely to be wrong."""
    against = {p.other: p for p in reversed(group)}
    like = [
        other
        for (ours, other), pair in pairs.items()
        if ours == version and other not in against and _has_place(pair, group[0].shift)
    ]
    best = _most_shared(story, against)
    degree = max(story.nearness(row, version, other) for other in against)
    found = blame(story, version, against, like, degree)
    if not found.is_reported:
        return
    shift = best.shift
    theirs = reading(story, best.other, best.theirs).quote if best.theirs else ""
    yield finding(
        info,
        story,
        version,
        best.ours,
        _message(story, version, best, theirs, sorted(against), decided=found.is_decided),
        measure=(shift.measure, found.measure),
        confidence=_confidence(shift, found),
        severity=_severity(shift, found),
        suggestion=theirs if shift.swap and theirs else None,
        witnesses=[reading(story, v, p.theirs) for v, p in sorted(against.items()) if p.theirs],
    )


def _message(
    story: Story, version: str, place: _Place, theirs: str, against: list[str], *, decided: bool
) -> str:
    """What is wrong, then what to do where no suggestion says so."""
    others = ", ".join(against)
    text = quoted(reading(story, version, place.ours).quote)
    there = quoted(theirs) if theirs else "nothing"
    wrong = f"{place.shift.states}: {text} here, {there} in {others}."
    if not decided:
        return f"{wrong} Only one can be true: check which is right."
    if place.shift.swap and theirs:
        return wrong
    return f"{wrong} Write what {others} {'say' if len(against) > 1 else 'says'}."


def _most_shared(story: Story, against: dict[str, _Place]) -> _Place:
    """The place whose reading most of the contradicting versions have, then the surest."""

    def text(place: _Place) -> str:
        return reading(story, place.other, place.theirs).quote if place.theirs else ""

    shared = Counter(text(p) for p in against.values())
    return max(against.values(), key=lambda p: (shared[text(p)], p.shift.evidence, p.other))


def _has_place(pair: CellPair, shift: Shift) -> bool:
    """Whether another version that does not contradict a place has it.

    It has the place if it has a content word of it, or of its neighbours where it has none. Where
    pronouns or offices are compared it must have our gender or office.
    """
    if has := _HAVE.get(shift.kind):
        return has(pair, shift.ours)
    i, k = shift.ours
    words = list(pair.contents(i - 1, 1, k - i)) or pair.neighbours(i)
    return bool(pair.counterparts(words))


_PRECISION = {"tense": 0.4, "attribution": 0.6, "role": 0.7, "quantifier": 0.7, "connective": 0.7}
"""How often a careful reader agrees where the version is the wrong one; .85 for the other kinds."""


def _confidence(shift: Shift, found: Blame) -> float:
    """The precision of the kind, the surer the place, times the probability of this side."""
    base = _PRECISION.get(shift.kind, 0.85)
    return round(min(0.95, base * min(1.0, 0.5 + shift.evidence / 2) * found.believed), 2)


def _severity(shift: Shift, found: Blame) -> Severity:
    """Nothing is critical that two versions alone cannot decide."""
    return "major" if shift.severity == "critical" and not found.is_decided else shift.severity
