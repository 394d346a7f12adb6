"""Each sentence read by the language model after a witness's sentence, and the witness's after it.

A word that the witness has in any form is hardly surprising to one who has just read the witness;
a garbled one still is. What the witness says and this version lacks is surprising the other way
round. These are the precision and the recall of BARTScore (Yuan et al. 2021), in the manner of
Prism (Thompson & Post 2020), with the causal model that is here anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from audit.judge.hearing import LONGEST
from audit.model import Retelling, Sentence, Story

if TYPE_CHECKING:
    from audit.fluency.surprisal import SurprisalModel

Cell = tuple[Sentence, ...]
Place = tuple[str, str]
"""A row's id and a version's."""


def with_retellings(stories: Sequence[Story], model: SurprisalModel) -> list[Story]:
    """The stories with every cell read after its key witness's, and the other way round.

    Cells without a witness, or beside an endless sentence, have none. The stories must have their
    witnesses.
    """
    laid = [dict(_beside(story)) for story in stories]
    pairs: dict[tuple[Cell, Cell], None] = {}
    for own in laid:
        pairs |= dict.fromkeys((theirs, cell) for cell, theirs in own.values())
        pairs |= dict.fromkeys(own.values())
    nats = dict(zip(pairs, model.words_after(list(pairs)), strict=True))
    return [
        replace(
            story,
            retellings={
                place: Retelling(nats[theirs, cell], nats[cell, theirs])
                for place, (cell, theirs) in own.items()
            },
        )
        for story, own in zip(stories, laid, strict=True)
    ]


def _beside(story: Story) -> Iterator[tuple[Place, tuple[Cell, Cell]]]:
    """The sentences of each cell and those of its key witness."""
    for row in story.rows:
        for version in sorted(row.cells):
            heard = (story.heard or {}).get((row.id, version))
            if heard is None or heard.key is None:
                continue
            pair = story.cell(row, version), story.cell(row, heard.key)
            if max(sum(len(s.tokens) for s in cell) for cell in pair) <= LONGEST:
                yield (row.id, version), pair
