"""What models said of texts, by the hash of the text, so that no text is read twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate

from sqlalchemy import delete, func, select, tuple_

from audit.store.database import CHUNK, Store, put
from audit.store.schema import kept


class Kept:
    """`audit.model.Kept` in a store. `clock` says when a value was kept, for `prune`."""

    def __init__(self, store: Store, clock: Callable[[], datetime] | None = None) -> None:
        self._store = store
        self._clock = clock or (lambda: datetime.now(UTC))

    def get(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is known of the keys."""
        found: dict[bytes, bytes] = {}
        with self._store.reading() as connection:
            for at in range(0, len(keys), CHUNK):
                query = select(kept.c.key, kept.c.value).where(
                    kept.c.kind == kind, kept.c.key.in_(keys[at : at + CHUNK])
                )
                found |= {bytes(row.key): bytes(row.value) for row in connection.execute(query)}
        return found

    def put(self, kind: str, values: Mapping[bytes, bytes]) -> None:
        """Keep values; those of known keys stay as they are."""
        if not values:
            return
        now = self._clock()
        rows = [{"kind": kind, "key": k, "value": v, "at": now} for k, v in values.items()]
        with self._store.unit() as connection:
            put(connection, kept, rows, change=())

    def size(self) -> int:
        """Bytes of all values."""
        with self._store.reading() as connection:
            return int(
                connection.execute(
                    select(func.coalesce(func.sum(func.length(kept.c.value)), 0))
                ).scalar_one()
            )

    def prune(self, before: datetime, kind: str = "") -> int:
        """Drop what was kept before a time, of kinds that begin so; how many values.

        A text that comes again is then read again.
        """
        chosen = kept.c.kind.startswith(kind, autoescape=True)
        with self._store.unit() as connection:
            return connection.execute(delete(kept).where(kept.c.at < before, chosen)).rowcount

    def shrink(self, size: int) -> int:
        """Drop the oldest values, some hundreds at most, while all together are more bytes than
        `size`; how many values. Nothing is left to do when it returns 0."""
        excess = self.size() - size
        if excess <= 0:
            return 0
        length = func.length(kept.c.value).label("length")
        with self._store.unit() as connection:
            oldest = connection.execute(
                select(kept.c.kind, kept.c.key, length).order_by(kept.c.at).limit(CHUNK // 2)
            ).all()
            before = accumulate((row.length for row in oldest), initial=0)
            gone = [
                (row.kind, row.key)
                for row, dropped in zip(oldest, before, strict=False)
                if dropped < excess
            ]
            return connection.execute(
                delete(kept).where(tuple_(kept.c.kind, kept.c.key).in_(gone))
            ).rowcount
