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


def siblings(store: Store, version: Version, embedder: Embedder, room: int) -> list[Version]:
    """The articles that tell the story of a version, as the index of stories decides; nothing is
    stored. `room` is how many characters they may have together.

    Raises StoreError, ModelError.
    """
    index = StoryIndex.restored(Member(**row) for row in Members(store).all())
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
    index.add([article], lead_vectors([article], embedder))
    known = index.members.get(article.id)
    ids = [a for a in index.stories[known.story] if a != article.id] if known else []
    found: list[Version] = []
    for other in Articles(store).get(ids):
        room -= len(other.text)
        if other.unscored is None and other.text != version.text and room >= 0:
            found.append(other.version())
    return found[:MOST]
