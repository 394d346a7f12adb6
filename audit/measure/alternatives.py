"""Which words of a text a language model would rather have read, of those that may be meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.model import Confusion, Language

LEAST_GAIN = 1.0
"""Nats by which a word must be better than the one that stands there: less is noise."""

MOST = 2
"""Alternatives that are kept of one word, besides the best of each kind: what stands after a word
may favour another than what stands before. Of 251 damaged words of news (`native`) the right one is
kept for 211, without the kinds for 209."""

_WORD = re.compile(r"(?<![\w'’@#/._-])[a-z]+(?![\w'’@/_-]|\.\w)")

Span = tuple[int, int]
Better = tuple[int, int, str, float]
"""Start and end of a word, another in its place, and its gain after what stands before, in nats."""


@dataclass(frozen=True, slots=True)
class Question:
    """A word with the pieces that it is made of, and the pieces of those that may be meant.

    `kinds` says of each word that may be meant how it is confused with this one.
    """

    start: int
    end: int
    pieces: range
    meant: Mapping[str, int]
    kinds: Mapping[str, Confusion]


def questions(
    text: str, spans: Sequence[Span], piece: Callable[[str], int | None], language: Language
) -> Iterator[Question]:
    """What to ask of a text whose pieces have those spans; `piece` gives the one of a word.

    Words in small letters are asked for, names and numbers are not, nor the first word, before
    which nothing stands. A word must be whole pieces, and one that may be meant a single one.
    """
    first = 0
    for word in _WORD.finditer(text):
        start, end = word.span()
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        last = first
        while last + 1 < len(spans) and spans[last][1] < end:
            last += 1
        if not first or first == len(spans):
            continue
        # a piece may begin with the space before the word
        if spans[first][0] not in (start - 1, start) or spans[last][1] != end:
            continue
        kinds = language.confusions(word.group())
        meant = {w: id_ for w in kinds if (id_ := piece(w)) is not None}
        if meant:
            yield Question(start, end, range(first, last + 1), meant, kinds)


def answers(asked: Sequence[Question], nats: Sequence[Sequence[float]]) -> tuple[Better, ...]:
    """The better words, the best first for each place.

    `nats` has for each piece of the text its surprisal, and at a question's first piece after it
    those of the words that may be meant.
    """
    found: list[Better] = []
    for q in asked:
        own = sum(nats[k][0] for k in q.pieces)
        gains = zip(q.meant, (own - n for n in nats[q.pieces.start][1:]), strict=True)
        better = sorted(((w, g) for w, g in gains if g >= LEAST_GAIN), key=lambda wg: -wg[1])
        kinds: set[str] = set()
        for rank, (word, gain) in enumerate(better):
            kind = q.kinds[word]
            if rank < MOST or kind not in kinds:
                found.append((q.start, q.end, word, round(gain, 3)))
            kinds.add(kind)
    return tuple(found)
