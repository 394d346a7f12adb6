"""The outlets of a store, and how their articles score over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Float, Select, cast, exists, func, select

from audit.conclude.outlet import Outlet, Tally, outlet_of
from audit.store.database import Store
from audit.store.schema import scores

RECENT = timedelta(days=30)
"""What counts as of late: long enough for some tens of articles of a small outlet."""
HISTORY = timedelta(days=180)
"""How far back nights are looked at: the baseline of a chart, and twice as much to be seen."""


class Outlets:
    """The outlets of a store that have scored articles."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self, now: datetime) -> Iterator[Outlet]:
        """The outlets that had an article scored first in the last 180 days, by name, as they were
        known at a time. One at a time is in memory."""
        query = select(scores.c.outlet).where(scores.c.outlet.is_not(None)).distinct()
        with self._store.reading() as connection:
            names = sorted(connection.execute(query).scalars())
        for name in names:
            nights = self._nights(name, now)
            if nights:
                yield outlet_of(name, nights, now - RECENT)

    def _nights(self, outlet: str, now: datetime) -> list[tuple[datetime, Tally]]:
        with self._store.reading() as connection:
            return [
                (row.at, Tally(row.articles, row.w, row.wv, row.ww, row.wwv, row.wwvv))
                for row in connection.execute(_tallies(outlet, now))
            ]


def _tallies(outlet: str, now: datetime) -> Select[tuple[datetime, int, float]]:
    """The nights of an outlet, oldest first; each article with words in its first night only."""
    earlier = scores.alias()
    is_known = exists().where(
        earlier.c.version == scores.c.version, earlier.c.at < scores.c.at, earlier.c.words > 0
    )
    w, v = cast(scores.c.words, Float), scores.c.value
    return (
        select(
            scores.c.at,
            func.count().label("articles"),
            func.sum(w).label("w"),
            func.sum(w * v).label("wv"),
            func.sum(w * w).label("ww"),
            func.sum(w * w * v).label("wwv"),
            func.sum(w * w * v * v).label("wwvv"),
        )
        .where(
            scores.c.outlet == outlet,
            scores.c.at >= now - HISTORY,
            scores.c.at <= now,
            scores.c.words > 0,
            ~is_known,
        )
        .group_by(scores.c.at)
        .order_by(scores.c.at)
    )
