"""How likely it is that a careful reader marks a word as wrong, by trained trees.

Two forests read the evidence of a word (`audit.judge.evidence`): one for any fault, one for a
serious one. `scripts/calibrate.py` makes them for a language; docs/calibration.md is their data
card. Nothing is doubted in a language that has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from audit.judge.evidence import COLUMNS, cell_evidence
from audit.judge.measures import sentence_measures
from audit.judge.trees import trained_forest
from audit.model import CellId, Doubt, Language, Place, Story

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TRIED = 0.3
"""Least doubt of a word at or beside a place where an edit is tried: each costs a run of the
language model, and of what it proposes for less doubted words next to nothing is reported."""


RETOLD = 0.12
"""Least doubt of a word of a cell that is read after its key witness's: what is doubted less is
hardly ever reported. The witness's is read after it from TRIED on."""


def with_doubts(story: Story, cells: Collection[CellId] | None = None) -> Story:
    """The story with the doubt of every word and the measures of every sentence.

    With `cells`, by row and version, those of their words and sentences alone are judged anew.
    All words are judged in one pass over each forest. A sentence is measured beside all versions of
    its row: else a fault that makes it unlike its witness would lower its risk. The story must have
    its witnesses.
    """
    import numpy as np

    places: list[tuple[Place, int]] = []
    tables: list[NDArray[np.float32]] = []
    for row in story.rows:
        for version, cell in row.cells.items():
            if cells is not None and (row.id, version) not in cells:
                continue
            witnesses = story.witnesses[row.id, version]
            for used in dict.fromkeys((witnesses.versions, witnesses.beside)):
                tables.append(cell_evidence(story, row, version, used))
                places += [((version, i), len(story.sentences[version][i].tokens)) for i in cell]
    doubts: dict[Place, tuple[Doubt, ...]] = {}
    measures: dict[Place, Mapping[str, float]] = {}
    if tables:
        table = np.concatenate(tables)
        fault, serious = _probabilities(table, story.language)
        at = 0
        for place, size in places:
            inside = slice(at, at + size)
            at += size
            pairs = zip(fault[inside].tolist(), serious[inside].tolist(), strict=True)
            doubts.setdefault(place, tuple(doubt(a, b) for a, b in pairs))
            measures[place] = sentence_measures(table[inside], fault[inside])
    return replace(
        story, doubts={**story.doubts, **doubts}, measures={**story.measures, **measures}
    )


def doubtful(story: Story) -> dict[CellId, bool]:
    """The cells that have a word doubted enough to be read after their key witness's, by row and
    version, and whether it is doubted enough to read the witness's after them too."""
    most = {
        (row.id, version): max((d.any for i in cell for d in story.doubts[version, i]), default=0.0)
        for row in story.rows
        for version, cell in row.cells.items()
    }
    return {cell: doubt >= TRIED for cell, doubt in most.items() if doubt >= RETOLD}


def doubt(fault: float, serious: float) -> Doubt:
    """A doubt from what the two forests say: a serious fault is a fault."""
    return Doubt(fault, min(fault, serious))


def greatest(doubts: Iterable[Doubt]) -> Doubt:
    """The greatest doubt of several words, of either kind."""
    pairs = [(d.any, d.serious) for d in doubts]
    return Doubt(max(a for a, _ in pairs), max(b for _, b in pairs))


def _probabilities(
    table: NDArray[np.float32], language: Language
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each word that it is marked as any fault, and as a serious one."""
    import numpy as np

    forests = [trained_forest(language, name, COLUMNS) for name in ("word_any", "word_serious")]
    fault, serious = (f.probability(table) if f else np.zeros(len(table)) for f in forests)
    return fault, serious
