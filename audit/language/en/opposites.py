"""Opposites, from `data/claims.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from audit.language.en.tables import table

__all__ = ["opposed"]


@cache
def _sides() -> Mapping[str, frozenset[int]]:
    """For each word the sides it is on: an opposition's number, signed by side."""
    sides: dict[str, set[int]] = {}
    for number, line in enumerate(table("claims")["oppositions"], start=1):
        for sign, side in zip((1, -1), line.split("|"), strict=True):
            for word in side.split():
                sides.setdefault(word, set()).add(sign * number)
    return {word: frozenset(found) for word, found in sides.items()}


def opposed(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether some base form of the one word is an opposite of some base form of the other.

    Words that also stand on the same side of some opposition are not opposed.
    """
    ours, theirs = _sides_of(a), _sides_of(b)
    if not (ours and theirs):
        return False
    return any(-s in theirs for s in ours) and not ours & theirs and not a & b


@lru_cache(maxsize=8_192)
def _sides_of(forms: frozenset[str]) -> frozenset[int]:
    return frozenset(s for w in forms for s in _sides().get(w, ()))
