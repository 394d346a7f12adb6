"""Whether two quantities can both be right.

They contradict each other only if they are of one kind and no reading of their precision, their
bounds and their units makes them agree. Sums in different currencies are not compared, nor times in
zones that are not known; but the same figure with another unit is a matter of the unit.
"""

from __future__ import annotations

import math

from audit.model import Quantity

CONVERSION = 0.06
"""Two figures in different units agree within this share: 10 km is "six miles"."""

MARGIN = 1.3
"""News says "more than 70" of 72 or 85, hardly of 95; the same below "nearly"."""

NEAR = 0.05
"""Share within which "about" holds where the digits do not show the rounding."""


EXACT = frozenset(["year", "period", "month", "weekday", "day", "decade", "label", "fraction"])
"""Kinds that are never rounded."""

HALF_DAY = 720
"""Minutes after which a clock of twelve hours shows the same."""


def other_unit(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities are one figure with different units: 3 dl and 3 cups."""
    if a.kind != b.kind or not a.trail + a.lead or not b.trail + b.lead:
        return False
    if not math.isclose(a.plain, b.plain) or "vague" in (a.bound, b.bound):
        return False
    if a.kind == "money":
        return not _currencies(a) & _currencies(b)
    return a.measured and a.unit == b.unit and not math.isclose(a.factor, b.factor, rel_tol=0.1)


def agree(a: Quantity, b: Quantity) -> bool | None:
    """Whether two quantities can both be right; None if they cannot be compared.

    Ranges that touch agree. A bounded or approximate figure agrees with what its bound admits
    ("more than 3,800" and 3,812), and a figure of 1,000 or more rounded to hundreds or coarser
    with what rounds to it (2,500 and 2,523).
    """
    if not _comparable(a, b):
        return None
    if a.low <= b.high + 1e-9 and b.low <= a.high + 1e-9:
        return True
    if "vague" in (a.bound, b.bound):
        return True
    x, y = a.low, b.low
    if a.kind == "time":
        return _same_time(a, b)
    if a.kind in EXACT:
        return False
    if _has_points(a, y) or _has_points(b, x):
        return True
    if a.factor != b.factor and math.isclose(x, y, rel_tol=CONVERSION):
        return True
    return _rounds(a, b) or _admits(a, b) or _admits(b, a)


def _currencies(quantity: Quantity) -> frozenset[str]:
    return frozenset(quantity.unit.split("|"))


def _same_time(a: Quantity, b: Quantity) -> bool:
    """Whether two times may be one, on a clock of twelve hours too."""
    return any(
        a.low <= b.high + turn and b.low + turn <= a.high
        for turn in range(-4 * HALF_DAY, 5 * HALF_DAY, HALF_DAY)
    )


def _has_points(a: Quantity, value: float) -> bool:
    """Whether three decimals are rather the last digits of a value with a point for thousands."""
    return math.isclose(a.step / a.factor, 0.001) and math.isclose(1000 * a.low, value)


def _rounds(a: Quantity, b: Quantity) -> bool:
    coarse = max(a, b, key=lambda q: q.step)
    approximate = "about" in (a.bound, b.bound)
    shown = coarse.step / coarse.factor
    if not approximate and (shown < 100 or coarse.low / coarse.factor < 1000):
        return False
    return abs(a.low - b.low) <= coarse.step / 2


def _admits(bounded: Quantity, other: Quantity) -> bool:
    x, y = bounded.low, other.low
    if bounded.bound == other.bound:
        return False
    if bounded.bound == "over":
        return x <= y <= MARGIN * x
    if bounded.bound == "under":
        return x / MARGIN <= y <= x
    return bounded.bound == "about" and abs(x - y) <= NEAR * max(x, y)


def _comparable(a: Quantity, b: Quantity) -> bool:
    if a.kind == "label" or b.kind == "label":
        return a.kind == b.kind and a.unit == b.unit
    kinds = {a.kind, b.kind}
    if kinds == {"year", "period"}:
        return True
    if kinds == {"money"}:
        return bool(_currencies(a) & _currencies(b))
    if kinds == {"time"}:
        return a.unit == b.unit
    if kinds <= {"day", "count"} and len(kinds) == 2:
        return False
    if a.kind == b.kind == "count" and (a.measured or b.measured):
        return a.unit == b.unit
    return len(kinds) == 1
