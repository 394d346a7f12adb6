"""Direct speech: the words that a cell quotes, and how alike two quotes are word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from audit.compare.place import stem
from audit.language.spelling import plain
from audit.model import Quotation, Row, Story, Token

__all__ = ["SPEECH_WORDS", "Speech", "likeness", "speech"]

SPEECH_WORDS = 6
"""Shortest quotation, words, taken for direct speech and not for a quoted term or a fragment."""

CAPITALS = 0.6
"""From this share of capitalised words a quotation is a title."""

_CONTRACTIONS = (
    (re.compile(r"^won't$"), "will not"),
    (re.compile(r"^can't$|^cannot$"), "can not"),
    (re.compile(r"n't$"), " not"),
    (re.compile(r"'m$"), " am"),
    (re.compile(r"'re$"), " are"),
    (re.compile(r"'ve$"), " have"),
    (re.compile(r"'ll$"), " will"),
)
_BRITISH = (
    (re.compile(r"(?<=[a-z]{2})our"), "or"),
    (re.compile(r"(?<=[a-z]{2})is(?=e|ing|ation)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})tre(?=s?$)"), "ter"),
)


_SUBJECTS = frozenset({"it", "that", "this", "he", "she", "there", "here", "what", "who", "where"})
"""Words after which a parted "'s" is a verb and no possessive."""


@dataclass(frozen=True)
class Speech:
    """What a version's cell quotes: word tokens in text order and their forms for comparison.

    `forms[i]` are the plain words of token i, contractions written out, British spelling made
    American, endings cut off; `quotations[i]` is where its quotation begins.
    """

    version: str
    tokens: tuple[Token, ...]
    forms: tuple[tuple[str, ...], ...]
    quotations: tuple[int, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All forms in a row."""
        return tuple(w for form in self.forms for w in form)

    def longest(self, first: int, end: int) -> tuple[int, int]:
        """The span of the longest run of the tokens [first, end) that lies in one quotation."""
        runs = groupby(range(first, end), key=lambda i: self.quotations[i])
        run = max((list(g) for _, g in runs), key=len)
        return self.tokens[run[0]].start, self.tokens[run[-1]].end


def speech(story: Story, row: Row) -> dict[str, Speech]:
    """The direct speech of each version in a row; versions that quote less are absent."""
    found = {}
    for version in sorted(row.cells):
        words = [t for s in story.cell(row, version) for t in s.tokens if t.is_word]
        spoken = [
            (t, q.start)
            for q in _outermost(story.annotations[version].quotes.quotations)
            if _is_speech(inside := [t for t in words if q.inner_start <= t.start < q.inner_end])
            for t in inside
        ]
        if spoken:
            tokens, quotations = zip(*spoken, strict=True)
            before = ("", *(t.text for t in tokens))
            forms = tuple(tuple(_forms(t.text, b)) for b, t in zip(before, tokens, strict=False))
            found[version] = Speech(version, tokens, forms, quotations)
    return found


def _outermost(quotations: Sequence[Quotation]) -> Iterable[Quotation]:
    end = 0
    for q in quotations:
        if q.end > end:
            yield q
            end = q.end


def _is_speech(tokens: Sequence[Token]) -> bool:
    capitals = sum(t.text[:1].isupper() for t in tokens)
    return len(tokens) >= SPEECH_WORDS and capitals < CAPITALS * len(tokens)


def likeness(a: Sequence[str], b: Sequence[str]) -> float:
    """1 − Levenshtein distance in words / words of the longer; 1 for the same words."""
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_similarity(a, b))


def _forms(word: str, before: str) -> Iterable[str]:
    text = "is" if plain(word) == "'s" and plain(before) in _SUBJECTS else plain(word)
    for pattern, full in _CONTRACTIONS:
        text = pattern.sub(full, text)
    for part in text.split():
        for pattern, american in _BRITISH:
            part = pattern.sub(american, part)
        yield stem(part)
