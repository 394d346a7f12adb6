"""What a causal language model expected in the place of words that the reader doubts.

The word that was meant is rarely one that the model would not have thought of: of the right words
that a page or a dictionary can propose, nine in ten begin with one of the pieces kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from audit.measure.causal import ReadPieces
from audit.measure.reader import Span, pieces_of
from audit.model import Doubt, Expected, Sentence

DOUBTED = 0.15
"""Least doubt of a word, as any fault, whose place is kept."""

UNEXPECTED = 6.0
"""Least surprisal of such a word, nats: nine in ten for which a right one was proposed have it."""

AHEAD = 2.0
"""Nats by which a piece must be less surprising than the word that stands there."""

SHORTEST = 3
"""Fewest letters of such a word."""

Found = tuple[int, int, tuple[int, ...], tuple[float, ...]]
"""Start and end of a word in its sentence, the ids of the pieces, and their surprisal in nats."""


def expected(
    sentence: Sentence, spans: Sequence[Span], pieces: ReadPieces, doubts: Sequence[Doubt]
) -> Iterator[Found]:
    """What was expected in the place of each doubted word; `spans` are those of its pieces."""
    places = [(t.start - sentence.start, t.end - sentence.start) for t in sentence.tokens]
    if not spans:
        return
    for token, doubt, (start, end), (first, last) in zip(
        sentence.tokens, doubts, places, pieces_of(places, spans), strict=True
    ):
        if doubt.any < DOUBTED or not token.text.isalpha() or len(token.text) < SHORTEST:
            continue
        # a piece may begin with the space before the word
        if spans[first][0] not in (start - 1, start) or spans[last][1] != end:
            continue
        own = sum(row[0] for row in pieces.nats[first : last + 1])
        nats = pieces.likeliest_nats[first]
        better = nats <= own - AHEAD
        if own >= UNEXPECTED and better.any():
            ids = pieces.likeliest[first][better].tolist()
            yield start, end, tuple(ids), tuple(round(n, 2) for n in nats[better].tolist())


def in_version(sentence: Sentence, found: Iterable[Found]) -> tuple[Expected, ...]:
    """What was expected at the places of a sentence, as places of its version."""
    at = sentence.start
    return tuple(
        Expected(at + a, at + b, dict(zip(ids, nats, strict=True))) for a, b, ids, nats in found
    )
