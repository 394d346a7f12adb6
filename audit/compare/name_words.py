"""Common words in the place of a name, which was translated as if it were words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit.compare.names import Names
from audit.language.spelling import fold
from audit.model import CellMatch, Mention, Row, Story, Token

__all__ = ["NameWords", "name_words"]

LONGEST = 6
"""Most words that a name is taken to have become."""

SAME = 0.6
"""Least share of the cell's other words that the other version has in the same form, linked: only
then what stands between two of them is what the name became."""

DOUBTED = 0.5
"""Least doubt of one of the words: who writes "the deputy minister" for her name means her."""


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words of a version, `start` to `end`, in the place of a name that another version has.

    `same` is the share of the cell's other words that are the same there, `doubt` that of the most
    doubted word.
    """

    start: int
    end: int
    name: Mention
    same: float
    doubt: float


def name_words(names: Names, row: Row, a: str, b: str) -> Iterator[NameWords]:
    """The places of cell `a` that have words for names of cell `b`."""
    story = names.story
    match = story.match(row, a, b)
    if match is None:
        return
    same = {j: i for i, j in match.pairs if _is_same(match, i, j)}
    doubts = _doubts(story, row, a)
    named = {k for m in names.of_cell(row, a) for k in _inside(match.a_tokens, m)}
    there = {fold(t.text) for t in match.a_tokens}
    for name in names.of_cell(row, b):
        if there & {w.folded for w in name.words}:
            continue
        run = _between(match, same, _inside(match.b_tokens, name))
        if not 0 < len(run) <= LONGEST or named & set(run):
            continue
        tokens = [match.a_tokens[k] for k in run]
        share = _share(match, same, run)
        doubt = max(doubts.get(t.start, 0.0) for t in tokens)
        if all(t.is_word for t in tokens) and share >= SAME and doubt >= DOUBTED:
            yield NameWords(tokens[0].start, tokens[-1].end, name, share, doubt)


def _inside(tokens: tuple[Token, ...], mention: Mention) -> list[int]:
    return [k for k, t in enumerate(tokens) if mention.start <= t.start and t.end <= mention.end]


def _is_same(match: CellMatch, i: int, j: int) -> bool:
    return match.a_tokens[i].text.casefold() == match.b_tokens[j].text.casefold()


def _between(match: CellMatch, same: Mapping[int, int], theirs: list[int]) -> range:
    """Our tokens between the two that are the same as the neighbours of some of theirs; a cell's
    beginning or end is as good as a neighbour."""
    if not theirs:
        return range(0)
    before, after = theirs[0] - 1, theirs[-1] + 1
    first = -1 if before < 0 else same.get(before)
    last = len(match.a_tokens) if after == len(match.b_tokens) else same.get(after)
    return range(0) if first is None or last is None else range(first + 1, last)


def _share(match: CellMatch, same: Mapping[int, int], run: range) -> float:
    """The share of our words outside a run that are the same in the other cell."""
    ours = set(same.values())
    rest = [i for i, t in enumerate(match.a_tokens) if t.is_word and i not in run]
    return sum(i in ours for i in rest) / len(rest) if rest else 0.0


def _doubts(story: Story, row: Row, version: str) -> dict[int, float]:
    """The doubt of each token of a cell, in its row or by the reader, by where it begins."""
    found: dict[int, float] = {}
    for s in story.cell(row, version):
        for doubts in (story.doubts, story.misread):
            for t, d in zip(s.tokens, doubts.get((version, s.index), ()), strict=False):
                found[t.start] = max(found.get(t.start, 0.0), d.any)
    return found
