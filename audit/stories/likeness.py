"""How alike two articles are as reports of one event, 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from audit.stories.member import Member

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Weights = tuple[float, float, float]
WEIGHTS: Weights = (0.5, 0.35, 0.15)
"""Weights of the cosines of words, of names and of leads, picked by eye on the benchmark itself;
their neighbours leave a wide range of thresholds (docs/stories.md). Vectors know the kind of event
better than which one it is: a higher weight joins like events."""

COPY = 0.7
"""Share of shingles in common from which two articles are copies. A form letter of 100 words that
is filled in at eight places keeps less than half."""

SEVERAL = 3
STRANGE = 0.5
"""Two articles with so many names each, of which neither has one of the other's anywhere, are so
much less alike: two quakes or two verdicts are told in the same words. Not fitted: of the pairs of
`clusters` and `newsroom`, no two of one event are such, and 27 of the 430 of like events, which the
other weights keep apart already."""

SAME_DAY = 1.0
FAR_DAYS = 5.0
"""Articles up to a day apart lose nothing; from there likeness falls in a straight line to 0. An
article without a date loses nothing. Not fitted: the benchmark has no dates."""

CHUNK = 20_000
"""Pairs compared at once: about 100 MB."""

DAY = 86_400.0
"""Seconds."""


class Likeness:
    """Likeness among a fixed list of members."""

    def __init__(self, members: Sequence[Member], weights: Weights = WEIGHTS) -> None:
        import numpy as np

        self._weights = weights
        terms = _matrix([*(m.words for m in members), *(m.names for m in members)])
        self._words, self._names = terms[: len(members)], terms[len(members) :]
        self._several = np.diff(self._names.indptr) >= SEVERAL
        self._leads = np.stack([np.frombuffer(m.vector, "<f4") for m in members])
        self._signatures = np.stack([np.frombuffer(m.signature, "<u4") for m in members])
        self._has_words = np.array([bool(m.words) for m in members])
        self._days = np.array([m.time.timestamp() / DAY if m.time else np.nan for m in members])
        codes = {code: i for i, code in enumerate(sorted({m.language for m in members}))}
        self._languages = np.array([codes[m.language] for m in members])

    def of_pairs(self, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.float32]:
        """Likeness of pairs of members, given by their places in the list."""
        import numpy as np

        parts = [
            self._of_pairs(a[i : i + CHUNK], b[i : i + CHUNK]) for i in range(0, len(a), CHUNK)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)

    def of_all(self, among: NDArray[np.intp]) -> NDArray[np.float32]:
        """Likeness of each of some members to each, as a square; that to itself is 1."""
        import numpy as np

        words, names, leads = self._words[among], self._names[among], self._leads[among]
        of_words, of_names = (words @ words.T).toarray(), (names @ names.T).toarray()
        seen = (names @ words.T).toarray() > 0
        seen |= seen.T
        rows = [
            self._mixed(
                (of_words[i], of_names[i], leads @ leads[i]),
                seen[i],
                np.full(len(among), k),
                among,
            )
            for i, k in enumerate(among)
        ]
        return np.stack(rows)

    def _of_pairs(self, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.float32]:
        import numpy as np

        words, names = self._words, self._names
        cosines = (
            _dots(words[a], words[b]),
            _dots(names[a], names[b]),
            np.einsum("ij,ij->i", self._leads[a], self._leads[b]),
        )
        seen = (_dots(names[a], words[b]) > 0) | (_dots(words[a], names[b]) > 0)
        return self._mixed(cosines, seen, a, b)

    def _mixed(
        self,
        cosines: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
        seen: NDArray[np.bool_],
        a: NDArray[np.intp],
        b: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        """The likeness of pairs from the cosines of words, names and leads.

        `seen` says whether a name of the one is anywhere in the other.
        """
        import numpy as np

        words, names, leads = cosines
        of_words, of_names, of_leads = self._weights
        apart = np.abs(self._days[a] - self._days[b])
        near = np.nan_to_num(np.clip((FAR_DAYS - apart) / (FAR_DAYS - SAME_DAY), 0, 1), nan=1.0)
        mixed = near * (of_words * words + of_names * names + of_leads * np.maximum(leads, 0))
        mixed = np.where(self._several[a] & self._several[b] & ~seen, STRANGE * mixed, mixed)
        copies = (self._signatures[a] == self._signatures[b]).mean(axis=1) >= COPY
        copies &= self._has_words[a]
        same_language = self._languages[a] == self._languages[b]
        return np.asarray(np.where(copies, 1.0, mixed) * same_language, dtype=np.float32)


def _dots(a: Any, b: Any) -> NDArray[np.float32]:
    """The product of each row of one sparse matrix with the same row of another."""
    import numpy as np

    dots: NDArray[np.float32] = np.asarray(a.multiply(b).sum(axis=1)).ravel()
    return dots


def _matrix(packed: Sequence[bytes]) -> Any:
    """Rows of weights by term, sparse."""
    import numpy as np
    from scipy.sparse import csr_matrix

    pairs = [np.frombuffer(p, [("term", "<u4"), ("weight", "<f4")]) for p in packed]
    starts = np.cumsum([0, *map(len, pairs)])
    flat = np.concatenate(pairs)
    terms, columns = np.unique(flat["term"], return_inverse=True)
    return csr_matrix(
        (flat["weight"].astype(np.float32), columns, starts), shape=(len(pairs), len(terms) + 1)
    )
