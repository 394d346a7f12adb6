"""Word order against another version's."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from audit.model import OtherCell, Sentence

__all__ = ["inversions"]

LEAST_LINKS = 6
"""Fewer links say nothing about the order."""


def inversions(s: Sentence, views: Iterable[OtherCell]) -> float | None:
    """Share of neighbouring linked words that the nearest other version has the other way round.

    None where no version has enough links. A paraphrase moves phrases and keeps the order inside
    them: of 483 sentences beside a human translation 5 % reach .2, none .34; of 602
    sentences of two human translations of news the highest has .37.
    """
    shares = []
    for view in views:
        if view.match is None:
            continue
        tokens = view.match.a_tokens
        own = [j for i, j in sorted(view.match.pairs) if s.start <= tokens[i].start < s.end]
        if len(own) >= LEAST_LINKS:
            shares.append(sum(y < x for x, y in pairwise(own)) / (len(own) - 1))
    return min(shares) if shares else None
