"""Pairs of one cell's items with another's, such as names or numbers that stand at one place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, Protocol, TypeVar

__all__ = ["Pair", "Rivals", "best_pairs", "rivals"]


class Placed(Hashable, Protocol):
    """Something that stands at a place of a version."""

    @property
    def start(self) -> int:
        """Where it begins."""


T = TypeVar("T", bound=Placed)


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """An item of one cell, the item of another at its place, and the evidence for it (0 to 1)."""

    ours: T
    theirs: T
    evidence: float


Rivals = Mapping[tuple[str, T], Mapping[str, Pair[T]]]
"""By version and item: the pairs of the item with those of other versions, by version id."""


def best_pairs(scored: Iterable[Pair[T]], least: float) -> list[Pair[T]]:
    """Pairs in which no item stands twice: the best first, then the best of what is left.

    Pairs of less evidence than `least` are left out. Of equals the one that stands first is better.
    """
    chosen: list[Pair[T]] = []
    ours: set[T] = set()
    theirs: set[T] = set()
    for pair in sorted(scored, key=lambda p: (-p.evidence, p.ours.start, p.theirs.start)):
        if pair.evidence >= least and pair.ours not in ours and pair.theirs not in theirs:
            chosen.append(pair)
            ours.add(pair.ours)
            theirs.add(pair.theirs)
    return chosen


def rivals(versions: Iterable[str], pairs_of: Callable[[str, str], Iterable[Pair[T]]]) -> Rivals[T]:
    """The pairs of each two of these versions, as both sides see them.

    `pairs_of` gives the pairs of two versions and is asked once for each two.
    """
    found: dict[tuple[str, T], dict[str, Pair[T]]] = {}
    for a, b in combinations(sorted(versions), 2):
        for pair in pairs_of(a, b):
            found.setdefault((a, pair.ours), {})[b] = pair
            found.setdefault((b, pair.theirs), {})[a] = Pair(pair.theirs, pair.ours, pair.evidence)
    return found
