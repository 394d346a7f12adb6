"""Lays out sequences of token ids for a causal model so that a common beginning is read once.

Sequences that begin alike form a tree, and a tree lies in one row: each id sees those on its way to
the root and no other, and stands at the position that it has in its sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Ids = tuple[int, ...]


class PrefixTree:
    """Sequences of ids in one row; `paths` has the columns of each one's ids, by its key."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.paths: dict[int, list[int]] = {}
        self._before: list[int] = []
        self._after: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def branches(self) -> bool:
        """Whether it holds more than one plain sequence."""
        return any(before != k - 1 for k, before in enumerate(self._before))

    def common(self, ids: Ids) -> int:
        """How many ids a sequence has in common with those here, from the beginning."""
        at = -1
        for n, id_ in enumerate(ids):
            if (at, id_) not in self._after:
                return n
            at = self._after[at, id_]
        return len(ids)

    def add(self, key: int, ids: Ids) -> None:
        """Add a sequence."""
        path: list[int] = []
        at = -1
        for id_ in ids:
            if (at, id_) not in self._after:
                self._after[at, id_] = len(self.ids)
                self.ids.append(id_)
                self._before.append(at)
            at = self._after[at, id_]
            path.append(at)
        self.paths[key] = path

    def positions(self) -> list[int]:
        """The place of each id in its sequence."""
        found: list[int] = []
        for before in self._before:
            found.append(found[before] + 1 if before >= 0 else 0)
        return found

    def sees(self) -> NDArray[np.bool_]:
        """Which id sees which: itself and those before it in its sequence."""
        import numpy as np

        seen = np.eye(len(self), dtype=bool)
        for k, before in enumerate(self._before):
            if before >= 0:
                seen[k] |= seen[before]
        return seen


class Chain:
    """A beginning and parts of one text in one row.

    Each id sees the first one of the beginning, those before it in its part, and the part before
    it; the first part sees the beginning. `key` says whose the row is.
    """

    def __init__(self, key: int, given: Ids, parts: Sequence[Ids]) -> None:
        self.key = key
        self.ids = [*given, *(id_ for part in parts for id_ in part)]
        self.branches = len(parts) > 1
        self._sizes = [len(given), *map(len, parts)]

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self) -> list[int]:
        """The place of each id in the row."""
        return list(range(len(self)))

    def sees(self) -> NDArray[np.bool_]:
        """Which id sees which."""
        import numpy as np

        part = np.repeat(np.arange(len(self._sizes)), self._sizes)
        near = part >= part[:, None] - 1
        near[:, 0] = True
        return np.tril(near)


Row = PrefixTree | Chain
R = TypeVar("R", PrefixTree, Chain)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as a model is given them, with zeros on the right.

    `ids` and `positions` (rows, length); `mask` (rows, length, length), None without branches, is
    added to the scores of attention; `real` (rows, length) tells ids from padding, which stands
    where no id of a plain sequence sees it.
    """

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    mask: NDArray[np.float32] | None
    real: NDArray[np.bool_]


def laid_out(trees: Sequence[Row]) -> Batch:
    """Each row of ids in a row of the batch."""
    import numpy as np

    length = max(map(len, trees))
    ids = np.zeros((len(trees), length), np.int64)
    positions = np.zeros_like(ids)
    real = np.zeros(ids.shape, bool)
    for row, tree in enumerate(trees):
        ids[row, : len(tree)] = tree.ids
        positions[row, : len(tree)] = tree.positions()
        real[row, : len(tree)] = True
    if not any(tree.branches for tree in trees):
        return Batch(ids, positions, None, real)
    seen = np.tile(np.eye(length, dtype=bool), (len(trees), 1, 1))
    for row, tree in enumerate(trees):
        seen[row, : len(tree), : len(tree)] = tree.sees()
    return Batch(ids, positions, mask_of(seen), real)


def mask_of(seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """What is added to the scores of attention so that an id sees these alone."""
    import numpy as np

    return np.where(seen, np.float32(0), np.finfo(np.float32).min)


def batches(trees: Sequence[R], most: int) -> Iterator[list[R]]:
    """Rows in batches of similar length that hold at most so many ids, padding counted."""
    batch: list[R] = []
    for tree in sorted(trees, key=len):
        if batch and (len(batch) + 1) * len(tree) > most:
            yield batch
            batch = []
        batch.append(tree)
    if batch:
        yield batch
