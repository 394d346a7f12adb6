"""Figures of one version held against those of whole other versions, not only of a row.

Two kinds can be told without a row: a figure written with the marks of another language ("71,4%",
"46.000 people"), and a figure that is another version's but for a power of ten ("14.2 million" for
"14.2 billion"). Both come from machines that read numbers, not values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit.compare.place import stem
from audit.compare.quantities import agree
from audit.model import Quantity, Story

__all__ = ["DIGITS", "Foreign", "Slip", "foreign_marks", "slips_of_magnitude"]

COUNTED = 2
"""Least number of digits that two counts have in common: "three killed" and "30 injured" differ
rightly."""

DIGITS = 3
"""Digits that two figures have in common which differ by a power of ten, or words beside both: of
two rounded figures (2,000 and 20,000) each may be right."""

POWERS = range(1, 7)
"""Powers of ten by which a machine misreads a figure: a zero, thousand for ten thousand, million
for billion, lakh for million."""

AROUND = 4
"""Words before and after a figure in which shared content words are looked for."""

COMPARED = frozenset(["count", "money", "percent"])


@dataclass(frozen=True, slots=True)
class Foreign:
    """A figure with foreign marks, how it is written here, and where other versions have it so.

    `is_value` says whether the marks make it another value: 46.000 is 46 and a bit in English.
    """

    version: str
    span: tuple[int, int]
    right: str
    others: Mapping[str, tuple[int, int]]
    is_value: bool


@dataclass(frozen=True, slots=True)
class Slip:
    """A figure and those of other versions that differ from it by a power of ten.

    `evidence` counts the digits that both have, and the content words around both.
    """

    version: str
    ours: Quantity
    others: Mapping[str, Quantity]
    evidence: int


def foreign_marks(story: Story) -> Iterator[Foreign]:
    """Figures with the decimal mark or the thousands mark of another language.

    A space between thousands is a style of its own.
    """
    marks = story.language.table("numbers").get("marks")
    if not marks:
        return
    point, comma = re.escape(marks["decimal"]), re.escape(marks["thousands"])
    words = "|".join(map(re.escape, marks["joining"]))
    decimal = re.compile(
        rf"(?<![\w{point}{comma}–-])\d{{1,3}}{comma}\d{{1,2}}(?=\s?%|\s(?!(?:{words})\b)[^\W\d_])"
    )
    grouped = re.compile(
        rf"(?<![\w{point}{comma}])[1-9]\d{{0,2}}(?:{point}\d{{3}})+"
        rf"(?![\d{point}{comma}]*\d)"
    )
    for version in story.versions:
        for m in decimal.finditer(version.text):
            right = m.group().replace(marks["thousands"], marks["decimal"])
            yield Foreign(version.id, m.span(), right, _written(story, version.id, right), False)
        for m in grouped.finditer(version.text):
            right = m.group().replace(marks["decimal"], marks["thousands"])
            # 1.062 may be meant; not where another version has 1,062.
            if others := _written(story, version.id, right):
                yield Foreign(version.id, m.span(), right, others, True)


def _written(story: Story, version: str, figure: str) -> dict[str, tuple[int, int]]:
    """Where other versions have a figure written so, the first place of each."""
    pattern = re.compile(rf"(?<![\d.,]){re.escape(figure)}(?![\d.,]*\d)")
    return {
        v.id: m.span()
        for v in story.versions
        if v.id not in story.copies_of[version] and (m := pattern.search(v.text))
    }


def slips_of_magnitude(story: Story) -> Iterator[Slip]:
    """Figures that no other version has, and that some have but for a power of ten."""
    found = {v: [q for qs in a.quantities for q in qs] for v, a in story.annotations.items()}
    around = {(v, q): _around(story, v, q) for v, qs in found.items() for q in qs}
    for version, own in found.items():
        rest = {v: qs for v, qs in found.items() if v not in story.copies_of[version]}
        for x in own:
            if x.kind not in COMPARED or x.weak or x.low != x.high or x.low <= 0:
                continue
            if any(_confirms(y, x) for qs in rest.values() for y in qs):
                continue
            others: dict[str, tuple[int, Quantity]] = {}
            for v, qs in rest.items():
                for y in qs:
                    if not _is_slip(x, y) or any(_confirms(z, y) for z in own):
                        continue
                    if x.kind == "count" and _digits(x) < COUNTED:
                        continue
                    shared = around[version, x] & around[v, y]
                    evidence = _digits(x) + len(shared)
                    if evidence > others.get(v, (DIGITS - 1, y))[0]:
                        others[v] = evidence, y
            if others:
                best = max(evidence for evidence, _ in others.values())
                yield Slip(version, x, {v: y for v, (_, y) in sorted(others.items())}, best)


def _confirms(other: Quantity, figure: Quantity) -> bool:
    """Whether a figure elsewhere shows that this one is meant."""
    if other.kind != figure.kind or other.bound == "vague":
        return False
    of_one_unit = bool(figure.unit) and other.unit == figure.unit
    same = math.isclose(other.low, figure.low) or other.low <= figure.low <= other.high
    return same or (of_one_unit and agree(other, figure) is True)


def _is_slip(x: Quantity, y: Quantity) -> bool:
    """Whether two figures of one kind and unit are the same but for a power of ten."""
    if y.weak or y.low != y.high or y.low <= 0 or agree(x, y) is not False:
        return False
    power = math.log10(x.low / y.low)
    return math.isclose(power, round(power), abs_tol=1e-6) and abs(round(power)) in POWERS


def _digits(quantity: Quantity) -> int:
    """Digits of a figure without the zeros at its ends."""
    return len(f"{quantity.plain:.6g}".split("e")[0].replace(".", "").strip("0"))


def _around(story: Story, version: str, quantity: Quantity) -> frozenset[str]:
    """The unit of a figure and stems of the content words around it."""
    sentence = next(
        s for s in story.sentences[version] if s.start <= quantity.start < max(s.end, s.start + 1)
    )
    words = story.annotations[version].words[sentence.index]
    before = [w for w in words if w.end <= quantity.start][-AROUND:]
    after = [w for w in words if w.start >= quantity.end][:AROUND]
    content = (w for w in (*before, *after) if not story.language.is_function_word(w.folded))
    return frozenset(
        {stem(w.folded) for w in content if w.folded.isalpha()} | ({quantity.unit} - {""})
    )
