"""The second part of a night: put what came into stories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from audit.align.embed import Embedder
from audit.nightly.fetch import Progress
from audit.nightly.log import Log
from audit.store.articles import Articles
from audit.store.database import Store
from audit.store.members import Members
from audit.store.stories import Stories, StoryEvent
from audit.store.waiting import Waiting
from audit.stories import Changes, Member, StoryIndex, lead_vectors
from audit.stories.index import KEEP_DAYS, MOST_ARTICLES

__all__ = ["place"]

TOGETHER = 256
"""Articles whose leads are embedded at once; what a night has embedded is kept if it breaks off."""


def place(
    store: Store,
    run: datetime,
    embedder: Embedder,
    log: Log,
    progress: Progress | None = None,
) -> StoryIndex:
    """Place all articles that the index does not know as they are; returns the index.

    What becomes of the stories is one unit of work. Raises ModelError if there is no encoder.
    """
    stories = Stories(store)
    index = StoryIndex.restored(
        (Member(**row) for row in Members(store).all()),
        is_taken=lambda story: stories.get(story) is not None,
    )
    articles = Articles(store).get(Articles(store).unplaced(_oldest(index, run)))
    vectors = []
    for at in range(0, len(articles), TOGETHER):
        vectors += lead_vectors(articles[at : at + TOGETHER], embedder)
        if progress:
            progress("articles", len(vectors), len(articles))
    changes = index.add(articles, vectors)
    with store.unit():
        _store(store, changes, run)
    log.info(
        "place",
        status="done",
        articles=len(articles),
        new=len(changes.new),
        grown=len(changes.grown),
        merged=len(changes.merged),
        split=len(changes.split),
    )
    return index


def _oldest(index: StoryIndex, run: datetime) -> datetime:
    """When the oldest article of the index was fetched if it is full, else its window's begin."""
    begin = run - timedelta(days=KEEP_DAYS)
    if len(index.members) < MOST_ARTICLES:
        return begin
    return max(begin, min(m.fetched for m in index.members.values()))


def _store(store: Store, changes: Changes, run: datetime) -> None:
    stories, waiting = Stories(store), Waiting(store)
    for story, articles in changes.stories.items():
        stories.put(story, articles, run)
    stories.record(list(_events(changes, run)))
    Members(store).put((asdict(row) for row in changes.rows), changes.gone)
    waiting.add(changes.stories, run)
    for story in changes.merged:
        waiting.remove(story)


def _events(changes: Changes, run: datetime) -> Iterator[StoryEvent]:
    """What happened to stories, as the store has it."""
    for story in changes.new:
        yield StoryEvent(run, "new", story)
    for story, articles in changes.grown.items():
        for article in articles:
            yield StoryEvent(run, "grown", story, article)
    for story, other in changes.merged.items():
        yield StoryEvent(run, "merged", story, other)
    for story, other in changes.split.items():
        yield StoryEvent(run, "split", other, story)
