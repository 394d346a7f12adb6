"""Outlets ranked by the scores of their articles, as far as these tell them apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from audit.conclude.outlet import Estimate, Outlet

__all__ = ["LEAST_ARTICLES", "Place", "ranked"]

LEAST_ARTICLES = 10
"""Articles of late from which an outlet is ranked: the interval of fewer rests more on Student's t
than on the articles."""


@dataclass(frozen=True, slots=True)
class Place:
    """An outlet in the ranking. It may have any place from `first` to `last`, counted from 1, the
    best: the intervals of the outlets between overlap its own."""

    outlet: Outlet
    score: Estimate
    first: int
    last: int

    @property
    def text(self) -> str:
        """Its place, or between which places it lies."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def ranked(outlets: Iterable[Outlet]) -> tuple[tuple[Place, ...], tuple[Outlet, ...]]:
    """The outlets with enough articles of late, the lowest score first, and those with fewer, by
    name. Those without any are left out."""
    of_late = [(o, o.recent) for o in outlets if o.recent]
    enough = [(o, score) for o, score in of_late if score.articles >= LEAST_ARTICLES]
    lows = sorted(score.low for _, score in enough)
    highs = sorted(score.high for _, score in enough)
    places = [
        Place(
            outlet,
            score,
            first=1 + len(lows) - bisect_right(lows, score.high),
            last=len(highs) - bisect_left(highs, score.low),
        )
        for outlet, score in enough
    ]
    few = [o for o, score in of_late if score.articles < LEAST_ARTICLES]
    return (
        tuple(sorted(places, key=lambda p: (p.score.value, p.outlet.name))),
        tuple(sorted(few, key=lambda o: o.name)),
    )
