"""What the models of a run may ask for what they said of a text before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Kept(Protocol):
    """Values by kind and key. A kind names the model and what it was asked; a key is the hash of a
    text. A value never changes."""

    def get(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is known of the keys."""

    def put(self, kind: str, values: Mapping[bytes, bytes]) -> None:
        """Keep values for the next process."""
