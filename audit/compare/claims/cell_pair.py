"""Two cells of a row, side by side: their forms, their verbs and which words are linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from audit.model import CellMatch, Language, Measure, Row, Severity, Story, VerbGroup

__all__ = ["BETWEEN", "CELLS", "STOPS", "Cell", "CellPair", "Shift", "cell_pairs"]

STOPS = frozenset(".;:?!")
"""Marks that end a clause for whoever looks around a word."""

CELLS = 1024
"""Cells of which is remembered what was found in them alone: those of the rows of a large story."""

BETWEEN = 2
"""Least number of their words linked to the neighbours of a word that they do not have."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One place where two cells do not say the same.

    `ours` and `theirs` are half-open ranges of token indices; `theirs` may be empty where the
    other cell has nothing to show. `states` is the difference in words. `evidence`, 0 to 1, is how
    surely both places speak of the same thing. `measure` is what was compared to find that out,
    with the bar that it passed. `swap` says whether the other cell's words can simply stand in the
    place of ours.
    """

    kind: str
    ours: tuple[int, int]
    theirs: tuple[int, int]
    severity: Severity
    evidence: float
    measure: Measure
    states: str
    swap: bool = False


@dataclass(frozen=True)
class Cell:
    """The tokens of a cell as lower-case forms, the verb group of each that belongs to one, and
    which are content: words of no closed class."""

    forms: tuple[str, ...]
    verbs: Mapping[int, VerbGroup]
    content: tuple[bool, ...]


@dataclass(frozen=True)
class CellPair:
    """One version's cell (`ours`) beside another's (`theirs`)."""

    language: Language
    match: CellMatch
    our_cell: Cell
    their_cell: Cell

    @property
    def ours(self) -> tuple[str, ...]:
        """Forms of our tokens, lower case, straight apostrophes."""
        return self.our_cell.forms

    @property
    def theirs(self) -> tuple[str, ...]:
        """Forms of their tokens."""
        return self.their_cell.forms

    @property
    def verbs(self) -> Mapping[int, VerbGroup]:
        """The verb group of each of our tokens that belongs to one."""
        return self.our_cell.verbs

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
    def flipped(self) -> CellPair:
        """The same two cells seen from the other side; flipped again it is this pair."""
        other = CellPair(self.language, self.match.transposed(), self.their_cell, self.our_cell)
        vars(other)["flipped"] = self
        return other

    @cached_property
    def coverage(self) -> float:
        """Share of our content words that have a partner: how much both cells say the same."""
        content = [i for i, is_content in enumerate(self.our_cell.content) if is_content]
        return sum(i in self._partners for i in content) / len(content) if content else 0.0

    def counterparts(self, indices: Iterable[int]) -> list[int]:
        """Their tokens linked to any of our tokens, in text order."""
        return sorted({j for i in indices for j in self.partners(i)})

    def contents(self, i: int, step: int, reach: int = 5) -> Iterator[int]:
        """Our content words from a token onwards (step 1) or backwards (-1), within the clause."""
        k = i + step
        while 0 <= k < len(self.ours) and abs(k - i) <= reach and self.ours[k] not in STOPS:
            if self.our_cell.content[k]:
                yield k
            k += step

    def neighbours(self, i: int) -> list[int]:
        """Our next content word after a token and the last before it, where there are such."""
        near = (next(self.contents(i, step), None) for step in (1, -1))
        return [k for k in near if k is not None]

    def same_place(self, i: int, j: int) -> float:
        """How surely our token i and their token j stand at one place, 0 to 1.

        A link counts half; a linked content word on either side a quarter each.
        """
        sides = sum(any(abs(p - j) <= 6 for p in self.partners(k)) for k in self.neighbours(i))
        return 0.5 * (j in self.partners(i)) + 0.25 * sides


def cell_pairs(story: Story, row: Row) -> dict[tuple[str, str], CellPair]:
    """The pairs of cells of a row that have links, by the ids of our version and of theirs."""
    cells = {v: _cell(story, row, v) for v in row.cells}
    found: dict[tuple[str, str], CellPair] = {}
    for a, b in combinations(sorted(cells), 2):
        match = story.match(row, a, b)
        if match is not None:
            found[a, b] = CellPair(story.language, match, cells[a], cells[b])
            found[b, a] = found[a, b].flipped
    return found


def _cell(story: Story, row: Row, version: str) -> Cell:
    annotation = story.annotations[version]
    language = story.language
    forms: list[str] = []
    verbs: dict[int, VerbGroup] = {}
    tokens = [t for i in row.cells[version] for t in story.sentences[version][i].tokens]
    for i in row.cells[version]:
        for k, group in annotation.verb_groups[i].items():
            verbs[k + len(forms)] = _moved(group, len(forms))
        forms += annotation.forms[i]
    content = tuple(
        t.is_word and not language.is_function_word(f) for t, f in zip(tokens, forms, strict=True)
    )
    return Cell(tuple(forms), verbs, content)


def _moved(group: VerbGroup, by: int) -> VerbGroup:
    """The verb group where `by` tokens stand before its sentence."""
    start, end, verb = group.start + by, group.end + by, group.verb + by
    return replace(group, start=start, end=end, verb=verb) if by else group
