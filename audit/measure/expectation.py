"""How surprising a word usually is, so that a rare name or a number is not taken for a fault.

Surprisal of words in good news text falls in a straight line with the logarithm of their
frequency (Smith & Levy 2013), here wordfreq's zipf scale; so does its spread. There is one line
for each class of word: a name, a number or a sentence's first word is more surprising than
another word as frequent. Word length adds nothing (R² .351 with it, .350 without).

The lines are data of a language (`trained("surprisal")`), fitted by `scripts/fit_surprisal.py` for
the model that is named there. With another model compare a version with itself and its
witnesses rather than with these lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from audit.model import Language, Token

WordClass = Literal["word", "name", "first", "number", "punctuation"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Mean and standard deviation, in nats, of the surprisal of words of one kind."""

    mean: float
    spread: float

    def excess(self, nats: float) -> float:
        """How many spreads a word's surprisal lies above (negative: below) what is usual."""
        return (nats - self.mean) / self.spread


def word_class(text: str, *, first: bool = False) -> WordClass:
    """The class of a token; `first` says that it is the first word of its sentence."""
    if not any(c.isalnum() for c in text):
        return "punctuation"
    if any(c.isdigit() for c in text):
        return "number"
    if first:
        return "first"
    return "name" if text[0].isupper() else "word"


def expected(text: str, language: Language, *, first: bool = False) -> Expectation | None:
    """The usual surprisal of a token in good news text after the sentence before.

    None if nothing was fitted to the language.
    """
    lines: Mapping[str, Mapping[str, float]] | None = language.trained("surprisal")
    if lines is None:
        return None
    kind = word_class(text, first=first)
    line = lines[kind]
    x = predictor(text, kind, language)
    mean = line["mean"] + line["mean_slope"] * x
    return Expectation(max(mean, 0.1), max(line["spread"] + line["spread_slope"] * x, 0.5))


def excess(tokens: Sequence[Token], nats: Sequence[float], language: Language) -> tuple[float, ...]:
    """Excess surprisal of the tokens of a sentence, in spreads (see `Expectation.excess`).

    0 for each if nothing was fitted to the language.
    """
    first = next((i for i, t in enumerate(tokens) if t.is_word), None)
    usual = (expected(t.text, language, first=i == first) for i, t in enumerate(tokens))
    return tuple(e.excess(n) if e else 0.0 for e, n in zip(usual, nats, strict=True))


def predictor(text: str, kind: WordClass, language: Language) -> float:
    """What surprisal is a line of: zipf frequency, the length of a number, nothing for marks."""
    if kind == "punctuation":
        return 0.0
    return float(len(text)) if kind == "number" else language.token_zipf(text)
