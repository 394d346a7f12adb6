"""How likely it is that a version was machine-translated, with the marks that decided it.

A logistic model over a few measures of fluency and style that do not show what a text is about:
machines choose common words and function words that a reader does not expect, and write more
evenly (for such shallow traits of translations see Volansky, Ordan & Wintner 2015). To this the
version's own findings add what they say: garbled names, stray capitals and broken sentences speak
for a machine; typing errors count neither way. One version is judged alone; no witness is needed.

Coefficients and their provenance are data of a language (`trained("likelihood")`), written by
`scripts/fit_likelihood.py`; the words that are counted are its table `likelihood`. Data, figures
and what was tried are in docs/likelihood.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from statistics import fmean
from typing import Any

from audit.language.spelling import plain
from audit.model import CATEGORIES, Finding, Language, Sentence, Token

MIN_WORDS = 120
"""Shorter texts are not judged: a rate of 10 per 1,000 words is then one word more or less."""

MAX_Z = 3.0
"""No measure counts for more than so many standard deviations."""

MAX_RATE = 5.0
"""Nor findings of one category for more than so many per 1,000 words."""

MAX_FINDINGS = 2.0
"""Nor all findings together for more than so many log-odds (odds of 7 to 1)."""

LEAST_EFFECT = 0.1
"""Smallest effect of a mark that is reported, in log-odds."""

WITHOUT_MODEL = "no language model ran: judged by style alone, which says little"

COMMON = 4.5
"""Zipf frequency (log10 of occurrences per 10⁹ words) of a common word: 1 in 30,000 or more."""

ODD = 4.0
"""So many nats above its usual surprisal, a function word is not the one that a reader expects:
2 % in original news, 5 % in round trips; 3 and 5 nats separate them less well."""

UNSETTLED = 3
"""So many words after a slip are left out too: the language model has yet to recover from it."""

UNPAIRED = frozenset({"unclosed-marks", "unopened-marks"})
"""Measures of a quotation that lacks one of its marks, which editors forget as easily: 6 in 13,000
words of original news, where other misplaced marks come once. Such findings do not count."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The probability that a version was machine-translated, and why.

    `value` is 0 to 1, at even odds beforehand; None where it is unknown. `marks` say in words
    what decided it, the strongest first, or why it is unknown.
    """

    value: float | None
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """What one measure says; `effect` in log-odds, positive for a machine."""

    effect: float
    words: str


WORDING: Mapping[str, tuple[str, str, str]] = {
    "common_word_surprisal": ("unexpected", "expected", "everyday words ({:.1f} nats)"),
    "odd_function_words": ("many", "few", "unexpected function words ({:.0f} per 1,000)"),
    "preposition_surprisal": ("unexpected", "expected", "prepositions ({:.1f} nats)"),
    "sentence_length_sd": ("uneven", "even", "sentence lengths (spread {:.0f} words)"),
}
"""How a measure is worded that is above or below the mean of the texts it was fitted on, but for
what is counted per 1,000 words."""

COMMAS = "commas"
"""The only rate that is not one of words."""


@dataclass(frozen=True)
class _Rate:
    """Words that are counted together, and what they are called."""

    called: str
    words: frozenset[str]
    ending: str
    letters: int

    def counts(self, word: str) -> bool:
        """Whether a word in small letters is one of them."""
        ends = bool(self.ending) and len(word) >= self.letters and word.endswith(self.ending)
        return ends or word in self.words


@dataclass(frozen=True)
class _Lists:
    """What is counted in a language; `function_words` include the prepositions."""

    prepositions: frozenset[str]
    function_words: frozenset[str]
    rates: Mapping[str, _Rate]


@cache
def _lists(language: Language) -> _Lists:
    return _Lists(
        language.words("usual_prepositions"),
        language.words("measured_function_words"),
        {name: _rate(r, language) for name, r in language.table("likelihood").items()},
    )


def _rate(rule: Mapping[str, Any], language: Language) -> _Rate:
    listed = language.words(rule["list"]) if "list" in rule else rule.get("words", ())
    return _Rate(rule["called"], frozenset(listed), rule.get("ending", ""), rule.get("letters", 0))


def likelihood(
    sentences: Sequence[Sentence],
    findings: Sequence[Finding],
    words: Sequence[Sequence[float]] | None,
    readability: Mapping[str, float],
    language: Language,
) -> Likelihood:
    """Judge one version by its sentences, its own findings and its words' surprisal.

    `words` holds the surprisal of every token of every sentence after the sentence before, in
    nats, as `SurprisalModel.words` gives it for the default model; None if no model ran or if
    it was another one, and then coefficients without surprisal are used. `readability` is what
    `language.readability` says of the version. There is no value for a language that no model was
    fitted to.
    """
    data = language.trained("likelihood")
    if data is None:
        return Likelihood(None, (f"no model was fitted for {language.name}",))
    count = sum(t.is_word for s in _body(sentences) for t in s.tokens)
    if count < MIN_WORDS:
        return Likelihood(None, (f"too short to judge: {count} words, {MIN_WORDS} are needed",))
    fitted = data["without_surprisal" if words is None else "with_surprisal"]
    values = style(sentences, readability, language)
    if words is not None:
        slips = [(f.start, f.end) for f in findings if CATEGORIES[f.category].is_human_slip]
        values |= surprise(sentences, words, data["function_words"], language, slips)
    rates = _lists(language).rates
    measured = [_measure_mark(k, values[k], fit, rates) for k, fit in fitted["measures"].items()]
    found = list(_finding_marks(findings, count, data["findings"]))
    log_odds = fitted["intercept"] + sum(m.effect for m in measured)
    log_odds += max(-MAX_FINDINGS, min(MAX_FINDINGS, sum(m.effect for m in found)))
    marks = _in_words([*measured, *found], machine=log_odds > 0)
    return Likelihood(
        round(1 / (1 + math.exp(-log_odds)), 3),
        marks if words is not None else (*marks, WITHOUT_MODEL),
    )


def style(
    sentences: Sequence[Sentence], readability: Mapping[str, float], language: Language
) -> dict[str, float]:
    """Measures that need no language model; rates are per 1,000 words."""
    tokens = [t for s in _body(sentences) for t in s.tokens]
    words = [plain(t.text) for t in tokens if t.is_word]
    counts = {name: sum(map(r.counts, words)) for name, r in _lists(language).rates.items()}
    counts[COMMAS] = sum(t.text == "," for t in tokens)
    rates = {name: 1000 * n / len(words) for name, n in counts.items()}
    return rates | {"sentence_length_sd": readability["sentence_length_sd"]}


def surprise(
    sentences: Sequence[Sentence],
    words: Sequence[Sequence[float]],
    usual: Mapping[str, float],
    language: Language,
    left_out: Sequence[tuple[int, int]] = (),
) -> dict[str, float]:
    """Measures of surprisal, in nats; words that touch a span of `left_out`, and the next
    ones, do not count.

    `usual` is the usual surprisal of each function word in texts written by people. Only words
    in small letters count as common words: names and numbers are surprising and right.
    """
    lists = _lists(language)
    common, odd, prepositions = [], [], []
    unsettled = 0
    for token, nats in _measured(sentences, words):
        if any(token.start < end and start < token.end for start, end in left_out):
            unsettled = UNSETTLED
            continue
        if unsettled:
            unsettled -= 1
            continue
        word = plain(token.text)
        if word in lists.function_words:
            odd.append(nats > usual[word] + ODD)
            if word in lists.prepositions:
                prepositions.append(nats)
        elif word.isalpha() and token.text[0].islower() and language.token_zipf(word) >= COMMON:
            common.append(nats)
    return {
        "common_word_surprisal": fmean(common or [0.0]),
        "odd_function_words": 1000 * fmean(odd or [0.0]),
        "preposition_surprisal": fmean(prepositions or [0.0]),
    }


def usual_surprisal(
    texts: Sequence[tuple[Sequence[Sentence], Sequence[Sequence[float]]]], language: Language
) -> dict[str, float]:
    """Mean surprisal of each function word in texts, in nats; rare ones drawn to the mean of all.

    A word counts as if it had been seen five more times with the mean of all function words.
    """
    seen: dict[str, list[float]] = {w: [] for w in sorted(_lists(language).function_words)}
    for token, nats in chain.from_iterable(_measured(*text) for text in texts):
        if plain(token.text) in seen:
            seen[plain(token.text)].append(nats)
    overall = fmean(chain.from_iterable(seen.values()))
    return {w: (sum(n) + 5 * overall) / (len(n) + 5) for w, n in seen.items()}


def _measured(
    sentences: Sequence[Sentence], words: Sequence[Sequence[float]]
) -> Iterator[tuple[Token, float]]:
    """The words of running text with their surprisal."""
    body = {s.index for s in _body(sentences)}
    for sentence, nats in zip(sentences, words, strict=True):
        if sentence.index in body:
            yield from ((t, n) for t, n in zip(sentence.tokens, nats, strict=True) if t.is_word)


def _body(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences of running text: headlines have a style of their own."""
    return [s for s in sentences if s.kind == "body"]


def _measure_mark(
    name: str, value: float, fit: Mapping[str, float], rates: Mapping[str, _Rate]
) -> _Mark:
    z = max(-MAX_Z, min(MAX_Z, (value - fit["mean"]) / fit["sd"]))
    called = rates[name].called if name in rates else name
    counted = ("many", "few", f"{called} ({{:.0f}} per 1,000 words)")
    above, below, what = WORDING.get(name, counted)
    return _Mark(fit["weight"] * z, f"{above if z > 0 else below} {what.format(value)}")


def _finding_marks(
    findings: Sequence[Finding], words: int, weights: Mapping[str, float]
) -> Iterator[_Mark]:
    """What the findings of each category say, counted by their confidence."""
    counted = [f for f in findings if not any(m.name in UNPAIRED for m in f.measures)]
    for category, weight in weights.items():
        own = [f.confidence for f in counted if f.category == category]
        if own:
            effect = weight * min(1000 * sum(own) / words, MAX_RATE)
            rate = 1000 * len(own) / words
            yield _Mark(effect, f"{CATEGORIES[category].machine_sign}: {rate:.1f} per 1,000 words")


def _in_words(marks: Sequence[_Mark], *, machine: bool) -> tuple[str, ...]:
    """Marks that speak for the verdict, the strongest first, then those against it."""
    strong = [m for m in marks if abs(m.effect) >= LEAST_EFFECT]
    strong.sort(key=lambda m: -abs(m.effect))
    agreeing = tuple(m.words for m in strong if (m.effect > 0) == machine)
    return agreeing + tuple(f"against it: {m.words}" for m in strong if (m.effect > 0) != machine)
