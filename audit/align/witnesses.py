"""Which versions count as witnesses of each cell of a story, and what each cell sees beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from itertools import combinations
from statistics import fmean

from audit.align.copies import story_copies
from audit.align.nearness import nearness
from audit.model import CellId, Degree, Nearness, OtherCell, Row, Story, Witnesses

LONGEST_CELL = 200
"""Longest cell in tokens that the language model weighs against witnesses: it runs the whole cell
each time, and what is longer is no sentence of news."""

_FAR = Nearness(Degree.APART, 0.0)
"""Two cells without word links."""

Likeness = Mapping[tuple[str, str], float]
"""How alike two versions of a row say it, by (a, b) with a < b."""


def with_witnesses(story: Story) -> Story:
    """The story with its groups of copies, the witnesses of each cell and the cells beside it.

    A witness expresses the same statement. Of each group of copies one counts, and never the
    version's own: a reprint that repeats a fault does not support it, and forty reprints are one
    witness.
    """
    copies = story_copies(story)
    groups = [sorted(group) for group in copies]
    found: dict[CellId, Witnesses] = {}
    others: dict[CellId, tuple[OtherCell, ...]] = {}
    for row in story.rows:
        likeness = row_likeness(story, row)
        near = _nearness(story, row)
        for version in row.cells:
            foreign = [g for g in groups if version not in g]
            retold = {
                v for v in row.cells if near.get((version, v), _FAR).degree >= Degree.STATEMENT
            }
            witnesses = choose(version, _one_of_each(foreign, retold), likeness)
            beside = _one_of_each(foreign, row.cells.keys())
            found[row.id, version] = replace(witnesses, beside=beside)
            others[row.id, version] = _others(story, row, version, near)
    return replace(story, copies=copies, witnesses=found, others=others)


def _one_of_each(groups: Sequence[Sequence[str]], chosen: Set[str]) -> tuple[str, ...]:
    """Of each group of copies the first version that is chosen."""
    present = ([v for v in g if v in chosen] for g in groups)
    return tuple(sorted(vs[0] for vs in present if vs))


def _nearness(story: Story, row: Row) -> dict[tuple[str, str], Nearness]:
    """How near each two cells of a row are, in either order."""
    found: dict[tuple[str, str], Nearness] = {}
    for a, b in combinations(sorted(row.cells), 2):
        match = story.match(row, a, b)
        if match is not None:
            found[a, b] = found[b, a] = nearness(match, story.language)
    return found


def _others(
    story: Story, row: Row, version: str, near: Mapping[tuple[str, str], Nearness]
) -> tuple[OtherCell, ...]:
    return tuple(
        OtherCell(
            v,
            story.cell(row, v),
            tuple(f for i in row.cells[v] for f in story.annotations[v].forms[i]),
            story.match(row, version, v),
            near.get((version, v), _FAR),
        )
        for v in sorted(row.cells)
        if v != version
    )


def choose(version: str, witnesses: Sequence[str], likeness: Likeness) -> Witnesses:
    """The witnesses of a cell, with the key witness and how alike they are.

    The key witness is the one most like the other witnesses; of two, the one more like the version.
    """

    def like(a: str, b: str) -> float:
        return likeness.get((min(a, b), max(a, b)), 0.0)

    def centre(w: str) -> tuple[float, float]:
        return sum(like(w, other) for other in witnesses if other != w), like(w, version)

    pairs = [likeness[p] for p in combinations(sorted(witnesses), 2) if p in likeness]
    return Witnesses(
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
