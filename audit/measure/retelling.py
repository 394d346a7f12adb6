"""Each sentence read by the language model after a witness's sentence, and the witness's after it.

A word that the witness has in any form is hardly surprising to one who has just read the witness;
a garbled one still is. What the witness says and this version lacks is surprising the other way
round. These are the precision and the recall of BARTScore (Yuan et al. 2021), in the manner of
Prism (Thompson & Post 2020), with the causal model that is here anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
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
    chosen: Iterable[Collection[CellId]] | None = None,
) -> list[Story]:
    """The stories with cells read after their key witness's, and the other way round.

    `chosen` are the cells that are read of each story, all of them by default. Cells without a witness, or beside an endless sentence, have none. The stories must have their
    witnesses.
    """
    laid = [list(_beside(story)) for story in stories]
    if chosen is not None:
        laid = [
            [beside for beside in own if beside[0] in cells]
            for own, cells in zip(laid, chosen, strict=True)
        ]
    pairs = [p for own in laid for _, cell, theirs in own for p in ((theirs, cell), (cell, theirs))]
    nats = iter(model.words_after(pairs))
    return [
        replace(story, retellings={at: Retelling(next(nats), next(nats)) for at, _, _ in own})
        for story, own in zip(stories, laid, strict=True)
    ]


def _beside(story: Story) -> Iterator[tuple[CellId, Cell, Cell]]:
    """Row id and version id of each cell, its sentences and those of its key witness."""
    for row in story.rows:
        for version in sorted(row.cells):
            key = story.witnesses[row.id, version].key
            if key is None:
                continue
            own, theirs = story.cell(row, version), story.cell(row, key)
            if max(sum(len(s.tokens) for s in cell) for cell in (own, theirs)) <= LONGEST_CELL:
                yield (row.id, version), own, theirs
