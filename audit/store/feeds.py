"""What is known of each feed and page from earlier fetches: conditional GET, misses, silence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select

from audit.store.database import Store, put
from audit.store.schema import feeds, pages


@dataclass(frozen=True, slots=True)
class FetchState:
    """What the last fetches of an address gave.

    `etag` and `modified` are the server's, as it sent them. `misses` counts the fetches in a row
    that brought nothing; `fetched` is the last fetch, `brought` the last that brought something,
    `status` how the last ended. `version` is the id of the article that a page gave.
    """

    etag: str | None = None
    modified: str | None = None
    misses: int = 0
    fetched: datetime | None = None
    brought: datetime | None = None
    status: str | None = None
    version: str | None = None


class FeedStates:
    """The state of the feeds and pages of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def feed(self, url: str) -> FetchState:
        """What is known of a feed; nothing of one that was never fetched."""
        return self._get(feeds, url)

    def page(self, url: str) -> FetchState:
        """What is known of a page; nothing of one that was never fetched."""
        return self._get(pages, url)

    def put_feed(self, url: str, state: FetchState) -> None:
        """Keep the state of a feed; it has no `version`."""
        row = asdict(state)
        del row["version"]
        self._put(feeds, url, row)

    def put_page(self, url: str, state: FetchState) -> None:
        """Keep the state of a page."""
        self._put(pages, url, asdict(state))

    def feeds(self) -> dict[str, FetchState]:
        """All feeds that were ever fetched."""
        with self._store.reading() as connection:
            rows = connection.execute(select(feeds).order_by(feeds.c.url)).mappings()
            return {row["url"]: _state(row) for row in rows}

    def forget_pages(self, before: datetime) -> int:
        """Drop the pages last fetched before a time; how many."""
        with self._store.unit() as connection:
            return connection.execute(delete(pages).where(pages.c.fetched < before)).rowcount

    def _get(self, table: Table, url: str) -> FetchState:
        with self._store.reading() as connection:
            row = connection.execute(select(table).where(table.c.url == url)).mappings().first()
        return FetchState() if row is None else _state(row)

    def _put(self, table: Table, url: str, row: dict[str, Any]) -> None:
        with self._store.unit() as connection:
            put(connection, table, [{"url": url, **row}])


def _state(row: Any) -> FetchState:
    return FetchState(**{k: v for k, v in row.items() if k != "url"})
