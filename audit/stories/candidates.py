"""Which articles are worth comparing: those with rare words in common, and near-duplicates."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from audit.stories.likeness import COPY
from audit.stories.member import HASHES, SCHEME, Member

if TYPE_CHECKING:
    from datasketch import LeanMinHash

RAREST = 24
IN_COMMON = 2
"""Of its rarest words an article shares this many with each candidate: 98 % of the pairs that
belong together (`clusters` and `newsroom`). The others are joined by what lies between them."""

TOO_COMMON = 400
"""A word that more articles have among their rarest leads to no candidates. So the work for an
article has a bound, however many there are; near-duplicates are found all the same."""


class Candidates:
    """An inverted index of rare words beside a MinHash LSH index; both forget what is removed."""

    def __init__(self) -> None:
        from datasketch import MinHashLSH

        self._having: defaultdict[int, set[str]] = defaultdict(set)
        self._copies = MinHashLSH(threshold=COPY, num_perm=HASHES)

    def add(self, member: Member) -> None:
        """Make an article known."""
        for term in _rarest(member):
            self._having[term].add(member.article)
        self._copies.insert(member.article, _sketch(member))

    def remove(self, member: Member) -> None:
        """Forget an article."""
        for term in _rarest(member):
            self._having[term].discard(member.article)
            if not self._having[term]:
                del self._having[term]
        self._copies.remove(member.article)

    def of(self, member: Member) -> set[str]:
        """The ids of the known articles to compare a known one with."""
        shared = Counter(
            article
            for term in _rarest(member)
            if len(having := self._having[term]) <= TOO_COMMON
            for article in having
        )
        found = {article for article, n in shared.items() if n >= IN_COMMON}
        return (found | set(self._copies.query(_sketch(member)))) - {member.article}


def _rarest(member: Member) -> list[int]:
    import numpy as np

    pairs = np.frombuffer(member.words, [("term", "<u4"), ("weight", "<f4")])
    terms: list[int] = pairs["term"][:RAREST].tolist()
    return terms


def _sketch(member: Member) -> LeanMinHash:
    import numpy as np
    from datasketch import LeanMinHash

    values = np.frombuffer(member.signature, "<u4")
    return LeanMinHash(seed=1, hashvalues=values, scheme=SCHEME)
