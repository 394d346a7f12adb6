"""How sure an edit is: the probability that a careful reader marks the place that it mends.

Logistic models over what the sentence gains and how much the words there are doubted, one for what
witnesses offer and one for what the language model proposes. Their weights, with what they were
fitted on, stand in data/edit.json; `scripts/calibrate.py` makes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from audit.judge.calibration import read
from audit.language.en.lexicon import is_function_word
from audit.measure.expectation import zipf
from audit.model import Edit

MOST = 15.0
"""Gains count up to so many nats, either way: beyond, more of it says nothing."""


def confidence(edit: Edit) -> float:
    """Probability, 0 to 1, that the place of an edit is a fault."""
    data = read("edit.json")[source(edit)]
    values = features(edit)
    z = data["intercept"] + sum(w * values[name] for name, w in data["weights"].items())
    return 1.0 / (1.0 + math.exp(-z))


def source(edit: Edit) -> str:
    """Which of the two models an edit is judged by."""
    return "proposed" if edit.proposal else "offered"


def features(edit: Edit) -> Mapping[str, float]:
    """What the model sees of an edit, by name."""
    gain = max(-MOST, min(MOST, edit.gain))
    common = {"gain": gain, "doubt": edit.doubt.any, "serious": edit.doubt.serious}
    if not edit.proposal:
        return common | {
            "more_words": float(not edit.lost),
            "function_words": float(all(map(is_function_word, (*edit.lost, *edit.new)))),
        }
    return common | {
        "ahead": min(MOST, edit.ahead),
        "shown": float(edit.support > 0),
        "more_frequent": zipf(edit.text) - zipf(edit.quote),
        "function": float(edit.proposal == "function"),
        "spelling": float(edit.proposal == "spelling"),
    }
