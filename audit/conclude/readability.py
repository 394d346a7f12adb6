"""Which version reads unlike its siblings, by the measures of `Language.readability`."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

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


def outliers(profiles: Mapping[str, Mapping[str, float]]) -> tuple[Outlier, ...]:
    """Where a version reads far from its siblings, by version id, then by size of the z.

    Each version is compared with the median of the others. The spread is their median absolute
    deviation · 1.4826, or `SPREAD` where that is larger, since three siblings may agree by
    chance. Versions under 100 words take no part; with fewer than three siblings left nothing
    is an outlier. A measure that a language lacks is passed over.
    """
    read = {v: p for v, p in profiles.items() if p.get("words", 0) >= MIN_WORDS}
    if len(read) <= MIN_SIBLINGS:
        return ()
    found = []
    for version, own in sorted(read.items()):
        far = []
        for measure, least in SPREAD.items():
            if not all(measure in p for p in read.values()):
                continue
            others = [p[measure] for v, p in read.items() if v != version]
            typical = statistics.median(others)
            deviation = statistics.median(abs(x - typical) for x in others)
            z = (own[measure] - typical) / max(1.4826 * deviation, least)
            if abs(z) > THRESHOLD:
                low, high = min(others), max(others)
                far.append(Outlier(version, measure, own[measure], typical, low, high, z))
        found += sorted(far, key=lambda o: (-abs(o.z), o.measure))
    return tuple(found)
