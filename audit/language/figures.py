"""The look-ups in a language's list of public figures and given names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from audit.language.spelling import fold, key, words_in
from audit.model import Figure, FigureName

__all__ = ["FigureList", "parts_of", "words_of"]


class FigureList:
    """Answers what `audit.model.figure.PublicFigures` asks.

    Each group of `given_names` lists the forms of one name; `particles` are the words before family
    names that do not count.
    """

    def __init__(
        self,
        figures: Iterable[Figure],
        given_names: Iterable[Iterable[str]],
        particles: frozenset[str],
    ) -> None:
        self.figures = tuple(figures)
        self._groups = tuple(map(tuple, given_names))
        self._particles = particles

    @cached_property
    def given_names(self) -> Mapping[str, frozenset[int]]:
        """See the protocol."""
        groups: dict[str, set[int]] = {w: set() for f in self._names for w in f.given_words}
        for number, forms in enumerate(self._groups):
            for form in forms:
                groups.setdefault(fold(form), set()).add(number)
        return {name: frozenset(numbers) for name, numbers in groups.items()}

    @cached_property
    def family_names(self) -> frozenset[str]:
        """See the protocol."""
        return frozenset(w for f in self._names for w in f.family_words)

    @cached_property
    def longest(self) -> int:
        """See the protocol."""
        return max(map(len, self._listed), default=0)

    def is_listed(self, words: tuple[str, ...]) -> bool:
        """See the protocol."""
        return "".join(words) in self._listed

    def candidates(self, words: tuple[str, ...]) -> list[tuple[Figure, FigureName]]:
        """See the protocol."""
        numbers = {
            n
            for i, word in enumerate(words)
            for sound in self._sounds(word)
            for n in self._index.get((len(words), i, sound), ())
        }
        return [self._proposable[n] for n in sorted(numbers)]

    def is_form_of(self, a: str, b: str) -> bool:
        """See the protocol."""
        names = self.given_names
        return bool(names.get(a, frozenset()) & names.get(b, frozenset()))

    def parts(self, word: str) -> tuple[str, ...]:
        """See the protocol."""
        return parts_of(word, self._particles)

    def words_of(self, name: str) -> tuple[str, ...]:
        """See the protocol."""
        return words_of(name, self._particles)

    @property
    def _names(self) -> Iterable[FigureName]:
        return (name for figure in self.figures for name in figure.names)

    @cached_property
    def _listed(self) -> frozenset[str]:
        """All listed names, in either order of family and given name, written together."""
        return frozenset(
            "".join(words)
            for f in self._names
            for words in (f.given_words + f.family_words, f.family_words + f.given_words)
        )

    @cached_property
    def _proposable(self) -> tuple[tuple[Figure, FigureName], ...]:
        return tuple((f, name) for f in self.figures for name in f.names if not name.family_first)

    @cached_property
    def _index(self) -> Mapping[tuple[int, int, str], tuple[int, ...]]:
        """Proposable names by their number of words, and the place and sounds of each word."""
        index: dict[tuple[int, int, str], list[int]] = {}
        for number, (_, name) in enumerate(self._proposable):
            for i, word in enumerate(name.words):
                for sound in self._sounds(word):
                    index.setdefault((len(name.words), i, sound), []).append(number)
        return {place: tuple(numbers) for place, numbers in index.items()}

    def _sounds(self, word: str) -> tuple[str, ...]:
        """What words that may be one name share: consonants, or a group of given names."""
        groups = sorted(self.given_names.get(word, ()))
        return (re.sub("[aeiou]", "", key(word)), *(f"#{n}" for n in groups))


def words_of(name: str, particles: frozenset[str]) -> tuple[str, ...]:
    """The folded words by which a name is compared."""
    return tuple(p for w in words_in(name) for p in parts_of(w.bare, particles))


@lru_cache(maxsize=8192)
def parts_of(word: str, particles: frozenset[str]) -> tuple[str, ...]:
    """The parts of a word that count: of "al-Assad" "assad", of "Jong-un" "jong" and "un"."""
    parts = (re.sub(r"[^a-z]", "", part) for part in fold(word).split("-"))
    return tuple(p for p in parts if p and p not in particles)
