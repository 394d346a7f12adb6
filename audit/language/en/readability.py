"""How a version reads, as a few named measures.

Syllables are counted by hyphenation (pyphen), which finds fewer than a pronouncing dictionary, so
reading ease is higher than elsewhere; compare versions with each other, not with other people's
tables. The numbers are those of textstat for "en-US" on our sentences; textstat itself takes 1.5 s
to load nltk and through it scipy, scikit-learn and pandas.

A profile is never a fault of its own.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from audit.model import Sentence

if TYPE_CHECKING:
    from pyphen import Pyphen

WINDOW = 50
"""Words in a window of the type-token ratio."""

DIFFICULT = 3
"""Syllables from which a word that is not on the list of easy ones is difficult."""

_NOT_COUNTED = re.compile(r"'(?![tsd]|ve|ll|re)|[^\w']")
"""Marks inside a word, but for the apostrophe of a contraction."""


def profile(sentences: Sequence[Sentence]) -> dict[str, float]:
    """Measures of a version's sentences; headlines count only where there is nothing else.

    `words`; `words_per_sentence` and its standard deviation `sentence_length_sd`;
    `syllables_per_word`; `flesch_reading_ease` (Flesch 1948), higher is easier;
    `flesch_kincaid_grade` (Kincaid 1975), years of school; `difficult_words`, share of words
    with three syllables or more outside Dale and Chall's list of easy ones;
    `type_token_ratio`, share of different words in a moving window of 50 (Covington & McFall
    2010), which does not fall with length. Empty if there are no words.
    """
    body = [s for s in sentences if s.kind == "body"] or list(sentences)
    texts = [[t.text for t in s.tokens if t.is_word] for s in body]
    lengths = [len(words) for words in texts if words]
    words = [w for sentence in texts for w in sentence]
    if not words:
        return {}
    syllables = {w: _syllables(w.lower()) for w in set(words)}
    per_word = sum(syllables[w] for w in words) / len(words)
    per_sentence = len(words) / len(lengths)
    easy = _easy_words()
    difficult = {
        w for w, n in syllables.items() if n >= DIFFICULT and w.isalpha() and w.lower() not in easy
    }
    return {
        "words": float(len(words)),
        "words_per_sentence": per_sentence,
        "sentence_length_sd": statistics.pstdev(lengths),
        "syllables_per_word": per_word,
        "flesch_reading_ease": 206.835 - 1.015 * per_sentence - 84.6 * per_word,
        "flesch_kincaid_grade": 0.39 * per_sentence + 11.8 * per_word - 15.59,
        "difficult_words": sum(w in difficult for w in words) / len(words),
        "type_token_ratio": _type_token_ratio([w.lower() for w in words]),
    }


@lru_cache(maxsize=50_000)
def _syllables(word: str) -> int:
    """Syllables of a word in lower case, at least one: the parts that it may be hyphenated into."""
    return len(_hyphenation().positions(_NOT_COUNTED.sub("", word))) + 1


@cache
def _hyphenation() -> Pyphen:
    from pyphen import Pyphen

    return Pyphen(lang="en_US")


@cache
def _easy_words() -> frozenset[str]:
    text = files("audit.language.en").joinpath("data", "easy_words.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def _type_token_ratio(words: list[str]) -> float:
    if len(words) <= WINDOW:
        return len(set(words)) / len(words)
    windows = [words[i : i + WINDOW] for i in range(len(words) - WINDOW + 1)]
    return sum(len(set(w)) for w in windows) / len(windows) / WINDOW
