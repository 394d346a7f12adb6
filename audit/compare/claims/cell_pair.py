"""Two cells of a row face to face: their words in lower case, who is linked to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from audit.language.en.lexicon import is_function_word
from audit.language.spelling import plain
from audit.model import CellMatch, Severity

__all__ = ["STOPS", "Facing", "Shift"]

STOPS = frozenset(".;:?!")
"""Marks that end a clause for whoever looks around a word."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One place where two cells do not say the same.

    `ours` and `theirs` are half-open ranges of token indices; `theirs` may be empty where the
    other cell has nothing to show. `says` tells the difference in words. `evidence`, 0 to 1, says
    how surely both places speak of the same thing. `swap` tells whether the other cell's words can
    simply stand in the place of ours.
    """

    kind: str
    ours: tuple[int, int]
    theirs: tuple[int, int]
    severity: Severity
    evidence: float
    says: str
    swap: bool = False


@dataclass(frozen=True)
class Facing:
    """One version's cell (`ours`) beside another's (`theirs`)."""

    match: CellMatch

    @cached_property
    def ours(self) -> tuple[str, ...]:
        """Forms of our tokens, lower case, straight apostrophes."""
        return tuple(plain(t.text) for t in self.match.a_tokens)

    @cached_property
    def theirs(self) -> tuple[str, ...]:
        """Forms of their tokens."""
        return tuple(plain(t.text) for t in self.match.b_tokens)

    @cached_property
    def _partners(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for i, j in self.match.pairs:
            found[i].append(j)
        return dict(found)

    def partners(self, i: int) -> list[int]:
        """Their tokens that are linked to our token."""
        return self._partners.get(i, [])

    def likeness(self, i: int, j: int) -> float:
        """Cosine of two tokens' vectors."""
        return float(self.match.similarity[i, j])

    @cached_property
    def flipped(self) -> Facing:
        """The same two cells seen from the other side."""
        return Facing(self.match.transposed())

    @cached_property
    def coverage(self) -> float:
        """Share of our content words that have a partner: how much both cells say the same."""
        content = [
            i
            for i, t in enumerate(self.match.a_tokens)
            if t.is_word and not is_function_word(t.text)
        ]
        return sum(i in self._partners for i in content) / len(content) if content else 0.0

    def counterparts(self, indices: Iterable[int]) -> list[int]:
        """Their tokens linked to any of our tokens, in text order."""
        return sorted({j for i in indices for j in self.partners(i)})

    def contents(self, i: int, step: int, reach: int = 5) -> Iterator[int]:
        """Our content words from a token onwards (step 1) or backwards (-1), within the clause."""
        k = i + step
        while 0 <= k < len(self.ours) and abs(k - i) <= reach and self.ours[k] not in STOPS:
            if self.match.a_tokens[k].is_word and not is_function_word(self.ours[k]):
                yield k
            k += step

    def same_place(self, i: int, j: int) -> float:
        """How surely our token i and their token j stand at one place, 0 to 1.

        A link counts half; a linked content word on either side a quarter each.
        """
        sides = 0.0
        for step in (1, -1):
            near = next(self.contents(i, step), None)
            if near is None:
                continue
            sides += 0.25 * any(abs(p - j) <= 6 for p in self.partners(near))
        return 0.5 * (j in self.partners(i)) + sides
