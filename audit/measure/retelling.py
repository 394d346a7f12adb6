"""Each sentence read by the language model after a witness's sentence, and the witness's after it.

A word that the witness has in any form is hardly surprising to one who has just read the witness;
a garbled one still is. What the witness says and this version lacks is surprising the other way
round. These are the precision and the recall of BARTScore (Yuan et al. 2021), in the manner of
Prism (Thompson & Post 2020), with the causal model that is here anyway.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from audit.align.witnesses import LONGEST_CELL
from audit.model import CellId, Retelling, Sentence, Story

if TYPE_CHECKING:
    from audit.measure.surprisal import SurprisalModel

Cell = tuple[Sentence, ...]


def with_retellings(
    stories: Sequence[Story],
    model: SurprisalModel,
    chosen: Iterable[Mapping[CellId, bool]] | None = None,
) -> list[Story]:
    """The stories with cells read after their key witness's, and the other way round.

    `chosen` has the cells of each story that are read, by row and version, and whether the
    witness's is read after them as well; by default all are, both ways. Cells without a witness, or
    beside an endless sentence, have none. The stories must have their witnesses.
    """
    every: Iterable[Mapping[CellId, bool] | None] = (
        chosen if chosen is not None else [None] * len(stories)
    )
    laid = [
        [(at, cell, theirs, both is None or both[at]) for at, cell, theirs in _beside(story, both)]
        for story, both in zip(stories, every, strict=True)
    ]
    pairs = [
        pair
        for own in laid
        for _, cell, theirs, both in own
        for pair in ((theirs, cell), (cell, theirs))[: 1 + both]
    ]
    nats = iter(model.words_after(pairs))
    return [
        replace(
            story,
            retellings={
                at: Retelling(next(nats), next(nats) if both else None) for at, _, _, both in own
            },
        )
        for story, own in zip(stories, laid, strict=True)
    ]


def _beside(story: Story, chosen: Container[CellId] | None) -> Iterator[tuple[CellId, Cell, Cell]]:
    """Row and version of each chosen cell, its sentences and those of its key witness."""
    for row in story.rows:
        for version in sorted(row.cells):
            key = story.witnesses[row.id, version].key
            if key is None or (chosen is not None and (row.id, version) not in chosen):
                continue
            own, theirs = story.cell(row, version), story.cell(row, key)
            if max(sum(len(s.tokens) for s in cell) for cell in (own, theirs)) <= LONGEST_CELL:
                yield (row.id, version), own, theirs
