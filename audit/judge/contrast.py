"""How sure an edit is: the probability that a careful reader marks the place that it mends.

Logistic models over what the sentence gains and how much the words there are doubted, one for what
witnesses offer and one for what the language model proposes. Their weights are
data of a language (`trained("edit")`); `scripts/calibrate.py` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from audit.language.logistic import probability
from audit.model import Edit, Language

MOST = 15.0
"""Gains count up to so many nats, either way: beyond, more of it says nothing."""


def confidence(edit: Edit, language: Language) -> float:
    """Probability, 0 to 1, that the place of an edit is a fault; 0 if no model was fitted."""
    models = language.trained("edit")
    if models is None:
        return 0.0
    return probability(models[source(edit)], features(edit, language))


def source(edit: Edit) -> str:
    """Which of the two models an edit is judged by."""
    return "proposed" if edit.proposal else "offered"


def features(edit: Edit, language: Language) -> Mapping[str, float]:
    """What the model sees of an edit, by name."""
    gain = max(-MOST, min(MOST, edit.gain))
    common = {"gain": gain, "doubt": edit.doubt.any, "serious": edit.doubt.serious}
    if not edit.proposal:
        return common | {
            "more_words": float(not edit.lost),
            "function_words": float(all(map(language.is_function_word, (*edit.lost, *edit.new)))),
        }
    return common | {
        "ahead": min(MOST, edit.ahead),
        "shown": float(edit.support > 0),
        "more_frequent": language.token_zipf(edit.text) - language.token_zipf(edit.quote),
        "function": float(edit.proposal == "function"),
        "spelling": float(edit.proposal == "spelling"),
    }
