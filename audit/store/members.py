"""The rows of the index of stories (`audit.stories.member.Member`), as plain columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select

from audit.store.database import CHUNK, Store, put
from audit.store.schema import members, runs


class Members:
    """The articles that the index of stories works with."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, rows: Iterable[Mapping[str, Any]], gone: Sequence[str] = ()) -> None:
        """Keep rows in place of those of the same article; drop those of the articles gone."""
        with self._store.unit() as connection:
            for i in range(0, len(gone), CHUNK):
                connection.execute(
                    delete(members).where(members.c.article.in_(gone[i : i + CHUNK]))
                )
            put(connection, members, rows)

    def state(self) -> tuple[object, ...]:
        """What is another when rows have come or gone, or a run has begun or ended: quick to ask
        for."""
        last = select(runs.c.started, runs.c.ended).order_by(runs.c.started.desc()).limit(1)
        with self._store.reading() as connection:
            count = connection.execute(select(func.count()).select_from(members)).scalar_one()
            return count, *(connection.execute(last).one_or_none() or ())

    def all(self) -> list[dict[str, Any]]:
        """The rows by article."""
        with self._store.reading() as connection:
            rows = connection.execute(select(members)).mappings().all()
        return sorted(map(dict, rows), key=lambda row: str(row["article"]))
