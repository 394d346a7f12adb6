"""Stories: which versions tell each, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import delete, select, update

from audit.store.database import CHUNK, Store, put
from audit.store.schema import stories, story_events, story_versions

EventKind = Literal["new", "grown", "merged", "split"]


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """What happened to a story at a time.

    `other` is the version that made it grow, the story that it was merged into, the story that was
    split from it, and empty for a new one.
    """

    at: datetime
    kind: EventKind
    story: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class StoredStory:
    """A story and its versions by id; `merged_into` is the story that it has become."""

    id: str
    versions: tuple[str, ...]
    created: datetime
    changed: datetime
    merged_into: str | None = None


class Stories:
    """The stories of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, story: str, versions: Sequence[str], at: datetime) -> None:
        """Let a story have these versions; they leave the stories that had them.

        A story whose versions are already these is not changed. One that is left without versions
        stays, since reports and events name it.
        """
        with self._store.unit() as connection:
            has = set(
                connection.execute(
                    select(story_versions.c.version).where(story_versions.c.story == story)
                ).scalars()
            )
            put(
                connection,
                stories,
                [{"id": story, "created": at, "changed": at, "merged_into": None}],
                change=(),
            )
            if has == set(versions):
                return
            gone = sorted(has - set(versions))
            for i in range(0, len(gone), CHUNK):
                connection.execute(
                    delete(story_versions).where(story_versions.c.version.in_(gone[i : i + CHUNK]))
                )
            put(
                connection,
                story_versions,
                [{"version": v, "story": story, "since": at} for v in sorted(set(versions) - has)],
            )
            connection.execute(
                update(stories).where(stories.c.id == story).values(changed=at, merged_into=None)
            )

    def record(self, events: Sequence[StoryEvent]) -> None:
        """Keep what happened. A story that was merged is from then on known as the other."""
        with self._store.unit() as connection:
            put(connection, story_events, [asdict(e) for e in events], change=())
            for e in events:
                if e.kind == "merged":
                    connection.execute(
                        update(stories).where(stories.c.id == e.story).values(merged_into=e.other)
                    )

    def get(self, story: str) -> StoredStory | None:
        """A story, or the one that it was merged into; None if there is none of that id."""
        with self._store.reading() as connection:
            seen: set[str] = set()
            row: Any = None
            while story not in seen:
                seen.add(story)
                row = connection.execute(select(stories).where(stories.c.id == story)).first()
                if row is None:
                    return None
                story = row.merged_into or story
            versions = connection.execute(
                select(story_versions.c.version).where(story_versions.c.story == story)
            ).scalars()
            return StoredStory(
                row.id, tuple(sorted(versions)), row.created, row.changed, row.merged_into
            )

    def since(self, time: datetime | None = None) -> list[StoredStory]:
        """The stories that changed at or after a time, all if None, by id; merged ones left out."""
        query = (
            select(stories, story_versions.c.version)
            .join(story_versions, story_versions.c.story == stories.c.id)
            .where(stories.c.merged_into.is_(None))
            .order_by(stories.c.id)
        )
        if time is not None:
            query = query.where(stories.c.changed >= time)
        with self._store.reading() as connection:
            rows = groupby(connection.execute(query).all(), key=lambda row: row[:3])
            return [
                StoredStory(story, tuple(sorted(row.version for row in own)), created, changed)
                for (story, created, changed), own in rows
            ]

    def story_of(self, version: str) -> str | None:
        """The id of the story that a version tells."""
        with self._store.reading() as connection:
            return connection.execute(
                select(story_versions.c.story).where(story_versions.c.version == version)
            ).scalar()

    def events(self, since: datetime) -> list[StoryEvent]:
        """What happened at or after a time, oldest first."""
        query = (
            select(story_events)
            .where(story_events.c.at >= since)
            .order_by(story_events.c.at, story_events.c.story, story_events.c.kind)
        )
        with self._store.reading() as connection:
            return [StoryEvent(**row) for row in connection.execute(query).mappings()]
