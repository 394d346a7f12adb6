"""How a version reads, as a few named measures.

The words are counted with textstat. Sentences are ours: textstat takes every full stop for an
end and drops sentences of one or two words (textstat issue 139). Syllables are counted by
hyphenation: for the code "en" textstat has nltk download a pronouncing dictionary at the first
count, for "en-US" it asks nothing of nltk. Hyphenation finds fewer syllables, so reading ease is
higher than elsewhere; compare versions with each other, not with other people's tables.

A profile is never a fault of its own.
"""

from __future__ import annotations

import statistics
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from types import ModuleType
from typing import Any

from audit.model import Sentence

WINDOW = 50
"""Words in a window of the type-token ratio."""


def profile(sentences: Sequence[Sentence]) -> Mapping[str, float]:
    """Measures of a version's sentences; headlines count only where there is nothing else.

    `words`; `words_per_sentence` and its standard deviation `sentence_length_sd`;
    `syllables_per_word`; `flesch_reading_ease` (Flesch 1948), higher is easier;
    `flesch_kincaid_grade` (Kincaid 1975), years of school; `difficult_words`, share of words
    with three syllables or more outside Dale and Chall's list of easy ones;
    `type_token_ratio`, share of different words in a moving window of 50 (Covington & McFall
    2010), which does not fall with length. Empty if there are no words.
    """
    body = [s for s in sentences if s.kind == "body"] or list(sentences)
    texts = [words for s in body if (words := [t.text for t in s.tokens if t.is_word])]
    return _Profile(texts) if texts else {}


class _Profile(Mapping[str, float]):
    """The measures of sentences, given by their words; those by syllables are made when one of them
    is first asked for, since patterns for hyphenation take .1 s to load."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._texts = texts
        lengths = [len(words) for words in texts]
        self._lengths = {
            "words": float(sum(lengths)),
            "words_per_sentence": sum(lengths) / len(lengths),
            "sentence_length_sd": statistics.pstdev(lengths),
        }

    @cached_property
    def _all(self) -> dict[str, float]:
        return self._lengths | _by_syllables(
            [w for words in self._texts for w in words], self._lengths["words_per_sentence"]
        )

    def __getitem__(self, name: str) -> float:
        return self._lengths[name] if name in self._lengths else self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __reduce__(self) -> tuple[type[dict[str, float]], tuple[dict[str, float]]]:
        return dict, (self._all,)


def _by_syllables(words: list[str], per_sentence: float) -> dict[str, float]:
    counter = _textstat()
    syllables = {w: counter.syllable_count(w) for w in set(words)}
    per_word = sum(max(syllables[w], 1) for w in words) / len(words)
    difficult = {w for w in set(words) if w.isalpha() and counter.is_difficult_word(w, 3)}
    return {
        "syllables_per_word": per_word,
        "flesch_reading_ease": 206.835 - 1.015 * per_sentence - 84.6 * per_word,
        "flesch_kincaid_grade": 0.39 * per_sentence + 11.8 * per_word - 15.59,
        "difficult_words": sum(w in difficult for w in words) / len(words),
        "type_token_ratio": _type_token_ratio([w.lower() for w in words]),
    }


@cache
def _textstat() -> Any:
    with _without("nltk"):
        from textstat.textstat import textstatistics

    counter = textstatistics()
    counter.set_lang("en-US")
    with warnings.catch_warnings():
        # It says that it takes the English list of easy words for "en-US", as it should.
        warnings.simplefilter("ignore")
        counter.is_difficult_word("word")
    return counter


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let an empty module stand for one that is imported and then asked for nothing.

    nltk takes 1.5 s to load, most of it for scipy, scikit-learn and pandas.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]


def _type_token_ratio(words: list[str]) -> float:
    if len(words) <= WINDOW:
        return len(set(words)) / len(words)
    windows = [words[i : i + WINDOW] for i in range(len(words) - WINDOW + 1)]
    return sum(len(set(w)) for w in windows) / len(windows) / WINDOW
