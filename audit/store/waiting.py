"""Stories that changed, or of which somebody judged a fault, since they were audited last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from audit.store.database import Store, put
from audit.store.schema import story_versions, waiting


@dataclass(frozen=True, slots=True)
class FailedStory:
    """A story that could not be audited in the run that began at a time, and why."""

    story: str
    at: datetime
    why: str


class Waiting:
    """The stories of a store that wait to be audited."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, stories: Iterable[str], since: datetime) -> None:
        """Let stories wait; one that waits already has waited as long as it has."""
        rows = [{"story": story, "since": since} for story in stories]
        with self._store.unit() as connection:
            put(connection, waiting, rows, change=())

    def all(self) -> list[tuple[str, datetime]]:
        """Who waits and since when: the longest wait first, then the story of most versions."""
        count = func.count(story_versions.c.version)
        query = (
            select(waiting.c.story, waiting.c.since)
            .outerjoin(story_versions, story_versions.c.story == waiting.c.story)
            .group_by(waiting.c.story, waiting.c.since)
            .order_by(waiting.c.since, count.desc(), waiting.c.story)
        )
        with self._store.reading() as connection:
            return [(row.story, row.since) for row in connection.execute(query)]

    def remove(self, story: str) -> None:
        """A story waits no more."""
        with self._store.unit() as connection:
            connection.execute(delete(waiting).where(waiting.c.story == story))

    def put_back(self, story: str, at: datetime, why: str) -> None:
        """A story that could not be audited waits anew, behind those that wait already; why it
        could not."""
        with self._store.unit() as connection:
            connection.execute(
                update(waiting).where(waiting.c.story == story).values(since=at, why=why)
            )

    def failed(self) -> list[FailedStory]:
        """The stories that wait because they could not be audited, the latest first."""
        query = (
            select(waiting.c.story, waiting.c.since.label("at"), waiting.c.why)
            .where(waiting.c.why.is_not(None))
            .order_by(waiting.c.since.desc(), waiting.c.story)
        )
        with self._store.reading() as connection:
            return [FailedStory(**row) for row in connection.execute(query).mappings()]
