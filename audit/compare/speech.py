"""Direct speech: the words that a cell quotes, and how alike two quotes are word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from audit.compare.place import stem
from audit.model import Language, Quotation, Row, Story, Token

__all__ = ["SPEECH_WORDS", "Speech", "likeness", "speech"]

SPEECH_WORDS = 6
"""Shortest quotation, words, taken for direct speech and not for a quoted term or a fragment."""

CAPITALS = 0.6
"""From this share of capitalised words a quotation is a title."""


@dataclass(frozen=True)
class Speech:
    """What a version's cell quotes: word tokens in text order and their forms for comparison.

    `forms[i]` are the plain words of token i, contractions written out, in one spelling, endings
    cut off; `quotations[i]` is where its quotation begins.
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
        annotation = story.annotations[version]
        form_of = {
            t: form
            for i in row.cells[version]
            for t, form in zip(story.sentences[version][i].tokens, annotation.forms[i], strict=True)
            if t.is_word
        }
        spoken = [
            (t, q.start)
            for q in _outermost(annotation.quotes.quotations)
            if _is_speech(inside := [t for t in form_of if q.inner_start <= t.start < q.inner_end])
            for t in inside
        ]
        if spoken:
            tokens, quotations = zip(*spoken, strict=True)
            forms = _comparable([form_of[t] for t in tokens], story.language)
            found[version] = Speech(version, tokens, forms, quotations)
    return found


def _comparable(forms: Sequence[str], language: Language) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(stem(word) for word in language.written_out(form, before))
        for before, form in pairwise(["", *forms])
    )


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
