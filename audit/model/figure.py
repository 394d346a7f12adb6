"""Public figures: people whose names a language lists, with the spellings that it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FigureName:
    """One accepted spelling of a figure's name, as it is written and by its folded words."""

    text: str
    family: str
    given_words: tuple[str, ...]
    family_words: tuple[str, ...]
    family_first: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The folded words in the order of the text."""
        parts = (self.given_words, self.family_words)
        first, second = reversed(parts) if self.family_first else parts
        return first + second


@dataclass(frozen=True)
class Figure:
    """A listed person; the first name is the one most usual in the language's news.

    `transliterated` says that the name is not written in the Latin alphabet at home.
    """

    names: tuple[FigureName, ...]
    transliterated: bool

    @property
    def name(self) -> str:
        """The most usual spelling."""
        return self.names[0].text


class PublicFigures(Protocol):
    """The public figures and given names that a language lists, with what is looked up in them.

    Names are compared by their folded words: without case, accents, hyphens and the particles
    before family names, so that "al-Assad" and "Assad", "Ki-moon" and "Ki Moon" are one.
    """

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The listed figures."""

    @property
    def given_names(self) -> Mapping[str, frozenset[int]]:
        """Given names with the groups of forms that each belongs to; figures' own may have none."""

    @property
    def family_names(self) -> frozenset[str]:
        """The folded words of all listed family names."""

    @property
    def longest(self) -> int:
        """Letters of the longest listed name, and so the most words that a listed name may have."""

    def is_listed(self, words: tuple[str, ...]) -> bool:
        """Whether these folded words are a listed full name, however they are joined."""

    def candidates(self, words: tuple[str, ...]) -> list[tuple[Figure, FigureName]]:
        """Names of as many words of which one may be the same word, in the order of the list.

        Names written family name first are left out.
        """

    def is_form_of(self, a: str, b: str) -> bool:
        """Whether two given names are forms of one: William, Bill, Guillermo."""

    def parts(self, word: str) -> tuple[str, ...]:
        """The parts of a word that count: of "al-Assad" "assad", of "Jong-un" "jong" and "un"."""

    def words_of(self, name: str) -> tuple[str, ...]:
        """The folded words by which a name is compared."""
