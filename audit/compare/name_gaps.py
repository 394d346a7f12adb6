"""Places of a cell where a name of another cell is missing and its neighbours meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from audit.compare.names import Names, is_proper
from audit.compare.place import linked, stem
from audit.language.spelling import fold, plain
from audit.model import CellMatch, Language, Mention, Row, Sentence, Token

__all__ = ["Gap", "gaps"]

INTRODUCTION = 8
"""Most words before the comma that closes an introductory phrase."""

_EDGE = ""
"""Stands for the beginning or the end of a sentence among its neighbours."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a name of another cell is missing: the two words around the gap, and that name.

    `broken` says that the words left do not fit together without the name. `having` versions of
    the row mention it, `lacking` others do not.
    """

    start: int
    end: int
    before: str
    after: str
    missing: Mention
    broken: bool
    having: int
    lacking: int


def gaps(names: Names, row: Row, a: str, b: str) -> Iterator[Gap]:
    """Places of cell `a` where a name of cell `b` is missing, unless most versions lack it too."""
    rivals = names.rivals(row)
    match = names.story.match(row, a, b)
    for mention in names.of_cell(row, b):
        if a in rivals.get((b, mention), {}) or names.is_mentioned(mention, row, a):
            continue
        mentioned = [names.is_mentioned(mention, row, v) for v in row.cells if v not in (a, b)]
        having, lacking = 1 + sum(mentioned), len(mentioned) - sum(mentioned)
        place = _place(names, row, a, b, mention, match) if having >= lacking else None
        if place:
            (x, y), broken = place
            ends = [t for t in (x, y) if t is not None]
            yield Gap(
                ends[0].start,
                ends[-1].end,
                _text(x),
                _text(y),
                mention,
                broken,
                having,
                lacking,
            )


def _place(
    names: Names, row: Row, a: str, b: str, mention: Mention, match: CellMatch | None
) -> tuple[tuple[Token | None, Token | None], bool] | None:
    """The neighbours that meet in cell `a`, and whether they do not fit together; None if none do.

    None stands for the edge of a sentence.
    """
    story, language = names.story, names.story.language
    tokens = story.sentences[b][mention.sentence].tokens
    inside = [i for i, t in enumerate(tokens) if t.start < mention.end and t.end > mention.start]
    left = tokens[inside[0] - 1] if inside[0] else None
    right = tokens[inside[-1] + 1] if inside[-1] + 1 < len(tokens) else None
    proper = any(is_proper(part, language) for part in mention.parts)
    best: tuple[tuple[bool, int], tuple[Token | None, Token | None]] | None = None
    for ours in story.cell(row, a):
        around: list[Token | None] = [None, *_possessives_joined(ours, language), None]
        for x, y in pairwise(around):
            shared = _same(x, left, match) + _same(y, right, match)
            broken = language.cannot_meet(_text(x), _text(y), shared) or (
                shared > 0 and _lacks_subject(ours, x, y, language)
            )
            fits = shared == 2 and proper and _is_full(x, y, language)
            if (broken or fits) and (best is None or (broken, shared) > best[0]):
                best = (broken, shared), (x, y)
    return (best[1], best[0][0]) if best else None


def _text(token: Token | None) -> str:
    return token.text if token else _EDGE


def _same(ours: Token | None, theirs: Token | None, match: CellMatch | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    if not ours.is_word or not theirs.is_word:
        return ours.text == theirs.text
    if stem(ours.text) == stem(theirs.text):
        return True
    return linked(match, (ours.start, ours.end), (theirs.start, theirs.end))


def _possessives_joined(sentence: Sentence, language: Language) -> Iterator[Token]:
    """The tokens of a sentence, an ending that has lost its word ("of 's economy") as one."""
    possessives = language.words("possessives")
    tokens = iter(sentence.tokens)
    for token in tokens:
        rest = plain(sentence.text[token.start - sentence.start :])
        parted = any(re.match(rf"{re.escape(p)}\b", rest) for p in possessives)
        if parted and token.text in "'’" and (last := next(tokens, None)):
            yield Token(token.start, last.end, token.text + last.text)
        else:
            yield token


def _is_full(x: Token | None, y: Token | None, language: Language) -> bool:
    """Whether two content words meet: only then two equal neighbours say that something is gone."""
    words = [fold(t.text) for t in (x, y) if t is not None and t.is_word]
    stopwords, articles = language.words("stopwords"), language.words("articles")
    return len(words) == 2 and words[0] not in stopwords and words[1] not in articles


def _lacks_subject(
    sentence: Sentence, x: Token | None, y: Token | None, language: Language
) -> bool:
    """Whether a verb follows the comma of an introductory phrase: "Last month, experienced"."""
    if x is None or y is None or x.text != "," or not language.is_finite_verb(fold(y.text)):
        return False
    before = [t for t in sentence.tokens if t.end <= x.start]
    return len(before) <= INTRODUCTION and not any(t.text == "," for t in before)
