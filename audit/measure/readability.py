"""How a version reads, as a few named measures, and which version reads unlike its siblings.

The words are counted with textstat. Sentences are ours: textstat takes every full stop for an
end and drops sentences of one or two words (textstat issue 139). Syllables are counted by
hyphenation: for the code "en" textstat has nltk download a pronouncing dictionary at the first
count, for "en-US" it does not. Hyphenation finds fewer syllables, so reading ease is higher than
elsewhere; compare versions with each other, not with other people's tables.

A profile is never a fault of its own.
"""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.model import Sentence

WINDOW = 50
"""Words in a window of the type-token ratio."""
MIN_WORDS = 100
"""Below this a profile says more of the topic than of the writing (Flesch sampled 100 words)."""
MIN_SIBLINGS = 3
THRESHOLD = 3.5
"""Robust z beyond which a value is an outlier (Iglewicz & Hoaglin 1993)."""
SPREAD: Mapping[str, float] = {
    "words_per_sentence": 1.4,
    "sentence_length_sd": 1.2,
    "syllables_per_word": 0.035,
    "flesch_reading_ease": 2.8,
    "flesch_kincaid_grade": 0.55,
    "difficult_words": 0.010,
    "type_token_ratio": 0.021,
}
"""How far two good translations of one story lie apart: standard deviation of a version around
the pair's mean, over 23 news stories translated twice by professionals (set `humanpair`)."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """A measure in which a version lies far from its siblings.

    `typical` is the siblings' median, `low` and `high` their range, `z` how many spreads the value
    lies above (or, negative, below) the median.
    """

    version: str
    measure: str
    value: float
    typical: float
    low: float
    high: float
    z: float


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
    counter = _textstat()
    syllables = {w: counter.syllable_count(w) for w in set(words)}
    per_word = sum(max(syllables[w], 1) for w in words) / len(words)
    per_sentence = len(words) / len(lengths)
    difficult = {w for w in set(words) if w.isalpha() and counter.is_difficult_word(w, 3)}
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


def outliers(profiles: Mapping[str, Mapping[str, float]]) -> tuple[Outlier, ...]:
    """Where a version reads far from its siblings, by version id, then by size of the z.

    Each version is compared with the median of the others. The spread is their median absolute
    deviation · 1.4826, or `SPREAD` where that is larger, since three siblings may agree by
    chance. Versions under 100 words take no part; with fewer than three siblings left nothing
    can be told.
    """
    read = {v: p for v, p in profiles.items() if p.get("words", 0) >= MIN_WORDS}
    if len(read) <= MIN_SIBLINGS:
        return ()
    found = []
    for version, own in sorted(read.items()):
        far = []
        for measure, least in SPREAD.items():
            others = [p[measure] for v, p in read.items() if v != version]
            typical = statistics.median(others)
            deviation = statistics.median(abs(x - typical) for x in others)
            z = (own[measure] - typical) / max(1.4826 * deviation, least)
            if abs(z) > THRESHOLD:
                low, high = min(others), max(others)
                far.append(Outlier(version, measure, own[measure], typical, low, high, z))
        found += sorted(far, key=lambda o: (-abs(o.z), o.measure))
    return tuple(found)


def _textstat() -> Any:
    from textstat.textstat import textstatistics

    counter = textstatistics()
    counter.set_lang("en-US")
    with warnings.catch_warnings():
        # It says that it takes the English list of easy words for "en-US", as it should.
        warnings.simplefilter("ignore")
        counter.is_difficult_word("word")
    return counter


def _type_token_ratio(words: list[str]) -> float:
    if len(words) <= WINDOW:
        return len(set(words)) / len(words)
    windows = [words[i : i + WINDOW] for i in range(len(words) - WINDOW + 1)]
    return sum(len(set(w)) for w in windows) / len(windows) / WINDOW
