"""Runs: when they began and how they ended; and the guard against a clock that was set back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from audit.errors import StoreError
from audit.store.database import Store, put
from audit.store.schema import runs, snapshots, story_audits, versions

SLACK = timedelta(minutes=5)
"""How far a clock may be behind what is stored: what a time server corrects."""
RESUMED = timedelta(hours=20)
"""A run that did not end is taken up again if it is younger: the same night's."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run. `started` is its name; all that it stores for the first time bears that time.

    `ended`, `status` and `summary` are None while it has not ended; `is_resumed` says that it was
    begun before and broke off. `digest_sent` is when the digest of its morning was sent, if it was.
    """

    started: datetime
    ended: datetime | None = None
    status: str | None = None
    summary: Mapping[str, Any] | None = None
    is_resumed: bool = False
    digest_sent: datetime | None = None


class Runs:
    """The runs of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, now: datetime) -> Run:
        """Begin a run, or take up the last one if it broke off less than `RESUMED` ago.

        Raises StoreError if the clock stands before what is stored: what is new could not be told
        from what is old.
        """
        with self._store.unit() as connection:
            newest = self.newest()
            if newest is not None and now < newest - SLACK:
                raise StoreError(
                    self._store.place,
                    f"the clock says {now:%Y-%m-%d %H:%M} UTC, but the store holds what was found "
                    f"at {newest:%Y-%m-%d %H:%M} UTC: set the clock and run again",
                )
            last = self.last()
            if last and last.ended is None and now - last.started < RESUMED:
                return Run(last.started, is_resumed=True, digest_sent=last.digest_sent)
            connection.execute(
                update(runs)
                .where(runs.c.ended.is_(None))
                .values(ended=runs.c.started, status="broken off")
            )
            put(connection, runs, [{"started": now}], change=())
            return Run(now)

    def end(self, run: Run, now: datetime, status: str, summary: Mapping[str, Any]) -> None:
        """Close a run with its status and what is to be said of it."""
        with self._store.unit() as connection:
            connection.execute(
                update(runs)
                .where(runs.c.started == run.started)
                .values(
                    ended=max(now, run.started),
                    status=status,
                    summary=json.dumps(summary, ensure_ascii=False, sort_keys=True),
                )
            )

    def sent(self, run: Run, now: datetime) -> None:
        """The digest of a run was sent."""
        with self._store.unit() as connection:
            connection.execute(
                update(runs).where(runs.c.started == run.started).values(digest_sent=now)
            )

    def last(self, count: int = 1) -> Run | None:
        """The run that began last; with `count` 2 the one before it, and so on."""
        query = select(runs).order_by(runs.c.started.desc()).offset(count - 1).limit(1)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        summary = None if row.summary is None else json.loads(row.summary)
        return Run(row.started, row.ended, row.status, summary, digest_sent=row.digest_sent)

    def last_ended(self) -> datetime | None:
        """When the last run began that came to its end, whole or in part."""
        query = select(func.max(runs.c.started)).where(runs.c.summary.is_not(None))
        with self._store.reading() as connection:
            ended: datetime | None = connection.execute(query).scalar_one()
        return ended

    def newest(self) -> datetime | None:
        """The latest time that anything in the store bears."""
        columns = (
            runs.c.started,
            runs.c.ended,
            versions.c.last_seen,
            snapshots.c.fetched,
            story_audits.c.at,
        )
        with self._store.reading() as connection:
            found = [connection.execute(select(func.max(c))).scalar_one() for c in columns]
        return max((t for t in found if t is not None), default=None)
