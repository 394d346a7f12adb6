"""A number that contradicts what another version says at the same place.

What it finds
    Figures, words for numbers, percentages, sums of money, ages, years, days, times of day and
    numbered names (Covid-19, F-35), months and weekdays that differ between versions where these
    speak of the same thing; and the same figure with another currency or unit.

Why it matters
    A wrong number is the fault that readers repeat. It reads as fluently as the right one, so only
    the comparison shows it.

How it decides
    The numbers of two cells of a row are brought to values in base units. A number that agrees with
    some number of the other cell, or of the sentences before and after it there, is settled:
    "dozens" agrees with 26, "more than 3,800" with 3,812, "about 2,500" with 2,523, 10 km with
    6.2 miles. Sums in different currencies and times in different zones are compared only where
    they can be converted. Of what is left, numbers of one kind are paired by word links, by the
    noun they count and by their neighbours. A pair that is close enough is a contradiction; it
    must be closer where one of the two agrees with a number at another place. Numbers are never
    voted on: the message shows both sides. Only cells of the same statement are compared. How
    likely each side is wrong follows from how often each version errs and how near the cells are
    (docs/real-pages.md); where one of them is, but not which can be said, both are marked.
    Over whole versions, a figure that no other version has is held against the one that is the same
    but for a power of ten; and a decimal comma or a thousands point is reported as such.

Known problems
    Figures that two agencies took at different hours differ rightly. A number left out is not
    reported. Inside one version nothing is compared.

Example
    "State radio reported more than 4,600 evacuations" beside "more than 4,700 evacuations" in two
    other versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from audit.compare.figures import DIGITS, Foreign, Slip, foreign_marks, slips_of_magnitude
from audit.compare.pairing import Pair, Rivals, best_pairs, rivals
from audit.compare.place import context, linked
from audit.compare.quantities import agree, other_unit
from audit.compare.vote import Blame, blame
from audit.detect.base import Info, Settings, finding, quoted, reading
from audit.model import Degree, Finding, Measure, Quantity, Reading, Row, Severity, Story

INFO = Info(
    id="number-mismatch",
    category="number-mismatch",
    severity="critical",
    needs=frozenset({"versions"}),
)

SAME_THING = 0.5
"""Least evidence that two numbers count the same thing, of 1. On the undamaged DEMETR development
sentences true pairs of numbers lie above 0.6, pairs of different things mostly below 0.4."""

SAME_PLACE = 0.8
"""Least evidence that two numbers stand at one place where one of them agrees with a number at
another: "1,500 were killed. Of the 15,000 …"."""

MARKED = 0.85
"""Confidence of a figure with foreign marks: clusters, native and humanpair have none."""

BESIDE = 6
"""Characters at most between a month and its day or year ("5th of March")."""

UNIT_DIFFERS = 0.004
"""How often sound articles rightly differ where one has a figure in one unit or currency and two or
more have the same figure in another: a conversion changes the figure. A judgement, not a fit."""

DISTINCTIVE = 100
"""A count this large in the same unit elsewhere in a version is the same count."""

_LINK, _UNIT, _CONTEXT, _ALONE = 0.4, 0.3, 0.4, 0.3
"""Shares of the four kinds of evidence: word link, same noun or unit, neighbours, no rival."""

_SEVERITY: dict[str, Severity] = {
    "year": "major",
    "period": "major",
    "month": "major",
    "weekday": "major",
    "day": "major",
    "time": "major",
    "decade": "major",
    "label": "major",
}


Against = Mapping[str, Pair[Quantity]]
"""The pairs of one number with those that contradict it, by their versions."""


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield contradictions between numbers, on the side that is likely to be wrong."""
    slipped = [f for slip in slips_of_magnitude(story) for f in _slipped(story, slip)]
    explained = {(w.version, w.start) for f in slipped for w in f.witnesses}
    seen: list[Finding] = list(slipped)
    for row in story.rows:
        against = {
            place: {v: p for v, p in pairs.items() if (v, p.theirs.start) not in explained}
            for place, pairs in _contradictions(story, row).items()
        }
        for version in sorted(row.cells):
            for quantity in _of_cell(story, row, version):
                if opposed := against.get((version, quantity)):
                    seen += _judge(story, row, version, quantity, opposed)
    yield from seen
    for figure in foreign_marks(story):
        f = _with_foreign_marks(story, figure)
        if not any(f.version == g.version and f.start < g.end and g.start < f.end for g in seen):
            yield f


def _with_foreign_marks(story: Story, figure: Foreign) -> Finding:
    """A figure whose decimal or thousands mark is another language's."""
    text = story.version(figure.version).text[slice(*figure.span)]
    others = ", ".join(sorted(figure.others))
    shown = f"; {others} {'has' if len(figure.others) == 1 else 'have'} it so" if others else ""
    return finding(
        INFO,
        story,
        figure.version,
        figure.span,
        f"{quoted(text)} has the marks of another language. In {story.language.name} the figure "
        f"is written {quoted(figure.right)}{shown}.",
        measure=Measure("versions with the figure", len(figure.others), int(figure.is_value)),
        confidence=MARKED,
        severity="major" if figure.is_value else "minor",
        suggestion=figure.right,
        witnesses=[reading(story, v, span) for v, span in sorted(figure.others.items())],
    )


def _slipped(story: Story, slip: Slip) -> Iterator[Finding]:
    """A figure that is wrong by a power of ten, where it is clear which one is."""
    degree = Degree.TEXT if slip.evidence > DIGITS else Degree.STATEMENT
    found = blame(story, slip.version, slip.others, (), degree)
    if not found.is_decided:
        return
    spans = {v: q.span for v, q in slip.others.items()}
    witnesses: list[Reading] = [reading(story, v, span) for v, span in spans.items()]
    text = reading(story, slip.version, slip.ours.span).quote
    others = ", ".join(slip.others)
    yield finding(
        INFO,
        story,
        slip.version,
        slip.ours.span,
        f"{quoted(text)} here, {quoted(witnesses[0].quote)} in {others}: the same digits, another "
        "power of ten. Check which is right; this is not decided by counting versions.",
        measure=(Measure("shared digits and words", slip.evidence, DIGITS), found.measure),
        confidence=round(min(0.95, found.own), 2),
        suggestion=witnesses[0].quote,
        witnesses=witnesses,
    )


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
    return _agrees(quantity, [q for q in everywhere if _of_one_unit(q, quantity)])


def _of_one_unit(a: Quantity, b: Quantity) -> bool:
    return a.kind == b.kind == "money" or (bool(a.unit) and a.unit == b.unit)


def _agrees(quantity: Quantity, others: list[Quantity]) -> bool:
    return any(agree(quantity, other) for other in others)


def _contradictions(story: Story, row: Row) -> Rivals[Quantity]:
    """The numbers of a row that contradict each other, each with its best partner."""

    def unsettled(version: str, other: str) -> list[Quantity]:
        own = _of_cell(story, row, version)
        return [q for q in own if not _is_settled(story, q, row, other)]

    def pairs_of(a: str, b: str) -> list[Pair[Quantity]]:
        ours, theirs = unsettled(a, b), unsettled(b, a)
        # What agrees with a number at another place contradicts only what surely stands at its own.
        placed = [
            p
            for p in _placed(story, row, a, b)
            if _contradict(p.ours, p.theirs) and (p.ours in ours) != (p.theirs in theirs)
        ]
        ours = [q for q in ours if q not in {p.ours for p in placed}]
        theirs = [q for q in theirs if q not in {p.theirs for p in placed}]
        scored = [
            Pair(x, y, _evidence(story, row, a, x, b, y, ours, theirs))
            for x in ours
            for y in theirs
            if _contradict(x, y)
        ]
        return placed + best_pairs([p for p in scored if p.evidence >= _least(p)], SAME_THING)

    return rivals(row.cells, pairs_of)


def _contradict(x: Quantity, y: Quantity) -> bool:
    return agree(x, y) is False or other_unit(x, y)


def _least(pair: Pair[Quantity]) -> float:
    """Two days on which something was said may both be right."""
    return SAME_PLACE if pair.ours.kind == "weekday" else SAME_THING


def _placed(story: Story, row: Row, a: str, b: str) -> list[Pair[Quantity]]:
    """The numbers of two cells that surely stand at one place, whether they agree or not."""
    ours, theirs = _of_cell(story, row, a), _of_cell(story, row, b)
    scored = [
        Pair(x, y, _evidence(story, row, a, x, b, y, ours, theirs))
        for x in ours
        for y in theirs
        if agree(x, y) is not None
    ]
    return best_pairs(scored, SAME_PLACE)


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
    same_unit = _of_one_unit(x, y)
    link = linked(story.match(row, a, b), x.span, y.span)
    ours_beside, theirs_beside = (_beside(story, row, v, q) for v, q in ((a, x), (b, y)))
    if ours_beside and theirs_beside:
        # A month is the month of its day or year, whatever it is linked to.
        if not agree(ours_beside, theirs_beside):
            return 0.0
        link = same_unit = True
    alone = sum(q.kind == x.kind for q in ours) == 1 == sum(q.kind == y.kind for q in theirs)
    return min(
        1.0,
        _LINK * link
        + _UNIT * (same_unit or x.kind in ("percent", "label"))
        + _CONTEXT * context(story, row, a, x.span, b, y.span)
        + _ALONE * alone,
    )


def _beside(story: Story, row: Row, version: str, quantity: Quantity) -> Quantity | None:
    """The day or year that a month stands beside."""
    if quantity.kind != "month":
        return None
    return next(
        (
            q
            for q in _of_cell(story, row, version)
            if q.kind in ("day", "year")
            and max(q.start - quantity.end, quantity.start - q.end) <= BESIDE
        ),
        None,
    )


def _judge(
    story: Story, row: Row, version: str, quantity: Quantity, against: Against
) -> Iterator[Finding]:
    like = [
        other
        for other in sorted(row.cells)
        if other != version
        and other not in against
        and _agrees(quantity, _around(story, row, other))
    ]
    supporters = _strongest(against)
    degree = max(story.nearness(row, version, other) for other in supporters)
    theirs = against[supporters[0]].theirs
    units = other_unit(quantity, theirs)
    independent = {story.copies_of[v] for v in supporters}
    differ = UNIT_DIFFERS if units and not like and len(independent) > 1 else None
    found = blame(story, version, supporters, like, degree, differ)
    if not found.is_reported:
        return
    span, spans = _shown(quantity, units), {v: _shown(against[v].theirs, units) for v in supporters}
    evidence = max(p.evidence for p in against.values())
    witnesses: list[Reading] = [reading(story, v, spans[v]) for v in supporters]
    text, rival = reading(story, version, span).quote, witnesses[0].quote
    side = f"{quoted(text)} here" + (f" and in {', '.join(like)}" if like else "")
    yield finding(
        INFO,
        story,
        version,
        span,
        f"{'Units' if units else 'Numbers'} contradict each other: {side}, {quoted(rival)} in "
        f"{', '.join(supporters)}. Check which is right; this is not decided by counting versions.",
        measure=(
            Measure("same-thing evidence", round(evidence, 3), SAME_THING),
            found.measure,
        ),
        confidence=_confidence(evidence, found),
        severity=_severity(quantity, found),
        suggestion=rival,
        witnesses=witnesses,
    )


def _shown(quantity: Quantity, units: bool) -> tuple[int, int]:
    """What is marked: the figure, with its unit where that is in question."""
    return quantity.whole if units else quantity.span


def _strongest(against: Against) -> list[str]:
    """The versions of the opposite figure that most versions share."""
    groups: list[list[str]] = []
    for version in sorted(against):
        for group in groups:
            if agree(against[group[0]].theirs, against[version].theirs):
                group.append(version)
                break
        else:
            groups.append([version])
    return max(groups, key=len)


def _confidence(evidence: float, found: Blame) -> float:
    """How surely both count the same thing, times the probability of this side."""
    return round(min(0.95, found.believed * min(1.0, 0.5 + evidence / 2)), 2)


def _severity(quantity: Quantity, found: Blame) -> Severity:
    """Nothing is critical that two versions alone cannot decide."""
    severity = _SEVERITY.get(quantity.kind, INFO.severity)
    return "major" if severity == "critical" and not found.is_decided else severity
