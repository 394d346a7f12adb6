"""Other versions of an article, among those that the nightly run has stored."""

from __future__ import annotations

from datetime import UTC, datetime

from audit.align.embed import Embedder
from audit.model import Article, Version
from audit.store.articles import Articles
from audit.store.database import Store
from audit.store.members import Members
from audit.stories import Member, StoryIndex, lead_vectors

MOST = 6
"""Siblings that an article is compared with; more make it slower and hardly surer."""


class Siblings:
    """Finds them with the index of stories, which is kept in memory and read anew when a night has
    changed it. For one thread."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._index = StoryIndex()
        self._state: tuple[object, ...] = ()

    def refresh(self) -> None:
        """Read the index anew if it has changed. Raises StoreError."""
        members = Members(self._store)
        if (state := members.state()) != self._state:
            self._index = StoryIndex.restored(Member(**row) for row in members.all())
            self._state = state

    def of(self, version: Version, room: int) -> list[Version]:
        """The articles that tell the story of a version, as the index of stories decides; nothing
        is stored. `room` is how many characters they may have together.

        Raises StoreError, ModelError.
        """
        self.refresh()
        article = Article(
            url=version.url or version.id,
            outlet=version.outlet or "",
            title=version.title or "",
            published=None,
            language=version.language,
            text=version.text,
            feed="",
            fetched=datetime.now(UTC),
        )
        (vector,) = lead_vectors([article], self._embedder)
        found: list[Version] = []
        for other in Articles(self._store).get(self._index.beside(article, vector)):
            room -= len(other.text)
            if other.unscored is None and other.text != version.text and room >= 0:
                found.append(other.version())
        return found[:MOST]
