"""What stands beside a sentence: the cells of its row in the other versions, and their words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from audit.language.en.lexicon import plain
from audit.model import CellMatch, Sentence, Story, Token

__all__ = ["Beside", "beside", "indices", "paragraphs", "same_words", "text_sentences"]


@dataclass(frozen=True)
class Beside:
    """The cell of another version in a sentence's row.

    `match` links the words of the sentence's own cell (a) with those of this cell (b); None where
    no links were made.
    """

    version: str
    sentences: tuple[Sentence, ...]
    match: CellMatch | None

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens of the cell."""
        return tuple(t for s in self.sentences for t in s.tokens)

    @cached_property
    def forms(self) -> frozenset[str]:
        """The words of the cell in lower case."""
        return frozenset(plain(t.text) for t in self.tokens if t.is_word)

    @cached_property
    def pairs(self) -> dict[tuple[str, str], tuple[Token, Token]]:
        """Neighbouring tokens of the cell, punctuation included, by their lower-case forms."""
        return {(plain(x.text), plain(y.text)): (x, y) for x, y in pairwise(self.tokens)}

    @cached_property
    def text(self) -> str:
        """The text of the cell."""
        return " ".join(s.text for s in self.sentences)

    def linked(self, start: int, end: int) -> tuple[Token, ...]:
        """The tokens linked to the sentence's tokens within [start, end), in text order."""
        if self.match is None:
            return ()
        own = set(indices(self.match.a_tokens, start, end))
        found = sorted({j for i, j in self.match.pairs if i in own})
        return tuple(self.match.b_tokens[j] for j in found)


def beside(story: Story, sentence: Sentence) -> tuple[Beside, ...]:
    """The other versions' cells in the row of a sentence, by version id."""
    row = story.row_of.get((sentence.version, sentence.index))
    if row is None:
        return ()
    return tuple(
        Beside(v, story.cell(row, v), story.match(row, sentence.version, v))
        for v in sorted(row.cells)
        if v != sentence.version
    )


def indices(tokens: tuple[Token, ...], start: int, end: int) -> list[int]:
    """Indices of the tokens that overlap [start, end)."""
    return [i for i, t in enumerate(tokens) if t.start < end and start < t.end]


def text_sentences(story: Story) -> Iterator[Sentence]:
    """All sentences of a story, by version and in text order."""
    for v in story.versions:
        yield from story.sentences.get(v.id, ())


def paragraphs(story: Story, version: str) -> list[list[Sentence]]:
    """The sentences of a version by paragraph: a line break between two starts a new one."""
    text = story.version(version).text
    found: list[list[Sentence]] = []
    for s in story.sentences.get(version, ()):
        if found and "\n" not in text[found[-1][-1].end : s.start]:
            found[-1].append(s)
        else:
            found.append([s])
    return found


def same_words(a: str, b: str) -> bool:
    """Whether two words are one but for case, apostrophes and a plural or possessive ending."""
    x, y = plain(a), plain(b)
    return x == y or x.rstrip("s'") == y.rstrip("s'")
