"""What every sentence encoder gives: the vector of a text and the vectors of its pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_PIECES = 512
"""BERT's window. all-MiniLM-L6-v2 is configured for 256, which would leave the words of a very
long sentence without vectors."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as an encoder sees it.

    `whole` (width) is the text's vector, `pieces` (pieces, width) are those of its pieces, and
    `spans` (pieces, 2) the code points that each covers: none for pieces that mark the ends.
    """

    whole: NDArray[np.float32]
    pieces: NDArray[np.float32]
    spans: NDArray[np.int64]


class Encoder(Protocol):
    """A loaded model."""

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Texts of similar length, each up to MAX_PIECES pieces, in one forward pass."""
