"""How the articles of an outlet score over time, and whether that drifts.

One observation is one article, in the night in which it was scored first. To be audited again,
since another version of its story came or its own text was mended, makes no new article of it.

The score of a night is that of all its articles taken together: their mean weighted by words, as
a score is a rate of penalties per word, which is the better known the more words there are.

Drift is seen by an EWMA control chart (NIST/SEMATECH e-Handbook 6.3.2.4; Roberts 1959): it notices
a small shift that stays, and it does not mind that scores are not normally distributed (Borror,
Montgomery and Runger 1999), where a Shewhart chart needs a big shift and normal data. Nights have
unequal numbers of words, so each has limits of its own (Montgomery, Introduction to Statistical
Quality Control, 9.2). What varies from night to night is estimated from the nights themselves
and not from the articles within them, which one bad story makes look too certain (Laney 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, sqrt
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["ChartPoint", "Estimate", "Outlet", "OutletNight", "Tally", "outlet_of"]

WEIGHT = 0.2
"""Lambda: share of the newest night in the smoothed score (the e-Handbook's .2 to .3)."""
LIMIT = 3.0
"""L: limits in standard deviations of the smoothed score. With the constants here, simulated
outlets of 1, 5 and 30 articles a night that do not drift crossed them once in 700, 583 and 1,500
nights (`tests/test_outlets.py`, 30 outlets of 370 nights each)."""
BASELINE = 60
"""Nights with articles before the one that is judged, from which its limits are made, at most."""
LEAST_NIGHTS = 20
LEAST_ARTICLES = 40
"""Of the baseline: with less no limits are drawn, so that nothing is out of them."""
CLIP = 2.5
"""Standard deviations beyond which a night counts no more than one at that distance (Winsor): one
bad night alone is no drift."""
LEAST_SPREAD = 1.0
"""Standard deviation of articles' scores, in points, if less is found: where all are faultless a
single comma is no drift."""
MOVING_RANGE = 0.954
"""Median of the distance of two values of a normal distribution, in its standard deviations: the
median moving range over it is a standard deviation that one outlier, or one shift, cannot spoil
(Clifford 1959)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What has to be known of articles for their mean score: how many they are, and the sums over
    them of w, wv, w², w²v and w²v², for w words and a score of v."""

    articles: int
    w: float
    wv: float
    ww: float
    wwv: float
    wwvv: float

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.articles + other.articles,
            self.w + other.w,
            self.wv + other.wv,
            self.ww + other.ww,
            self.wwv + other.wwv,
            self.wwvv + other.wwvv,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean score of articles weighted by words, 0 to 100, with a 95 % interval (low, high)."""

    value: float
    low: float
    high: float
    articles: int
    words: int


@dataclass(frozen=True, slots=True)
class OutletNight:
    """The articles of an outlet that were scored first in the run that began at a time."""

    at: datetime
    score: Estimate


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A night of a control chart. `smoothed` is the moving average of scores up to it, in points.

    `centre`, `lower` and `upper` come from nights before it. `lower` may be below 0 and `upper`
    above 100: what can never be out of them.
    """

    at: datetime
    smoothed: float
    centre: float
    lower: float
    upper: float

    @property
    def out(self) -> Literal["below", "above"] | None:
        """Which limit it has crossed, if any."""
        if self.smoothed < self.lower:
            return "below"
        return "above" if self.smoothed > self.upper else None


@dataclass(frozen=True, slots=True)
class Outlet:
    """How an outlet's articles score: night by night, oldest first; of late taken together (None
    without an article of late); and the control chart, which begins when there is evidence
    enough."""

    name: str
    nights: tuple[OutletNight, ...]
    recent: Estimate | None
    chart: tuple[ChartPoint, ...]

    @property
    def drift(self) -> tuple[ChartPoint, ...]:
        """The points up to the last night that are out of one limit without a break; empty if the
        last is not. The first says since when the outlet drifts."""
        points: list[ChartPoint] = []
        for point in reversed(self.chart):
            if point.out is None or (points and point.out != points[-1].out):
                break
            points.append(point)
        return tuple(reversed(points))


def outlet_of(name: str, nights: Sequence[tuple[datetime, Tally]], recent: datetime) -> Outlet:
    """What is to be known of an outlet from its nights, oldest first; nights since `recent` are
    those of late."""
    late = [tally for at, tally in nights if at >= recent]
    return Outlet(
        name,
        tuple(OutletNight(at, estimate(tally)) for at, tally in nights),
        estimate(sum(late[1:], late[0])) if late else None,
        chart(nights),
    )


def estimate(tally: Tally) -> Estimate:
    """The mean with its interval by Student's t (ratio estimator: Cochran, Sampling Techniques,
    6.4). One article says nothing of others: its interval is 0 to 100."""
    from scipy.special import stdtrit

    n, mean = tally.articles, tally.wv / tally.w
    squares = tally.wwvv - 2 * mean * tally.wwv + mean**2 * tally.ww
    if n > 1:
        variance = max(n / (n - 1) * squares, LEAST_SPREAD**2 * tally.ww) / tally.w**2
        half = float(stdtrit(n - 1, 0.975)) * sqrt(variance)
    else:
        half = inf
    return Estimate(
        round(mean, 4),
        round(max(0.0, mean - half), 4),
        round(min(100.0, mean + half), 4),
        n,
        round(tally.w),
    )


def chart(nights: Sequence[tuple[datetime, Tally]]) -> tuple[ChartPoint, ...]:
    """The control chart over nights, oldest first, from the first that has evidence before it."""
    import numpy as np

    words = np.array([tally.w for _, tally in nights])
    scores = np.array([tally.wv / tally.w for _, tally in nights])
    articles = [tally.articles for _, tally in nights]
    points: list[ChartPoint] = []
    smoothed, variance = 0.0, 0.0
    for t, (at, _) in enumerate(nights):
        before = slice(max(0, t - BASELINE), t)
        if t < LEAST_NIGHTS or sum(articles[before]) < LEAST_ARTICLES:
            points, variance = [], 0.0
            continue
        least = LEAST_SPREAD * sqrt(words[before].sum() / sum(articles[before]))
        centre, reach, spread = _baseline(words[before], scores[before], least)
        if not points:
            smoothed = centre
        furthest = reach / sqrt(words[t])
        score = min(max(scores[t], centre - furthest), centre + furthest)
        smoothed = WEIGHT * score + (1 - WEIGHT) * smoothed
        variance = WEIGHT**2 / words[t] + (1 - WEIGHT) ** 2 * variance
        half = LIMIT * spread * sqrt(variance)
        found = (smoothed, centre, centre - half, centre + half)
        points.append(ChartPoint(at, *(round(float(x), 4) for x in found)))
    return tuple(points)


def _baseline(words: Floats, scores: Floats, least: float) -> tuple[float, float, float]:
    """Of nights: their centre, how far from it a night counts in full, and their standard
    deviation; the last two for a night of one word, to be divided by the root of its words."""
    import numpy as np

    median = float(np.median(scores))
    away = np.sqrt(words) * (scores - median)
    reach = CLIP * max(float(np.median(np.abs(np.diff(away)))) / MOVING_RANGE, least)
    away = np.clip(away, -reach, reach)
    centre = median + float((np.sqrt(words) * away).sum() / words.sum())
    away -= np.sqrt(words) * (centre - median)
    return centre, reach, max(sqrt(float((away**2).sum()) / (len(away) - 1)), least)
