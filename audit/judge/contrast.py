"""How sure an edit is: the probability that a careful reader marks the place that it mends.

A logistic model over what the sentence gains and how much the words there are doubted. Its
weights, with what they were fitted on, stand in data/edit.json; `scripts/calibrate.py` makes them.
"""

from __future__ import annotations

import math

from audit.detect.features.lexicon import is_function_word
from audit.judge.calibration import read
from audit.model import Edit

FEATURES = ("gain", "doubt", "serious", "more_words", "function_words")

MOST = 15.0
"""Gains count up to so many nats, either way: beyond, more of it says nothing."""


def confidence(edit: Edit) -> float:
    """Probability, 0 to 1, that the place of an edit is a fault."""
    data = read("edit.json")
    weights = data["weights"]
    z = data["intercept"] + sum(
        weights[n] * v for n, v in zip(FEATURES, features(edit), strict=True)
    )
    return 1.0 / (1.0 + math.exp(-z))


def features(edit: Edit) -> tuple[float, ...]:
    """What the model sees of an edit, in the order of FEATURES."""
    return (
        max(-MOST, min(MOST, edit.gain)),
        edit.doubt.any,
        edit.doubt.serious,
        float(not edit.lost),
        float(all(is_function_word(w) for w in (*edit.lost, *edit.new))),
    )
