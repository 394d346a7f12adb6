"""Stories: which versions tell each, and what happened to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import Connection, select, update

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
        """Let a story have these versions, besides those that it has; no other story has them then.

        So a split takes away what the new story is given, and what is too old to be listed stays.
        A story that has these versions already is not changed. One that is left without versions
        stays, since reports and events name it.
        """
        with self._store.unit() as connection:
            put(
                connection,
                stories,
                [{"id": story, "created": at, "changed": at, "merged_into": None}],
                change=(),
            )
            connection.execute(
                update(stories).where(stories.c.id == story).values(merged_into=None)
            )
            had: dict[str, str] = {}
            for i in range(0, len(versions), CHUNK):
                query = select(story_versions.c.version, story_versions.c.story).where(
                    story_versions.c.version.in_(versions[i : i + CHUNK])
                )
                had |= {row.version: row.story for row in connection.execute(query)}
            come = sorted(v for v in set(versions) if had.get(v) != story)
            rows = [{"version": v, "story": story, "since": at} for v in come]
            put(connection, story_versions, rows)
            if come:
                _touch(connection, {story, *(had[v] for v in come if v in had)}, at)

    def record(self, events: Sequence[StoryEvent]) -> None:
        """Keep what happened. A story that was merged is from then on known as the other, which
        has all its versions."""
        with self._store.unit() as connection:
            put(connection, story_events, [asdict(e) for e in events], change=())
            for e in events:
                if e.kind == "merged":
                    connection.execute(
                        update(story_versions)
                        .where(story_versions.c.story == e.story)
                        .values(story=e.other, since=e.at)
                    )
                    connection.execute(
                        update(stories).where(stories.c.id == e.story).values(merged_into=e.other)
                    )
                    _touch(connection, {e.story, e.other}, e.at)

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

    def versions(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """The versions of each of these stories, by id; those without any left out."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        with self._store.reading() as connection:
            for at in range(0, len(ids), CHUNK):
                query = (
                    select(story_versions.c.story, story_versions.c.version)
                    .where(story_versions.c.story.in_(ids[at : at + CHUNK]))
                    .order_by(story_versions.c.version)
                )
                for story, version in connection.execute(query):
                    found[story].append(version)
        return dict(found)

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


def _touch(connection: Connection, ids: Collection[str], at: datetime) -> None:
    """Let stories have changed at a time, unless they did later."""
    connection.execute(
        update(stories)
        .where(stories.c.id.in_(sorted(ids)), stories.c.changed < at)
        .values(changed=at)
    )
