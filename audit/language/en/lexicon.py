"""Words: which are English, how frequent, how nearly misspelled, which belong to other languages.

Sources: the SCOWL word lists (American and British English, `data/words.bin`), word frequencies of
wordfreq (Speer 2022; Zipf scale: log10 of occurrences per billion words; the other `data/*.bin`),
closed classes and exceptions of `data/lexicon.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from math import log10
from pathlib import Path

from audit.language.en.compounds import parts_of, share_of_digits, with_zeros
from audit.language.en.tables import table
from audit.language.frequencies import Notes
from audit.language.spelling import one_edit, plain
from audit.model import Neighbour

__all__ = [
    "always_capital",
    "classes",
    "foreign",
    "is_english",
    "is_function_word",
    "neighbours",
    "token_zipf",
    "words",
    "zipf",
]

OTHER_LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "tr", "ro")
"""Languages with a Latin script in whose lists an unknown word is looked up."""

COMMON, RARE = "common", "rare"
"""What `data/words.bin` notes of a word of SCOWL's size 60, and of one of size 70."""

FAR_FROM = 7
"""Shortest non-word for which a neighbour two edits away is taken: shorter words have dozens."""


@cache
def words(name: str) -> frozenset[str]:
    """A list of `data/lexicon.toml` by its name; raises KeyError if there is none."""
    return classes()[name]


@cache
def classes() -> dict[str, frozenset[str]]:
    """All lists of `data/lexicon.toml`, each put together from its own words and other lists'."""
    written: Mapping[str, list[str]] = table("lexicon")
    put_together: dict[str, frozenset[str]] = {}

    def members(entry: str) -> frozenset[str]:
        return listed(entry[1:]) if entry.startswith("@") else frozenset({entry})

    def listed(name: str) -> frozenset[str]:
        if name not in put_together:
            entries = written[name]
            wanted = frozenset().union(*(members(e) for e in entries if e[0] != "-"))
            barred = frozenset().union(*(members(e[1:]) for e in entries if e[0] == "-"))
            put_together[name] = wanted - barred
        return put_together[name]

    return {name: listed(name) for name in written}


@lru_cache(maxsize=8_192)
def is_function_word(word: str) -> bool:
    """Whether a word is of a closed class (article, preposition, auxiliary, …), any case."""
    return plain(word) in words("function_words")


@lru_cache(maxsize=20_000)  # asked of every word that a slip might stand for
def is_english(word: str, *, rare: bool = True) -> bool:
    """Whether a lower-case word is in the English lists; `rare` includes words few people know."""
    word = plain(word)
    listed = _listed(word)
    return (
        listed == COMMON
        or (rare and listed == RARE)
        or word in words("known")
        or word in words("loans")
    )


@lru_cache(maxsize=8_192)
def always_capital(word: str) -> str | None:
    """The capitalised form of a word that English never writes in lower case ("Monday").

    None for a word that the lists have in lower case, or not at all.
    """
    word = plain(word)
    if len(word) < 3 or is_english(word):
        return None
    form = word.capitalize()
    return form if _listed(form) == COMMON else None


@cache
def _notes(name: str) -> Notes:
    return Notes(Path(str(files("audit.language.en").joinpath("data", name))))


def _listed(word: str) -> str | None:
    """Which list has a word, in its own case; None if neither has."""
    return _notes("words.bin").get(word)


@lru_cache(maxsize=8_192)
def _centibels(word: str) -> int | None:
    """How rare an English word is (`scripts/build_frequencies.py`); None if it was never seen."""
    note = _notes("frequencies.bin").get(word)
    return None if note is None else int(note)


def zipf(word: str) -> float:
    """How frequent a listed form is, Zipf scale to two decimals; 0 if it was never seen."""
    rare = _centibels(plain(word))
    return 0.0 if rare is None else _zipf(rare)


def _zipf(centibels: int) -> float:
    return (900 - centibels) / 100


@lru_cache(maxsize=8_192)
def token_zipf(token: str) -> float:
    """How frequent a token is, as the trained models read it (van Heuven et al. 2014).

    Of a token with several words (a compound, a figure) the frequencies are combined as wordfreq
    does: their inverses add up, and a figure has that of its form times that of its digits.
    """
    if token.isascii() and token.isalpha():
        return zipf(token)
    inverse = 0.0
    for part in parts_of(token):
        form = with_zeros(part)
        rare = _centibels(form)
        if rare is None:
            return 0.0
        inverse += 10 ** (rare / 100) / (share_of_digits(part) if form != part else 1.0)
    return max(round(9 - log10(inverse), 2), 0.0) if inverse else 0.0


def foreign(word: str) -> tuple[str, float] | None:
    """The other language in which a word is most frequent, with its Zipf frequency there.

    None if no other language has it among its words above Zipf 3.
    """
    note = _notes("foreign.bin").get(plain(word).casefold())
    if note is None:
        return None
    rare, language = note.split()
    return language, _zipf(int(rare))


@lru_cache(maxsize=5_000)
def neighbours(word: str) -> tuple[Neighbour, ...]:
    """English words that a non-word may be a slip for, likeliest first.

    One edit (letter lost, added, replaced, or two swapped) before two; among equals those that
    keep the first letter, then the more frequent, then by the alphabet.
    """
    word = plain(word)
    near = {w for w in one_edit(word) if is_english(w, rare=False)}
    edits = 1
    if not near and len(word) >= FAR_FROM:
        near, edits = _two_edits(word), 2
    found = [Neighbour(w, zipf(w), edits) for w in near if len(w) > 1 or w in words("one_letter")]
    return tuple(sorted(found, key=lambda n: (-(n.zipf + _likelihood(word, n.word)), n.word)))


def _likelihood(word: str, other: str) -> float:
    """Bonus for slips that are made often: swapped or doubled letters, first letter kept."""
    bonus = 0.0
    if sorted(word) == sorted(other):
        bonus += 1.5
    if word[0] == other[0]:
        bonus += 0.7
    if re.sub(r"(.)\1", r"\1", word) == re.sub(r"(.)\1", r"\1", other):
        bonus += 1.0
    return bonus


def _two_edits(word: str) -> set[str]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    same_start = _starting_with(word[0])
    found = process.extract(word, same_start, scorer=OSA.distance, score_cutoff=2, limit=20)
    return {w for w, _, _ in found}


@cache
def _starting_with(letter: str) -> list[str]:
    """The common words in lower case that begin with a letter, as `scripts/build_words.py` wrote
    them."""
    note = _notes("words.bin").get(f" {letter}")
    return note.split() if note else []
