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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.compare.place import context, linked
from audit.compare.quantities import agree
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
"""A count this large in the same unit elsewhere in a version is the same count, told elsewhere."""

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


Quantities = Mapping[str, Sequence[tuple[Quantity, ...]]]
"""The quantities of each sentence of each version."""


@dataclass(frozen=True, slots=True)
class _Pair:
    ours: Quantity
    theirs: Quantity
    evidence: float


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield contradictions between numbers, on the side that fewer versions take."""
    found = {v: a.quantities for v, a in story.annotations.items()}
    for row in story.rows:
        versions = sorted(row.cells)
        pairs = {
            (a, b): _contradictions(story, row, a, b, found)
            for a in versions
            for b in versions
            if a != b
        }
        for version in versions:
            for quantity in _of_cell(row, version, found):
                yield from _judge(story, row, version, quantity, pairs, found)


def _of_cell(row: Row, version: str, found: Quantities) -> list[Quantity]:
    return [q for i in row.cells[version] for q in found[version][i]]


def _around(row: Row, version: str, found: Quantities) -> list[Quantity]:
    """Numbers of a cell and of the sentences just before and after it."""
    cell = row.cells[version]
    near = {j for i in cell for j in (i - 1, i, i + 1) if 0 <= j < len(found[version])}
    return [q for i in sorted(near) for q in found[version][i]]


def _told(quantity: Quantity, row: Row, version: str, found: Quantities) -> bool:
    """Whether a version says the number there, or a large one anywhere in the same unit."""
    if _settled(quantity, _around(row, version, found)):
        return True
    if quantity.kind in _SEVERITY or quantity.low < DISTINCTIVE or not quantity.unit:
        return False
    everywhere = [q for sentence in found[version] for q in sentence]
    return _settled(quantity, [q for q in everywhere if q.unit == quantity.unit])


def _settled(quantity: Quantity, others: list[Quantity]) -> bool:
    return any(agree(quantity, other) for other in others)


def _contradictions(
    story: Story, row: Row, a: str, b: str, found: Quantities
) -> dict[Quantity, _Pair]:
    """Numbers of cell `a` that contradict one of cell `b`, each with its best partner."""
    ours = [q for q in _of_cell(row, a, found) if not _told(q, row, b, found)]
    theirs = [q for q in _of_cell(row, b, found) if not _told(q, row, a, found)]
    scored = [
        _Pair(x, y, _evidence(story, row, a, x, b, y, ours, theirs))
        for x in ours
        for y in theirs
        if agree(x, y) is False
    ]
    scored.sort(key=lambda p: (-p.evidence, p.ours.start, p.theirs.start))
    chosen: dict[Quantity, _Pair] = {}
    taken: set[Quantity] = set()
    for pair in scored:
        if pair.evidence < SAME_THING or pair.ours in chosen or pair.theirs in taken:
            continue
        chosen[pair.ours] = pair
        taken.add(pair.theirs)
    return chosen


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
    story: Story,
    row: Row,
    version: str,
    quantity: Quantity,
    pairs: dict[tuple[str, str], dict[Quantity, _Pair]],
    found: Quantities,
) -> Iterator[Finding]:
    against = {
        other: pairs[version, other][quantity]
        for other in sorted(row.cells)
        if other != version and quantity in pairs[version, other]
    }
    if not against:
        return
    like = [
        other
        for other in sorted(row.cells)
        if other != version and _settled(quantity, _around(row, other, found))
    ]
    rival, supporters = _strongest(story, against)
    if len(supporters) < 1 + len(like):
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
            Measure("versions against", len(supporters), 1 + len(like)),
        ),
        confidence=_confidence(evidence, len(supporters), 1 + len(like)),
        severity=_SEVERITY.get(quantity.kind, INFO.severity),
        suggestion=rival,
        witnesses=witnesses,
    )


def _strongest(story: Story, against: dict[str, _Pair]) -> tuple[str, list[str]]:
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


def _confidence(evidence: float, against: int, with_us: int) -> float:
    """Half for a tie, since only one side can be wrong; more where this side is outnumbered."""
    outnumbered = 0.5 if against == with_us else 0.7 + 0.05 * min(4, against - with_us)
    return round(outnumbered * min(1.0, 0.5 + evidence / 2), 2)
