"""What a store drops when it is old, and what of it is still needed.

A story is old when nothing of it was seen, changed or audited since a time; then all of it goes at
once. While it lives, its versions' newest snapshots and its last audit stay whatever their age, and
of each version's scores the first, by which it counts for its outlet, and the last. Names that were
given and verdicts are what people said: they stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Delete, Table, and_, delete, exists, or_, select

from audit.store.database import CHUNK, Store
from audit.store.schema import (
    alerts,
    audits,
    feed_reports,
    findings,
    members,
    runs,
    scores,
    snapshots,
    stories,
    story_audits,
    story_events,
    story_versions,
    versions,
    waiting,
)

__all__ = ["Retention"]


class Retention:
    """What was last seen before a time, in a store."""

    def __init__(self, store: Store, before: datetime) -> None:
        self._store = store
        self._before = before

    def old_stories(self) -> list[str]:
        """Some hundred old stories at most, merged ones among them, by id."""
        before = self._before
        tells = and_(
            story_versions.c.story == stories.c.id, story_versions.c.version == versions.c.id
        )
        is_needed = or_(
            exists().where(tells, versions.c.last_seen >= before),
            exists().where(story_audits.c.story == stories.c.id, story_audits.c.at >= before),
            exists().where(waiting.c.story == stories.c.id),
            exists().where(members.c.story == stories.c.id),
        )
        query = (
            select(stories.c.id)
            .where(stories.c.changed < before, ~is_needed)
            .order_by(stories.c.id)
            .limit(CHUNK)
        )
        with self._store.reading() as connection:
            return list(connection.execute(query).scalars())

    def forget_stories(self, ids: Sequence[str]) -> None:
        """Drop these stories with their versions, results and findings."""
        with self._store.unit() as connection:
            told = select(story_versions.c.version).where(story_versions.c.story.in_(ids))
            gone = list(connection.execute(told).scalars())
            for i in range(0, len(gone), CHUNK):
                _forget_versions(connection, gone[i : i + CHUNK])
            for table in (audits, story_audits):
                connection.execute(delete(table).where(table.c.story.in_(ids)))
            connection.execute(delete(stories).where(stories.c.id.in_(ids)))

    def forget_loose(self) -> int:
        """Drop some hundred old versions at most that tell no story; how many."""
        query = (
            select(versions.c.id)
            .where(
                versions.c.last_seen < self._before,
                ~exists().where(story_versions.c.version == versions.c.id),
                ~exists().where(members.c.article == versions.c.id),
            )
            .limit(CHUNK)
        )
        with self._store.unit() as connection:
            return _forget_versions(connection, list(connection.execute(query).scalars()))

    def trim(self) -> int:
        """Drop what is old of stories that live, and of runs; how many rows."""
        before = self._before
        has_no_story_audit = ~exists().where(
            story_audits.c.story == audits.c.story,
            story_audits.c.input == audits.c.input,
            story_audits.c.signature == audits.c.signature,
        )
        with self._store.unit() as connection:
            return sum(
                connection.execute(statement).rowcount
                for statement in (
                    _replaced(snapshots, "version", "fetched", before),
                    _replaced(story_audits, "story", "at", before),
                    delete(audits).where(audits.c.at < before, has_no_story_audit),
                    _between(before),
                    delete(findings).where(findings.c.state == "mended", findings.c.since < before),
                    delete(story_events).where(story_events.c.at < before),
                    delete(feed_reports).where(feed_reports.c.run < before),
                    delete(alerts).where(alerts.c.at < before),
                    _old_runs(before),
                )
            )


def _forget_versions(connection: Connection, ids: Sequence[str]) -> int:
    """Drop versions with all that hangs on them; snapshots go by themselves."""
    for table in (story_versions, findings, scores):
        connection.execute(delete(table).where(table.c.version.in_(ids)))
    return connection.execute(delete(versions).where(versions.c.id.in_(ids))).rowcount


def _replaced(table: Table, what: str, when: str, before: datetime) -> Delete:
    """Old rows of which there is a newer one."""
    newer = table.alias()
    return delete(table).where(
        table.c[when] < before,
        exists().where(newer.c[what] == table.c[what], newer.c[when] > table.c[when]),
    )


def _between(before: datetime) -> Delete:
    """Old scores of a version that are neither the first of its words nor the last."""
    earlier = scores.alias()
    return _replaced(scores, "version", "at", before).where(
        exists().where(
            earlier.c.version == scores.c.version,
            earlier.c.at < scores.c.at,
            earlier.c.words > 0,
        )
    )


def _old_runs(before: datetime) -> Delete:
    """Old runs but the last that came to its end, and those after it."""
    newer = runs.alias()
    return delete(runs).where(
        runs.c.started < before,
        exists().where(newer.c.summary.is_not(None), newer.c.started > runs.c.started),
    )
