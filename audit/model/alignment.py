"""Rows of sentences that say the same thing, and which words in them stand for which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from audit.model.text import Sentence, Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Row:
    """Sentences of several versions that say the same thing.

    `cells` maps a version id to the indices of its sentences in this row, in text order.
    A version that does not say it is absent. Every sentence lies in exactly one row.
    """

    id: str
    cells: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class CellMatch:
    """How the words of one version's cell correspond to the words of another's.

    `a_tokens` and `b_tokens` are all tokens of the two cells in text order, `similarity` their
    cosine similarities (len(a_tokens) × len(b_tokens); 0 where a token is punctuation), `pairs`
    the linked indices (i, j), each with `similarity[i, j]` above the linking threshold.
    """

    a_tokens: tuple[Token, ...]
    b_tokens: tuple[Token, ...]
    similarity: NDArray[np.float32]
    pairs: tuple[tuple[int, int], ...]

    def partners(self, i: int) -> tuple[int, ...]:
        """Indices of the b tokens that are linked to a token `i`."""
        return tuple(b for a, b in self.pairs if a == i)

    def transposed(self) -> CellMatch:
        """The same correspondence seen from the other cell."""
        pairs = tuple(sorted((b, a) for a, b in self.pairs))
        return CellMatch(self.b_tokens, self.a_tokens, self.similarity.T, pairs)


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The versions that count as witnesses of a cell, copies once.

    `key` is the one that stands for all of them; `likeness` how alike they say it among themselves,
    0 to 1, None for fewer than two. `beside` are all versions of the row, copies once: no evidence
    of a fault, but what the sentence is measured by for its risk.
    """

    versions: tuple[str, ...]
    key: str | None
    likeness: float | None
    beside: tuple[str, ...] = ()


class Degree(IntEnum):
    """How near two cells are, from far to near; each degree includes what the lower ones say."""

    APART = 0
    """A place or a topic in common, nothing else: no evidence of anything."""
    EVENT = 1
    """The same event, other claims."""
    STATEMENT = 2
    """The same statement, retold."""
    TEXT = 3
    """The same text: agency copy."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near two cells are; `probability` is that they express one statement, 0 to 1."""

    degree: Degree
    probability: float


@dataclass(frozen=True)
class OtherCell:
    """A cell seen from another cell of its row.

    `forms` are its tokens in lower case. `match` links the words of the cell that looks (a) with
    those of this one (b); None where no links were made.
    """

    version: str
    sentences: tuple[Sentence, ...]
    forms: tuple[str, ...]
    match: CellMatch | None
    nearness: Nearness

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens of the cell."""
        return tuple(t for s in self.sentences for t in s.tokens)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the cell in lower case."""
        return frozenset(f for f, t in zip(self.forms, self.tokens, strict=True) if t.is_word)

    @cached_property
    def pairs(self) -> dict[tuple[str, str], tuple[Token, Token]]:
        """Neighbouring tokens of the cell, punctuation included, by their forms."""
        return dict(zip(pairwise(self.forms), pairwise(self.tokens), strict=True))

    @cached_property
    def text(self) -> str:
        """The text of the cell."""
        return " ".join(s.text for s in self.sentences)

    def linked(self, start: int, end: int) -> tuple[Token, ...]:
        """The tokens linked to the other cell's tokens within [start, end), in text order."""
        if self.match is None:
            return ()
        own = set(indices(self.match.a_tokens, start, end))
        found = sorted({j for i, j in self.match.pairs if i in own})
        return tuple(self.match.b_tokens[j] for j in found)


def indices(tokens: tuple[Token, ...], start: int, end: int) -> list[int]:
    """Indices of the tokens that overlap [start, end)."""
    return [i for i, t in enumerate(tokens) if t.start < end and start < t.end]
