"""The list of public figures, `data/public_figures.txt`, and what is looked up in it.

Names are compared by their folded words: without case, accents, hyphens and the particles before
family names, so that "al-Assad" and "Assad", "Ki-moon" and "Ki Moon" are one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from audit.language.en.names import PARTICLES
from audit.language.spelling import fold, key, words_in

_LIST = "data/public_figures.txt"
_SECTIONS = {"[Latin alphabet]": False, "[transliterated]": True}
_PARTICLES = PARTICLES | {"do", "dos", "della"}


@dataclass(frozen=True)
class Form:
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
    """A listed person; the first form is the one most usual in English-language news.

    `transliterated` says that the name is not written in the Latin alphabet at home.
    """

    forms: tuple[Form, ...]
    transliterated: bool

    @property
    def name(self) -> str:
        """The most usual form."""
        return self.forms[0].text


@cache
def figures() -> tuple[Figure, ...]:
    """The listed figures. Raises ValueError at a line that cannot be read, naming it."""
    found: list[Figure] = []
    transliterated: bool | None = None
    text = resources.files("audit.language.en").joinpath(_LIST).read_text("utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            transliterated = _SECTIONS.get(line)
        elif line and not line.startswith("#"):
            forms = tuple(_form(part) for part in line.split("|"))
            if transliterated is None or not all(f.family_words and f.given_words for f in forms):
                raise ValueError(f"{_LIST}, line {number}: no full name, or no section: {line!r}")
            found.append(Figure(forms, transliterated))
    return tuple(found)


def is_listed(words: tuple[str, ...]) -> bool:
    """Whether these folded words are a listed full name, however they are joined."""
    return "".join(words) in _listed()


@cache
def _listed() -> frozenset[str]:
    """All listed names, in either order of family and given name, written together."""
    forms = [form for figure in figures() for form in figure.forms]
    return frozenset(
        "".join(words)
        for f in forms
        for words in (f.given_words + f.family_words, f.family_words + f.given_words)
    )


@cache
def longest_listed() -> int:
    """Letters of the longest listed name, and so the most words that a listed name may have."""
    return max(map(len, _listed()))


def candidates(words: tuple[str, ...]) -> list[tuple[Figure, Form]]:
    """Forms of as many words of which one may be the same word, in the order of the list."""
    index = _index()
    numbers = {
        n
        for i, word in enumerate(words)
        for sound in _sounds(word)
        for n in index.get((len(words), i, sound), ())
    }
    listed = _proposable()
    return [listed[n] for n in sorted(numbers)]


@cache
def _proposable() -> tuple[tuple[Figure, Form], ...]:
    return tuple((f, form) for f in figures() for form in f.forms if not form.family_first)


@cache
def _index() -> Mapping[tuple[int, int, str], tuple[int, ...]]:
    """Proposable forms by their number of words, and the place and sounds of each word."""
    index: dict[tuple[int, int, str], list[int]] = {}
    for number, (_, form) in enumerate(_proposable()):
        for i, word in enumerate(form.words):
            for sound in _sounds(word):
                index.setdefault((len(form.words), i, sound), []).append(number)
    return {place: tuple(numbers) for place, numbers in index.items()}


@lru_cache(maxsize=8192)
def _sounds(word: str) -> tuple[str, ...]:
    """What words that may be one name share: the consonants, or a group of given names."""
    groups = sorted(given_names().get(word, ()))
    return (re.sub("[aeiou]", "", key(word)), *(f"#{n}" for n in groups))


@cache
def family_names() -> frozenset[str]:
    """The folded words of all listed family names."""
    return frozenset(w for f in figures() for form in f.forms for w in form.family_words)


@cache
def given_names() -> Mapping[str, frozenset[int]]:
    """Given names with the groups that each belongs to; those of the list alone with none."""
    text = resources.files("audit.language.en").joinpath("data/given_names.txt").read_text("utf-8")
    groups: dict[str, set[int]] = {
        w: set() for f in figures() for form in f.forms for w in form.given_words
    }
    for number, line in enumerate(text.splitlines()):
        if line and not line.startswith("#"):
            for form in line.split("|"):
                groups.setdefault(fold(form), set()).add(number)
    return {name: frozenset(numbers) for name, numbers in groups.items()}


def is_form_of(a: str, b: str) -> bool:
    """Whether two given names are forms of one: William, Bill, Guillermo."""
    names = given_names()
    return bool(names.get(a, frozenset()) & names.get(b, frozenset()))


def _form(listed: str) -> Form:
    """Read "Ursula {von der Leyen}" or "Angela Merkel"."""
    braced = re.fullmatch(r"([^{}]*)\{([^{}]+)\}([^{}]*)", listed)
    if braced:
        before, family, after = (part.strip() for part in braced.groups())
        given = before or after
        text, family_first = re.sub("[{}]", "", listed), not before
    else:
        given, _, family = listed.rpartition(" ")
        text, family_first = listed, False
    return Form(text, family, words_of_name(given), words_of_name(family), family_first)


def words_of_name(text: str) -> tuple[str, ...]:
    """The folded words by which a name is compared."""
    return tuple(p for w in words_in(text) for p in pieces(w.bare))


@lru_cache(maxsize=8192)
def pieces(word: str) -> tuple[str, ...]:
    """The parts of a word that count: "al-Assad" is "assad", "Jong-un" is "jong" and "un"."""
    parts = (re.sub(r"[^a-z]", "", part) for part in fold(word).split("-"))
    return tuple(p for p in parts if p and p not in _PARTICLES)
