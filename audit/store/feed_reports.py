"""How each feed did in each run: `audit.feeds.state.FeedReport`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from audit.feeds.state import FeedReport
from audit.store.database import Store, put
from audit.store.schema import feed_reports

APART = ("url", "outlet", "status")
"""What of a report has a column of its own."""


class FeedReports:
    """The reports of the feeds of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, run: datetime, report: FeedReport) -> None:
        """Keep how a feed did in the run that began at a time."""
        rest = {name: value for name, value in asdict(report).items() if name not in APART}
        row = {name: getattr(report, name) for name in APART}
        with self._store.unit() as connection:
            put(connection, feed_reports, [{"run": run, **row, "report": json.dumps(rest)}])

    def of(self, run: datetime) -> list[FeedReport]:
        """The feeds that are done with in the run that began at a time, by address."""
        query = select(feed_reports).where(feed_reports.c.run == run).order_by(feed_reports.c.url)
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return [_report(row) for row in rows]


def _report(row: Any) -> FeedReport:
    rest = json.loads(row.report)
    rest["reasons"] = tuple(rest["reasons"])
    return FeedReport(url=row.url, outlet=row.outlet, status=row.status, **rest)
