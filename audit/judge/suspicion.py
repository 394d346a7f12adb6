"""How likely it is that a careful reader marks a word as wrong, told by trained trees.

Two forests read the evidence of a word (`audit.judge.evidence`): one for any fault, one for a
serious one. `scripts/train_word_model.py` makes them; `docs/word-model.md` is their data card.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from audit.judge.evidence import COLUMNS, cell_evidence
from audit.judge.trees import Forest, loads
from audit.model import Story, Suspicion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def suspicions(story: Story) -> dict[str, tuple[tuple[Suspicion, ...], ...]]:
    """Suspicion of every token of every sentence, by version id.

    The story must have its surprisal. All words are judged in one pass over each forest.
    """
    import numpy as np

    everyone = [v.id for v in story.versions]
    places: list[tuple[str, int, int]] = []
    tables: list[NDArray[np.float32]] = []
    for row in story.rows:
        for version, cell in row.cells.items():
            _, table = cell_evidence(story, row, version, everyone)
            tables.append(table)
            places += [(version, i, len(story.sentences[version][i].tokens)) for i in cell]
    out: dict[str, list[tuple[Suspicion, ...]]] = {
        v: [()] * len(own) for v, own in story.sentences.items()
    }
    if tables:
        table = np.concatenate(tables)
        pairs = zip(
            _forest("any").probability(table).tolist(),
            _forest("serious").probability(table).tolist(),
            strict=True,
        )
        for version, index, size in places:
            out[version][index] = tuple(Suspicion(*next(pairs)) for _ in range(size))
    return {v: tuple(own) for v, own in out.items()}


@cache
def _forest(name: str) -> Forest:
    file = resources.files("audit.judge").joinpath(f"data/word_{name}.json")
    forest = loads(json.loads(file.read_text("utf-8")))
    if forest.columns != COLUMNS:
        raise ValueError(f"{file} was trained on other columns; run scripts/train_word_model.py")
    return forest
