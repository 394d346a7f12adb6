"""Lays the sentences of stories in rows and links the words inside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from audit.align.embed import Embedder, SentenceVectors
from audit.model import Row, Story


def with_rows(stories: Sequence[Story], embedder: Embedder) -> list[Story]:
    """The stories with their rows and matches; the sentences of all of them are encoded together.

    A story of one version has each sentence in a row of its own. Raises ModelError if the encoder
    is needed and cannot be loaded.
    """
    compared = [s for s in stories if len(s.versions) > 1]
    sentences = [x for s in compared for x in s.all_sentences()]
    vectors = iter(embedder.encode(sentences) if sentences else ())
    return [_aligned(story, vectors) for story in stories]


def _aligned(story: Story, vectors: Iterator[SentenceVectors]) -> Story:
    """The story with its rows; a story of several versions takes its vectors from the front."""
    mine = list(story.all_sentences())
    if len(story.versions) == 1:
        return replace(
            story,
            rows=tuple(Row(f"R{x.index + 1:03}", {x.version: (x.index,)}) for x in mine),
        )
    from audit.align.rows import align
    from audit.align.words import link_rows

    own = list(islice(vectors, len(mine)))
    by_place: Mapping[tuple[str, int], SentenceVectors] = {
        (x.version, x.index): v for x, v in zip(mine, own, strict=True)
    }
    rows = align(mine, own)
    return replace(story, rows=rows, matches=link_rows(rows, story.sentences, by_place))
