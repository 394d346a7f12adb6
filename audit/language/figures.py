"""The look-ups in a language's list of public figures and given names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from audit.language.spelling import fold, key, words_in
from audit.model import Figure, FigureName

__all__ = ["FigureList", "parts_of", "prepared", "words_of"]


def prepared(figures: Iterable[Figure], given_names: Iterable[Iterable[str]]) -> dict[str, Any]:
    """What a `FigureList` is made of, as plain data: to find it out anew takes .1 s.

    Each group of `given_names` lists the forms of one name.
    """
    listed = tuple(figures)
    groups: dict[str, set[int]] = {
        w: set() for f in listed for name in f.names for w in name.given_words
    }
    for number, forms in enumerate(given_names):
        for form in forms:
            groups.setdefault(fold(form), set()).add(number)
    given = {name: sorted(numbers) for name, numbers in groups.items()}
    index: dict[str, list[int]] = {}
    for number, (_, name) in enumerate(_proposable(listed)):
        for i, word in enumerate(name.words):
            for sound in _sounds(word, given):
                index.setdefault(_place(len(name.words), i, sound), []).append(number)
    return {
        "figures": [
            [
                [
                    [n.text, n.family, list(n.given_words), list(n.family_words), n.family_first]
                    for n in f.names
                ],
                f.transliterated,
            ]
            for f in listed
        ],
        "given_names": given,
        "index": index,
    }


class FigureList:
    """Answers what `audit.model.figure.PublicFigures` asks.

    `data` is what `prepared` made; `particles` are the words before family names that do not count.
    """

    def __init__(self, data: Mapping[str, Any], particles: frozenset[str]) -> None:
        self.figures = tuple(
            Figure(
                tuple(
                    FigureName(text, family, tuple(given), tuple(families), first)
                    for text, family, given, families, first in names
                ),
                transliterated,
            )
            for names, transliterated in data["figures"]
        )
        self.given_names: Mapping[str, frozenset[int]] = {
            name: frozenset(groups) for name, groups in data["given_names"].items()
        }
        self._index: Mapping[str, Sequence[int]] = data["index"]
        self._particles = particles

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
            for sound in _sounds(word, self.given_names)
            for n in self._index.get(_place(len(words), i, sound), ())
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
        return chain.from_iterable(figure.names for figure in self.figures)

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
        return _proposable(self.figures)


def _proposable(figures: Iterable[Figure]) -> tuple[tuple[Figure, FigureName], ...]:
    return tuple((f, name) for f in figures for name in f.names if not name.family_first)


def _place(count: int, i: int, sound: str) -> str:
    """Where names lie that have so many words, and in that place one that sounds so."""
    return f"{count} {i} {sound}"


def _sounds(word: str, given_names: Mapping[str, Iterable[int]]) -> tuple[str, ...]:
    """What words that may be one name share: consonants, or a group of given names."""
    groups = sorted(given_names.get(word, ()))
    return (re.sub("[aeiou]", "", key(word)), *(f"#{n}" for n in groups))


def words_of(name: str, particles: frozenset[str]) -> tuple[str, ...]:
    """The folded words by which a name is compared."""
    return tuple(p for w in words_in(name) for p in parts_of(w.bare, particles))


@lru_cache(maxsize=8192)
def parts_of(word: str, particles: frozenset[str]) -> tuple[str, ...]:
    """The parts of a word that count: of "al-Assad" "assad", of "Jong-un" "jong" and "un"."""
    parts = (re.sub(r"[^a-z]", "", part) for part in fold(word).split("-"))
    return tuple(p for p in parts if p and p not in particles)
