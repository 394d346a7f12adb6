"""A control chart of one outlet, small enough for a row of a table, as numbers that a template
draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.conclude.outlet import ChartPoint

__all__ = ["HEIGHT", "NIGHTS", "WIDTH", "Spark", "spark"]

WIDTH, HEIGHT = 160, 36
_EDGE = 4
NIGHTS = 60
"""Most nights that are drawn, the newest."""


@dataclass(frozen=True, slots=True)
class Spark:
    """Coordinates of a chart of `WIDTH` by `HEIGHT`, as SVG writes them, and its words.

    `band` is the outline of what lies within the limits, `centre` the height of the centre line,
    `line` the smoothed score, `out` the places of nights that are out of the limits.
    """

    words: str
    band: str
    centre: str
    line: str
    out: tuple[tuple[str, str], ...]
    last: tuple[str, str]


def spark(chart: Sequence[ChartPoint]) -> Spark | None:
    """A chart of the newest nights; None without any."""
    if not chart:
        return None
    points = chart[-NIGHTS:]
    lower = [max(0.0, p.lower) for p in points]
    upper = [min(100.0, p.upper) for p in points]
    values = [p.smoothed for p in points]
    bottom = min(*lower, *values, 99.0)
    top = max(*upper, *values, bottom + 1)

    def y(value: float) -> str:
        return f"{HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (value - bottom) / (top - bottom):.1f}"

    def x(number: int) -> str:
        return f"{_EDGE + (WIDTH - 2 * _EDGE) * (number + 1) / len(points):.1f}"

    def through(heights: Sequence[float], numbers: Sequence[int]) -> str:
        return " ".join(f"{x(i)},{y(heights[i])}" for i in numbers)

    along = range(len(points))
    return Spark(
        _words(points),
        f"{through(upper, along)} {through(lower, along[::-1])}",
        y(points[-1].centre),
        through(values, along),
        tuple((x(i), y(values[i])) for i in along if points[i].out),
        (x(len(points) - 1), y(values[-1])),
    )


def _words(points: Sequence[ChartPoint]) -> str:
    """The chart for those who cannot see it."""
    last = points[-1]
    out = [p for p in points if p.out]
    nights = ", ".join(f"{p.at:%Y-%m-%d} {p.out}" for p in out[-5:])
    more = f", the last of them {nights}" if out else ""
    return (
        f"Smoothed score over {len(points)} nights from {points[0].at:%Y-%m-%d} to "
        f"{last.at:%Y-%m-%d}: {last.smoothed:.1f} now, limits {max(0.0, last.lower):.1f} to "
        f"{min(100.0, last.upper):.1f}; nights out of the limits: {len(out)}{more}."
    )
