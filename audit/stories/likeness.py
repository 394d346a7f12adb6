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
"""Weights of the cosines of words, of names and of leads. Among the mixtures that were tried these
leave the widest range of thresholds (scripts/score_stories.py). Vectors know the kind of event
better than which one it is: a higher weight joins like events."""

COPY = 0.7
"""Share of shingles in common from which two articles are copies. A form letter of 100 words that
is filled in at eight places keeps less than half."""

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
        self._words = _matrix([m.words for m in members])
        self._names = _matrix([m.names for m in members])
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
        rows = [
            self._mixed(
                (words[i : i + 1] @ words.T).toarray()[0],
                (names[i : i + 1] @ names.T).toarray()[0],
                leads @ leads[i],
                np.full(len(among), k),
                among,
            )
            for i, k in enumerate(among)
        ]
        return np.stack(rows)

    def _of_pairs(self, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.float32]:
        import numpy as np

        words = np.asarray(self._words[a].multiply(self._words[b]).sum(axis=1)).ravel()
        names = np.asarray(self._names[a].multiply(self._names[b]).sum(axis=1)).ravel()
        leads = np.einsum("ij,ij->i", self._leads[a], self._leads[b])
        return self._mixed(words, names, leads, a, b)

    def _mixed(
        self,
        words: NDArray[np.float32],
        names: NDArray[np.float32],
        leads: NDArray[np.float32],
        a: NDArray[np.intp],
        b: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        import numpy as np

        of_words, of_names, of_leads = self._weights
        apart = np.abs(self._days[a] - self._days[b])
        near = np.nan_to_num(np.clip((FAR_DAYS - apart) / (FAR_DAYS - SAME_DAY), 0, 1), nan=1.0)
        mixed = near * (of_words * words + of_names * names + of_leads * np.maximum(leads, 0))
        copies = (self._signatures[a] == self._signatures[b]).mean(axis=1) >= COPY
        copies &= self._has_words[a]
        joined = np.where(copies, 1.0, mixed) * (self._languages[a] == self._languages[b])
        return joined.astype(np.float32)


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
