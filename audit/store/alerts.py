"""Alerts: what was alerted, so that nobody is told twice, and what is still to be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select, tuple_

from audit.store.database import CHUNK, Store, put
from audit.store.schema import alerts, outbox

AlertKind = Literal["drift", "critical", "silent"]

AGAIN = timedelta(days=30)
"""What lasts is alerted again after that time: seldom enough to be read, and not forgotten."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody is to be told. `subject` names what it is about among those of its
    kind, `at` is the run that saw it, `text` a line for people."""

    kind: AlertKind
    subject: str
    at: datetime
    text: str


class Alerts:
    """The alerts of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, found: Sequence[Alert], targets: Iterable[str]) -> list[Alert]:
        """Keep those that are to be told now, to be sent to each target; returns them.

        One that was told less than `AGAIN` ago is left out.
        """
        to = list(targets)
        with self._store.unit() as connection:
            told = {
                (row.kind, row.subject): row.at for row in connection.execute(select(alerts)).all()
            }
            due = [
                a
                for a in found
                if (a.kind, a.subject) not in told or a.at - told[a.kind, a.subject] >= AGAIN
            ]
            rows = [asdict(a) for a in due]
            known = ("kind", "subject", "at")
            put(connection, alerts, [{name: row[name] for name in known} for row in rows])
            put(connection, outbox, [{"target": t, **row} for t in to for row in rows])
        return due

    def close(self, kind: AlertKind, subjects: Sequence[str]) -> None:
        """What these were about is over: if it comes again, it is told again at once."""
        with self._store.unit() as connection:
            for i in range(0, len(subjects), CHUNK):
                connection.execute(
                    delete(alerts).where(
                        alerts.c.kind == kind, alerts.c.subject.in_(subjects[i : i + CHUNK])
                    )
                )

    def told(self, run: datetime) -> int:
        """How many were told in the run that began at a time."""
        query = select(func.count()).select_from(alerts).where(alerts.c.at == run)
        with self._store.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def unsent(self, target: str | None = None) -> list[Alert]:
        """What is still to be sent, to a target or at all: the oldest first."""
        query = select(outbox.c.kind, outbox.c.subject, outbox.c.at, outbox.c.text)
        if target is not None:
            query = query.where(outbox.c.target == target)
        query = query.distinct().order_by(outbox.c.at, outbox.c.kind, outbox.c.subject)
        with self._store.reading() as connection:
            return [Alert(**row) for row in connection.execute(query).mappings()]

    def sent(self, target: str, those: Sequence[Alert]) -> None:
        """These have reached a target."""
        key = tuple_(outbox.c.kind, outbox.c.subject)
        with self._store.unit() as connection:
            for i in range(0, len(those), CHUNK // 2):
                part = [(a.kind, a.subject) for a in those[i : i + CHUNK // 2]]
                connection.execute(delete(outbox).where(outbox.c.target == target, key.in_(part)))

    def keep_targets(self, targets: Collection[str]) -> None:
        """Send nothing more to any target but these."""
        with self._store.unit() as connection:
            connection.execute(delete(outbox).where(outbox.c.target.not_in(list(targets))))
