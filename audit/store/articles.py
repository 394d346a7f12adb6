"""Articles: each is a version of a story, and what it said at a time is a snapshot of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from audit.model import Article
from audit.store.database import CHUNK, Store, put
from audit.store.packed import packed, unpacked
from audit.store.schema import members, snapshots, versions


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """An article without its text: its id, how long it has been seen, and its newest digest."""

    id: str
    url: str
    outlet: str
    title: str
    digest: str
    unscored: str | None
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Brought:
    """How many articles of a run are new, how many changed, and how many of both cannot be
    scored."""

    new: int
    changed: int
    unscored: int


class Articles:
    """The articles of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, article: Article) -> bool:
        """Keep an article as it was fetched; whether it says something that was not known.

        A snapshot is kept only where the article differs from the one before it. What was stored
        already is not stored again, in whatever order articles come. One of the same time that says
        something else, from a run that was taken up again, takes the place of that one.
        """
        with self._store.unit() as connection:
            before = self._before(connection, article)
            is_new = before is None or before.digest != article.digest
            put(connection, versions, [_row(article)], change=())
            if is_new:
                put(connection, snapshots, [_snapshot(article)])
            self._renew(connection, article, is_new)
            return is_new

    def get(self, ids: Sequence[str]) -> list[Article]:
        """The newest snapshots of these versions, in their order; those not known are left out."""
        newest = (
            select(snapshots.c.version, func.max(snapshots.c.fetched).label("fetched"))
            .group_by(snapshots.c.version)
            .subquery()
        )
        found: dict[str, Article] = {}
        with self._store.reading() as connection:
            for at in range(0, len(ids), CHUNK):
                query = (
                    select(snapshots, versions.c.url, versions.c.outlet)
                    .join(versions, versions.c.id == snapshots.c.version)
                    .join(
                        newest,
                        (newest.c.version == snapshots.c.version)
                        & (newest.c.fetched == snapshots.c.fetched),
                    )
                    .where(snapshots.c.version.in_(ids[at : at + CHUNK]))
                )
                found |= {row.version: _article(row) for row in connection.execute(query)}
        return [found[i] for i in ids if i in found]

    def snapshots(self, version: str) -> list[Article]:
        """What a version has said, oldest first."""
        query = (
            select(snapshots, versions.c.url, versions.c.outlet)
            .join(versions, versions.c.id == snapshots.c.version)
            .where(snapshots.c.version == version)
            .order_by(snapshots.c.fetched)
        )
        with self._store.reading() as connection:
            return [_article(row) for row in connection.execute(query)]

    def seen(self, since: datetime | None = None) -> list[SeenVersion]:
        """The versions last seen at or after a time, by id; all if None."""
        query = select(versions).order_by(versions.c.id)
        if since is not None:
            query = query.where(versions.c.last_seen >= since)
        with self._store.reading() as connection:
            return [_seen(row) for row in connection.execute(query).mappings()]

    def known(self, ids: Sequence[str]) -> dict[str, SeenVersion]:
        """What is known of these versions, without their texts."""
        found: dict[str, SeenVersion] = {}
        with self._store.reading() as connection:
            for at in range(0, len(ids), CHUNK):
                query = select(versions).where(versions.c.id.in_(ids[at : at + CHUNK]))
                found |= {row["id"]: _seen(row) for row in connection.execute(query).mappings()}
        return found

    def came(self, at: datetime) -> list[SeenVersion]:
        """The versions that the run which began at a time found new or changed, by outlet, title
        and id. New ones were first seen then."""
        query = (
            select(versions)
            .join(snapshots, snapshots.c.version == versions.c.id)
            .where(snapshots.c.fetched == at)
            .order_by(versions.c.outlet, versions.c.title, versions.c.id)
        )
        with self._store.reading() as connection:
            return [_seen(row) for row in connection.execute(query).mappings()]

    def newest(self) -> dict[str, datetime]:
        """When each feed brought its last new article."""
        query = select(versions.c.feed, func.max(versions.c.first_seen)).group_by(versions.c.feed)
        with self._store.reading() as connection:
            return {row.feed: row[1] for row in connection.execute(query)}

    def brought(self, at: datetime, feed: str | None = None) -> Brought:
        """What the run that began at a time brought, from one feed or from all."""
        is_first = case((versions.c.first_seen == at, 1), else_=0)
        query = (
            select(func.count(), func.sum(is_first), func.count(snapshots.c.unscored))
            .select_from(snapshots.join(versions, versions.c.id == snapshots.c.version))
            .where(snapshots.c.fetched == at)
        )
        if feed is not None:
            query = query.where(snapshots.c.feed == feed)
        with self._store.reading() as connection:
            total, new, unscored = connection.execute(query).one()
        return Brought(new or 0, total - (new or 0), unscored)

    def unplaced(self, since: datetime) -> list[str]:
        """The versions last seen at or after a time that can be scored and that the index of
        stories does not know as they are."""
        query = (
            select(versions.c.id)
            .outerjoin(members, members.c.article == versions.c.id)
            .where(
                versions.c.last_seen >= since,
                versions.c.unscored.is_(None),
                members.c.digest.is_(None) | (members.c.digest != versions.c.digest),
            )
            .order_by(versions.c.id)
        )
        with self._store.reading() as connection:
            return list(connection.execute(query).scalars())

    def first_seen(self, ids: Sequence[str]) -> dict[str, datetime]:
        """When each of these versions was seen first."""
        found: dict[str, datetime] = {}
        with self._store.reading() as connection:
            for at in range(0, len(ids), CHUNK):
                query = select(versions.c.id, versions.c.first_seen).where(
                    versions.c.id.in_(ids[at : at + CHUNK])
                )
                found |= {row.id: row.first_seen for row in connection.execute(query)}
        return found

    def _before(self, connection: Connection, article: Article) -> Any:
        """The snapshot that held when the article was fetched."""
        return connection.execute(
            select(snapshots.c.digest, snapshots.c.fetched)
            .where(snapshots.c.version == article.id, snapshots.c.fetched <= article.fetched)
            .order_by(snapshots.c.fetched.desc())
            .limit(1)
        ).first()

    def _renew(self, connection: Connection, article: Article, is_new: bool) -> None:
        """Let the version be what its newest snapshot is, seen from the first time to the last."""
        this = versions.c.id == article.id
        seen = connection.execute(
            select(versions.c.first_seen, versions.c.last_seen).where(this)
        ).one()
        change: dict[str, Any] = {
            "first_seen": min(seen.first_seen, article.fetched),
            "last_seen": max(seen.last_seen, article.fetched),
        }
        if is_new and article.fetched >= seen.last_seen:
            change = _row(article) | change
        connection.execute(versions.update().where(this).values(change))


def _seen(row: Any) -> SeenVersion:
    return SeenVersion(**{name: row[name] for name in SeenVersion.__slots__})


def _row(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "url": article.url,
        "outlet": article.outlet,
        "title": article.title,
        "published": article.published,
        "language": article.language,
        "feed": article.feed,
        "digest": article.digest,
        "unscored": article.unscored,
        "first_seen": article.fetched,
        "last_seen": article.fetched,
    }


def _snapshot(article: Article) -> dict[str, Any]:
    return {
        "version": article.id,
        "fetched": article.fetched,
        "digest": article.digest,
        "title": article.title,
        "text": packed(article.text),
        "published": article.published,
        "language": article.language,
        "feed": article.feed,
        "unscored": article.unscored,
    }


def _article(row: Any) -> Article:
    return Article(
        url=row.url,
        outlet=row.outlet,
        title=row.title,
        published=row.published,
        language=row.language,
        text=unpacked(row.text),
        feed=row.feed,
        fetched=row.fetched,
        unscored=row.unscored,
    )
