"""Which versions are heard as witnesses of each cell of a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from statistics import fmean

from audit.align.copies import story_copies
from audit.model import Row, Story
from audit.model.evidence import Heard

LONGEST_CELL = 200
"""Longest cell in tokens that the language model weighs against witnesses: it runs the whole cell
each time, and what is longer is no sentence of news."""

Likeness = Mapping[tuple[str, str], float]
"""How alike two versions of a row say it, by (a, b) with a < b."""


def with_hearing(story: Story) -> Story:
    """The story with the witnesses of each cell.

    One of each group of copies, and never the version's own: a reprint that repeats a fault does
    not support it, and forty reprints are one witness.
    """
    groups = [sorted(group) for group in story_copies(story)]
    found: dict[tuple[str, str], Heard] = {}
    for row in story.rows:
        likeness = row_likeness(story, row)
        for version in row.cells:
            present = ([v for v in g if v in row.cells] for g in groups if version not in g)
            witnesses = sorted(vs[0] for vs in present if vs)
            found[row.id, version] = hear(version, witnesses, likeness)
    return replace(story, heard=found)


def hear(version: str, witnesses: Sequence[str], likeness: Likeness) -> Heard:
    """What is to be known of a cell's witnesses.

    The key witness is the one most like the other witnesses; of two, the one more like the version.
    """

    def like(a: str, b: str) -> float:
        return likeness.get((min(a, b), max(a, b)), 0.0)

    def centre(w: str) -> tuple[float, float]:
        return sum(like(w, other) for other in witnesses if other != w), like(w, version)

    pairs = [likeness[p] for p in combinations(sorted(witnesses), 2) if p in likeness]
    return Heard(
        tuple(witnesses),
        max(witnesses, key=centre, default=None),
        fmean(pairs) if pairs else None,
    )


def row_likeness(story: Story, row: Row) -> dict[tuple[str, str], float]:
    """How alike two versions of a row say it, by (a, b) with a < b: mean of best cosines."""
    return {
        (a, b): float(m.similarity.max(axis=1).mean())
        for a, b in combinations(sorted(row.cells), 2)
        if (m := story.match(row, a, b)) is not None and m.similarity.size
    }
