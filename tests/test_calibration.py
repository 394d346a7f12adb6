"""What the word forests learn from: words as an audit sees them, without and with retellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from calibration.words import Words, with_retold, words_of

from audit.config import Settings
from audit.judge.doubts import RETOLD
from audit.judge.evidence import COLUMNS
from audit.model import Sentence, Story, Version
from audit.pipeline import NO_MODEL, Engine

TEXT = "The dam broke on Monday in the north of the country. Nobody in the town was hurt."
OTHER = "On Monday the dam broke in the north of the country. No one in the town was hurt."


class Ear:
    """A language model to whom every word is as surprising as any other after a witness."""

    def words_after(
        self, pairs: Sequence[tuple[Sequence[Sentence], Sequence[Sentence]]]
    ) -> list[tuple[float, ...]]:
        return [tuple(1.0 for s in second for _ in s.tokens) for _, second in pairs]


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    engine = Engine(Settings(causal_model=NO_MODEL, grammar=False))
    found = [engine.align(n, [Version("a", TEXT), Version("b", OTHER)]) for n in ("s", "t")]
    return [
        replace(
            s,
            surprisal={v: tuple((3.0,) * len(x.tokens) for x in s.sentences[v]) for v in "ab"},
        )
        for s in found
    ]


def retold(words: Words, doubted: Sequence[int]) -> Words:
    """The words after those of some cells were doubted as much as a cell must be."""
    doubts = np.zeros((len(words.label), 2))
    ends = np.cumsum([size for *_, size in words.cells])
    for k in doubted:
        doubts[ends[k] - 1, 0] = RETOLD
    return with_retold(words, doubts, Ear())  # type: ignore[arg-type]


def test_every_word_has_its_label_and_no_retelling(stories: list[Story]) -> None:
    at = TEXT.index("broke")
    words = words_of("set", stories, {("s", "a"): [(at, at + 5, "major")]})
    assert words.label.tolist().count(2) == 1
    assert not words.retold.any()
    assert np.isnan(words.table[:, COLUMNS.index("retold")]).all()
    assert sum(size for *_, size in words.cells) == len(words.label) == len(words.table)


def test_words_of_doubtful_cells_are_seen_after_their_witness(stories: list[Story]) -> None:
    words = words_of("set", stories, {})
    after = retold(words, [0, 3])
    inside = np.repeat([k in (0, 3) for k in range(len(words.cells))], [n for *_, n in words.cells])
    assert (after.retold == inside).all()
    column = after.table[:, COLUMNS.index("retold")]
    assert (column[inside] == 1.0).all()
    assert np.isnan(column[~inside]).all()
    assert np.array_equal(after.table[~inside], words.table[~inside], equal_nan=True)


def test_of_a_part_of_the_stories_alone_words_are_retold(stories: list[Story]) -> None:
    words = words_of("set", stories, {}, part=2)
    after = retold(words, range(len(words.cells)))
    first = np.repeat([at == 0 for at, *_ in words.cells], [n for *_, n in words.cells])
    assert (after.retold == first).all()
