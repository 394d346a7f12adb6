"""What people say of findings: accepted or dismissed, who, when and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from audit.store.database import Store, put
from audit.store.schema import verdicts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one person says of one fault of one version (`audit.store.audits.faults_of`)."""

    version: str
    fault: str
    who: str
    verdict: Literal["accepted", "dismissed"]
    why: str
    at: datetime


class Verdicts:
    """The verdicts of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, verdict: Verdict) -> None:
        """Keep a verdict; it replaces what the same person said of the fault before."""
        with self._store.unit() as connection:
            put(connection, verdicts, [asdict(verdict)])

    def of(self, version: str | None = None) -> list[Verdict]:
        """The verdicts on a version, or all, oldest first."""
        query = select(verdicts).order_by(verdicts.c.at, verdicts.c.version, verdicts.c.fault)
        if version is not None:
            query = query.where(verdicts.c.version == version)
        with self._store.reading() as connection:
            return [Verdict(**row) for row in connection.execute(query).mappings()]
