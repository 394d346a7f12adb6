"""What is known of each feed and page from earlier nights: `audit.feeds.state.FeedState`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select

from audit.feeds.state import FeedState, Known
from audit.store.database import Store, put
from audit.store.schema import feeds, pages


class FeedStates(FeedState):
    """The state of the feeds and pages of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def feed(self, url: str) -> Known | None:
        """What is known of a feed."""
        return self._get(feeds, url)

    def page(self, url: str) -> Known | None:
        """What is known of a page."""
        return self._get(pages, url)

    def recent(self, feed: str, since: datetime) -> Sequence[str]:
        """The pages of a feed that were had first at `since` or later and are not gone, in the
        order in which they came."""
        query = (
            select(pages.c.url)
            .where(pages.c.feed == feed, pages.c.first >= since, pages.c.gone.is_(False))
            .order_by(pages.c.first, pages.c.url)
        )
        with self._store.reading() as connection:
            return connection.execute(query).scalars().all()

    def keep_feed(self, url: str, known: Known) -> None:
        """Remember what is known of a feed."""
        self._put(feeds, url, known)

    def keep_page(self, url: str, known: Known) -> None:
        """Remember what is known of a page."""
        self._put(pages, url, known)

    def feeds(self) -> dict[str, Known]:
        """All feeds that were ever asked, by address."""
        with self._store.reading() as connection:
            rows = connection.execute(select(feeds).order_by(feeds.c.url)).mappings()
            return {row["url"]: _known(row) for row in rows}

    def forget_pages(self, before: datetime) -> int:
        """Drop the pages last had before a time; how many."""
        with self._store.unit() as connection:
            return connection.execute(delete(pages).where(pages.c.seen < before)).rowcount

    def _get(self, table: Table, url: str) -> Known | None:
        with self._store.reading() as connection:
            row = connection.execute(select(table).where(table.c.url == url)).mappings().first()
        return None if row is None else _known(row)

    def _put(self, table: Table, url: str, known: Known) -> None:
        with self._store.unit() as connection:
            put(connection, table, [{"url": url, **asdict(known)}])


def _known(row: Any) -> Known:
    return Known(**{k: v for k, v in row.items() if k != "url"})
