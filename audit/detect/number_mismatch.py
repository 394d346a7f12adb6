"""A number that contradicts what another version says at the same place.

What it finds
    Figures, words for numbers, percentages, sums of money, ages, years, days, times of day and
    numbered names (Covid-19, F-35) that differ between versions where these speak of the same
    thing.

Why it matters
    A wrong number is the fault that readers repeat. It reads as fluently as the right one, so only
    the comparison shows it.

How it decides
    The numbers of two cells of a row are brought to values in base units. A number that agrees with
    some number of the other cell, or of the sentences before and after it there, is settled:
    "dozens" agrees with 26, "more than 3,800" with 3,812, "about 2,500" with 2,523, 10 km with
    6.2 miles. Of what is left, numbers of one kind are paired by word links, by the noun they count
    and by their neighbours. A pair that is close enough is a contradiction. Numbers are never voted
    on: the message shows both sides. With three versions or more the side with fewer versions is
    marked; where both have as many, both are.

Known problems
    Figures that two agencies took at different hours differ rightly. A number left out is not
    reported. Weekdays are not compared. Inside one version nothing is compared.

Example
    "State radio reported more than 4,600 evacuations" beside "more than 4,700 evacuations" in two
    other versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from audit.compare.pairing import Pair, Rivals, best_pairs, rivals
from audit.compare.place import context, linked
from audit.compare.quantities import agree
from audit.compare.vote import Blame, blame
from audit.detect.base import Info, Settings, finding, quoted, reading
from audit.model import Finding, Measure, Quantity, Reading, Row, Severity, Story

INFO = Info(
    id="number-mismatch",
    category="number-mismatch",
    severity="critical",
    needs=frozenset({"versions"}),
)

SAME_THING = 0.5
"""Least evidence that two numbers count the same thing, of 1. On the undamaged DEMETR development
sentences true pairs of numbers lie above 0.6, pairs of different things mostly below 0.4."""

DISTINCTIVE = 100
"""A count this large in the same unit elsewhere in a version is the same count."""

_LINK, _UNIT, _CONTEXT, _ALONE = 0.4, 0.3, 0.4, 0.3
"""Shares of the four kinds of evidence: word link, same noun or unit, neighbours, no rival."""

_SEVERITY: dict[str, Severity] = {
    "year": "major",
    "period": "major",
    "day": "major",
    "time": "major",
    "decade": "major",
    "label": "major",
}


Against = Mapping[str, Pair[Quantity]]
"""The pairs of one number with those that contradict it, by their versions."""


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield contradictions between numbers, on the side that fewer versions take."""
    for row in story.rows:
        against = _contradictions(story, row)
        for version in sorted(row.cells):
            for quantity in _of_cell(story, row, version):
                if opposed := against.get((version, quantity)):
                    yield from _judge(story, row, version, quantity, opposed)


def _of_cell(story: Story, row: Row, version: str) -> list[Quantity]:
    found = story.annotations[version].quantities
    return [q for i in row.cells[version] for q in found[i]]


def _around(story: Story, row: Row, version: str) -> list[Quantity]:
    """Numbers of a cell and of the sentences just before and after it."""
    found = story.annotations[version].quantities
    near = {j for i in row.cells[version] for j in (i - 1, i, i + 1) if 0 <= j < len(found)}
    return [q for i in sorted(near) for q in found[i]]


def _is_settled(story: Story, quantity: Quantity, row: Row, version: str) -> bool:
    """Whether a version has the number there, or a large one anywhere in the same unit."""
    if _agrees(quantity, _around(story, row, version)):
        return True
    if quantity.kind in _SEVERITY or quantity.low < DISTINCTIVE or not quantity.unit:
        return False
    everywhere = [q for found in story.annotations[version].quantities for q in found]
    return _agrees(quantity, [q for q in everywhere if q.unit == quantity.unit])


def _agrees(quantity: Quantity, others: list[Quantity]) -> bool:
    return any(agree(quantity, other) for other in others)


def _contradictions(story: Story, row: Row) -> Rivals[Quantity]:
    """The numbers of a row that contradict each other, each with its best partner."""

    def unsettled(version: str, other: str) -> list[Quantity]:
        own = _of_cell(story, row, version)
        return [q for q in own if not _is_settled(story, q, row, other)]

    def pairs_of(a: str, b: str) -> list[Pair[Quantity]]:
        ours, theirs = unsettled(a, b), unsettled(b, a)
        scored = [
            Pair(x, y, _evidence(story, row, a, x, b, y, ours, theirs))
            for x in ours
            for y in theirs
            if agree(x, y) is False
        ]
        return best_pairs(scored, SAME_THING)

    return rivals(row.cells, pairs_of)


def _evidence(
    story: Story,
    row: Row,
    a: str,
    x: Quantity,
    b: str,
    y: Quantity,
    ours: list[Quantity],
    theirs: list[Quantity],
) -> float:
    if (x.weak or y.weak) and (not x.unit or x.unit != y.unit):
        return 0.0
    same_unit = bool(x.unit) and x.unit == y.unit
    alone = sum(q.kind == x.kind for q in ours) == 1 == sum(q.kind == y.kind for q in theirs)
    return min(
        1.0,
        _LINK * linked(story.match(row, a, b), x.span, y.span)
        + _UNIT * (same_unit or x.kind in ("percent", "label"))
        + _CONTEXT * context(story, row, a, x.span, b, y.span)
        + _ALONE * alone,
    )


def _judge(
    story: Story, row: Row, version: str, quantity: Quantity, against: Against
) -> Iterator[Finding]:
    like = [
        other
        for other in sorted(row.cells)
        if other != version and _agrees(quantity, _around(story, row, other))
    ]
    rival, supporters = _strongest(story, against)
    degree = max(story.nearness(row, version, other) for other in supporters)
    found = blame(story, version, supporters, like, degree)
    if not found.is_reported:
        return
    evidence = max(p.evidence for p in against.values())
    witnesses: list[Reading] = [reading(story, v, against[v].theirs.span) for v in supporters]
    text = story.version(version).text[quantity.start : quantity.end]
    side = f"{quoted(text)} here" + (f" and in {', '.join(like)}" if like else "")
    yield finding(
        INFO,
        story,
        version,
        quantity.span,
        f"Numbers contradict each other: {side}, {quoted(rival)} in {', '.join(supporters)}. "
        "Check which is right; this is not decided by counting versions.",
        measure=(
            Measure("same-thing evidence", round(evidence, 3), SAME_THING),
            found.measure,
        ),
        confidence=_confidence(evidence, found),
        severity=_severity(quantity, found),
        suggestion=rival,
        witnesses=witnesses,
    )


def _strongest(story: Story, against: Against) -> tuple[str, list[str]]:
    """The opposite figure that most versions share, as written, and those versions."""
    groups: list[list[str]] = []
    for version in sorted(against):
        for group in groups:
            if agree(against[group[0]].theirs, against[version].theirs):
                group.append(version)
                break
        else:
            groups.append([version])
    best = max(groups, key=len)
    span = against[best[0]].theirs.span
    return story.version(best[0]).text[span[0] : span[1]], best


def _confidence(evidence: float, found: Blame) -> float:
    """How surely both count the same thing, times the probability of this side."""
    return round(min(0.95, found.believed * min(1.0, 0.5 + evidence / 2)), 2)


def _severity(quantity: Quantity, found: Blame) -> Severity:
    """Nothing is critical that two versions alone cannot decide."""
    severity = _SEVERITY.get(quantity.kind, INFO.severity)
    return "major" if severity == "critical" and not found.is_decided else severity
