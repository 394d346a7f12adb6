"""Outlets' scores over time: what a night is, and when an outlet is said to drift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from databases import NewUrl
from hypothesis import given, settings
from hypothesis import strategies as st
from story import RESULT

from audit.conclude.outlet import (
    LEAST_ARTICLES,
    LEAST_NIGHTS,
    Outlet,
    Tally,
    chart,
    estimate,
    outlet_of,
)
from audit.model import AuditResult, Score
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.outlets import HISTORY, RECENT, Outlets

NIGHT = datetime(2026, 11, 25, 2, tzinfo=UTC)
Nights = list[tuple[datetime, Tally]]
Articles = list[tuple[int, float]]
"""Words and score of each."""


def tally(articles: Sequence[tuple[int, float]]) -> Tally:
    parts = [Tally(1, w, w * v, w * w, w * w * v, w * w * v * v) for w, v in articles]
    return sum(parts[1:], parts[0])


def nights(found: Sequence[Articles]) -> Nights:
    return [(NIGHT + timedelta(days=n), tally(a)) for n, a in enumerate(found)]


def simulated(
    rng: np.random.Generator, days: int, size: int, rate: Callable[[int], float]
) -> Nights:
    """Articles of some hundred words with faults: minor, major and critical ones, some articles
    far worse than others, some nights worse than others."""
    found = []
    for day in range(days):
        articles: Articles = []
        night = rate(day) * np.exp(rng.normal(0, 0.1))
        for _ in range(max(1, rng.poisson(size))):
            words = 30 + int(np.exp(rng.normal(6, 0.6)))
            faults = rng.poisson(night * rng.gamma(0.7, 1 / 0.7) * words)
            penalty = rng.choice([1, 5, 10], p=[0.5, 0.4, 0.1], size=faults).sum()
            articles.append((words, round(max(0.0, 100 * (1 - float(penalty) / words)), 1)))
        found.append(articles)
    return nights(found)


def alarms(found: Nights) -> int:
    """How often the chart goes out of its limits."""
    out = [point.out for point in chart(found)]
    return sum(o is not None and o != b for o, b in zip(out, [None, *out], strict=False))


@pytest.mark.parametrize("size", [1, 5, 30])
def test_an_outlet_that_does_not_drift_is_in_its_limits_for_500_nights(size: int) -> None:
    rng = np.random.default_rng(size)
    count = sum(alarms(simulated(rng, 370, size, lambda _: 0.006)) for _ in range(10))
    assert count <= 10 * (370 - LEAST_NIGHTS) / 500


def noticed_after(rng: np.random.Generator, size: int, worse: float) -> float:
    """Nights until it is noticed that an outlet has so many times the faults: the median."""
    after = []
    for _ in range(15):
        found = simulated(rng, 140, size, lambda day: 0.006 * (worse if day >= 80 else 1))
        below = [p.at for p in chart(found) if p.out == "below" and p.at >= found[80][0]]
        after.append((below[0] - found[80][0]).days + 1 if below else 60)
    return float(np.median(after))


@pytest.mark.parametrize(("size", "worse", "within"), [(5, 3, 9), (30, 2, 4), (30, 1.5, 8)])
def test_an_outlet_that_gets_worse_is_noticed(size: int, worse: float, within: int) -> None:
    assert noticed_after(np.random.default_rng(1), size, worse) <= within


def test_one_bad_night_is_no_drift() -> None:
    rng = np.random.default_rng(3)
    for _ in range(10):
        found = simulated(rng, 80, 5, lambda _: 0.006)
        if alarms(found):
            continue
        found[60] = (found[60][0], tally([(9000, 0.0)] * 3))
        assert alarms(found) <= alarms(found[:60])


articles = st.lists(
    st.tuples(st.integers(1, 20_000), st.floats(0, 100).map(lambda v: round(v, 1))),
    min_size=1,
    max_size=4,
)


@given(st.lists(articles, max_size=45))
@settings(deadline=None)
def test_there_are_no_limits_without_evidence_before(found: list[Articles]) -> None:
    before: dict[datetime, int] = {}
    count = 0
    for (at, _), own in zip(nights(found), found, strict=True):
        before[at] = count
        count += len(own)
    for point in chart(nights(found)):
        assert (point.at - NIGHT).days >= LEAST_NIGHTS
        assert before[point.at] >= LEAST_ARTICLES
        assert 0 <= point.centre <= 100
        assert 0 <= point.smoothed <= 100
        assert point.lower < point.centre < point.upper


@given(st.lists(articles, min_size=42, max_size=60), st.floats(0, 100))
@settings(deadline=None, max_examples=30)
def test_limits_come_from_nights_before(found: list[Articles], score: float) -> None:
    *before, last = found
    other = [(words, score) for words, _ in last]
    one, two = chart(nights(found)), chart(nights([*before, other]))
    assert one[:-1] == two[:-1]
    assert one[-1] == replace(two[-1], smoothed=one[-1].smoothed)


@given(articles)
def test_the_score_of_a_night_is_that_of_its_articles_together(found: Articles) -> None:
    score = estimate(tally(found))
    expected = sum(w * v for w, v in found) / sum(w for w, _ in found)
    assert score.value == pytest.approx(expected, abs=1e-3)
    assert 0 <= score.low <= score.value + 1e-3
    assert score.value - 1e-3 <= score.high <= 100
    assert (score.articles, score.words) == (len(found), sum(w for w, _ in found))


def test_an_interval_holds_the_mean_of_the_outlet_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(400):
        words = rng.integers(100, 900, size=12)
        score = estimate(
            tally([(int(w), float(v)) for w, v in zip(words, rng.normal(80, 5, 12), strict=True)])
        )
        held += score.low <= 80 <= score.high
    assert 0.92 <= held / 400 <= 0.98


def test_one_article_says_nothing_of_the_outlet() -> None:
    score = estimate(tally([(300, 98.0)]))
    assert (score.low, score.high) == (0.0, 100.0)


def test_a_drift_begins_with_the_first_night_out_of_the_limits() -> None:
    good: list[Articles] = [[(400, 97.0 + (n % 3)), (500, 98.0)] for n in range(40)]
    found = nights(good + [[(400, 60.0), (500, 62.0)]] * 5)
    outlet = outlet_of("o", found, NIGHT)
    assert outlet.drift
    assert outlet.drift[-1].at == found[-1][0]
    assert {p.out for p in outlet.drift} == {"below"}
    assert outlet.drift[0].at == next(p.at for p in outlet.chart if p.out)
    assert outlet_of("o", found[:40], NIGHT).drift == ()


def scored(story: str, **scores: tuple[int, float]) -> AuditResult:
    """A result in which these versions have these words and scores, all of one outlet."""
    pattern = RESULT.versions[0]
    return replace(
        RESULT,
        story=story,
        findings=(),
        versions=tuple(
            replace(
                pattern,
                version=replace(pattern.version, id=name, outlet="The Harbour"),
                score=Score(value, value, value, words),
            )
            for name, (words, value) in scores.items()
        ),
    )


def of_store(store: Store, now: datetime) -> list[Outlet]:
    return list(Outlets(store).all(now))


def test_an_article_counts_in_the_night_in_which_it_was_scored_first(new_url: NewUrl) -> None:
    later = NIGHT + timedelta(days=1)
    with Store.open(new_url()) as store:
        audits = Audits(store)
        audits.put(scored("s", a=(100, 90.0), b=(300, 98.0), empty=(0, 0.0)), "1", NIGHT)
        audits.put(scored("s", a=(100, 50.0), b=(300, 98.0), c=(70_000, 80.0)), "2", later)
        (outlet,) = of_store(store, later)
        assert outlet.name == "The Harbour"
        assert [(n.at, n.score.value, n.score.articles) for n in outlet.nights] == [
            (NIGHT, 96.0, 2),
            (later, 80.0, 1),
        ]
        assert outlet.recent == estimate(tally([(100, 90.0), (300, 98.0), (70_000, 80.0)]))
        assert of_store(store, NIGHT)[0].nights == outlet.nights[:1]
        audits.put(scored("s", a=(100, 40.0), b=(300, 30.0), c=(70_000, 20.0)), "3", later)
        (again,) = of_store(store, later)
        assert again.nights[0] == outlet.nights[0]
        assert again.nights[1].score.value == 20.0  # the same night, taken up again


def test_old_nights_are_not_of_late_and_the_oldest_not_told(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        Audits(store).put(scored("s", a=(100, 90.0)), "1", NIGHT)
        (outlet,) = of_store(store, NIGHT + RECENT + timedelta(days=1))
        assert outlet.recent is None
        assert len(outlet.nights) == 1
        assert of_store(store, NIGHT + HISTORY + timedelta(days=1)) == []
