"""How likely each word stands for another one that was meant, and how garbled each version is.

Two forests weigh what the reader doubts (`audit.measure.reader`) against what the other versions
have anywhere: a word whose stem stands on none of them is suspect where the reader doubts it, and
a page full of doubtful words is a garbled page. No row is needed, so this holds for sentences that
stand alone. `scripts/fit_misread.py` makes the forests; docs/real-pages.md has what they find.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from audit.judge.trees import trained_forest
from audit.language.spelling import plain
from audit.model import UNKNOWN_RATE, Doubt, Place, Sentence, Story

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMNS = (
    "logit_serious",
    "logit_any",
    "elsewhere",
    "alone",
    "name",
    "initial_name",
    "again",
    "page",
    "zipf",
    "surprisal",
    "next_surprisal",
)
"""What the forests see of a word: the reader's log-odds; the share of the independent other
versions that have its stem, and whether there is none; whether it has a capital inside or at the
beginning of its sentence; whether its version has the stem again; the logarithm of the mean doubt
of the version's other words; frequency, and surprisal of the word and the next, log(1 + nats)."""

STEM = 5
"""Letters that stand for a word's stem."""

DRAWN, USUAL = 50, 0.03
"""The mean doubt of a version counts as many words more, at the doubt of a usual word."""

GARBLED_AT, STEEPNESS = 0.0405, 11.5
"""A version whose words have this mean doubt is as likely garbled as sound. Of `newsroom`'s garbled
pages nine in ten lie above .036, of its sound pages nine in ten below .046; of native news and of
`clusters` all but a few lie below .035."""

GARBLED_RATE, SOUND_RATE = 0.15, 0.01
"""Share of the contradictable places of a garbled and of a sound version that are wrong."""

FEWEST = 40
"""Words from which a version's own mean doubt is believed."""

_LEAST = 1e-4


def with_misread(story: Story) -> Story:
    """The story with the misreadings of every word, and the share of garbled places by version."""
    if not any(story.read_doubts.values()):
        return story
    import numpy as np

    names = ("misread_any", "misread_serious")
    forests = [trained_forest(story.language, name, COLUMNS) for name in names]
    sentences = list(story.all_sentences())
    means = {v.id: doubtful(story, v.id) for v in story.versions}
    stems = {v.id: stems_of(story, v.id) for v in story.versions}
    table = np.concatenate([evidence(story, s, stems, means[s.version]) for s in sentences])
    fault, serious = (f.probability(table) if f else np.zeros(len(table)) for f in forests)
    found: dict[Place, tuple[Doubt, ...]] = {}
    at = 0
    for s in sentences:
        inside = slice(at, at + len(s.tokens))
        at += len(s.tokens)
        pairs = zip(s.tokens, fault[inside].tolist(), serious[inside].tolist(), strict=True)
        found[s.version, s.index] = tuple(
            Doubt(a, min(a, b)) if t.is_word else Doubt(0.0, 0.0) for t, a, b in pairs
        )
    return replace(
        story,
        misread=found,
        error_rates={v: error_rate(total, words) for v, (total, words) in means.items()},
    )


def error_rate(doubt: float, words: int) -> float:
    """Share of a version's places that are wrong, by the sum of the doubts of its words."""
    if words < FEWEST:
        return UNKNOWN_RATE
    z = STEEPNESS * math.log(_mean(doubt, words) / GARBLED_AT)
    garbled = 1.0 / (1.0 + math.exp(-z))
    return SOUND_RATE + garbled * (GARBLED_RATE - SOUND_RATE)


def _mean(doubt: float, words: int) -> float:
    return (doubt + DRAWN * USUAL) / (words + DRAWN)


def doubtful(story: Story, version: str) -> tuple[float, int]:
    """Sum of the doubts of a version's words as serious faults, and the number of words."""
    doubts = [
        d.serious
        for s in story.sentences[version]
        for t, d in zip(s.tokens, story.read_doubts[version, s.index], strict=True)
        if t.is_word
    ]
    return sum(doubts), len(doubts)


def stem(form: str) -> str:
    """The letters by which a word is looked for in other versions."""
    return form.removesuffix("'s")[:STEM]


def stems_of(story: Story, version: str) -> Counter[str]:
    """How often a version has each stem; of a word with hyphens each part counts too."""
    forms = (plain(t.text) for s in story.sentences[version] for t in s.tokens if t.is_word)
    return Counter(stem(p) for f in forms for p in {f, *f.split("-")})


def evidence(
    story: Story,
    sentence: Sentence,
    stems: Mapping[str, Counter[str]],
    doubtful: tuple[float, int],
) -> NDArray[np.float32]:
    """`COLUMNS` of the tokens of a sentence."""
    import numpy as np

    copies = story.copies_of[sentence.version]
    others = [s for v, s in stems.items() if v not in copies]
    nats = [*(story.surprisal or {})[sentence.version][sentence.index], 0.0]
    own, (total, words) = stems[sentence.version], doubtful
    rows = []
    for k, token in enumerate(sentence.tokens):
        doubt = story.read_doubts[sentence.version, sentence.index][k]
        form = stem(plain(token.text))
        capital = token.text[:1].isupper()
        inside = any(t.is_word for t in sentence.tokens[:k])
        rows.append(
            (
                _log_odds(doubt.serious),
                _log_odds(doubt.any),
                sum(form in s for s in others) / len(others) if others else 0.0,
                not others,
                capital and inside,
                capital and not inside,
                own[form] > 1,
                math.log(_mean(total - doubt.serious, words)),
                story.language.token_zipf(token.text.lower()),
                math.log1p(max(nats[k], 0.0)),
                math.log1p(max(nats[k + 1], 0.0)),
            )
        )
    return np.array(rows, dtype=np.float32).reshape(-1, len(COLUMNS))


def _log_odds(probability: float) -> float:
    p = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(p / (1 - p))
