"""What the models said of texts, in memory: the second reading of a text costs nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from audit.model import Kept

MOST_BYTES = 128_000_000
"""Bytes of values; the sentence vectors of some 3,000 sentences."""


class KeptInMemory:
    """`audit.model.Kept` that forgets what was not asked for the longest; nothing is written to
    disk. What is not in memory is asked of `night`: what a nightly run has read is not read again.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, night: Kept | None = None) -> None:
        self._most = most_bytes
        self._night = night
        self._values: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is known of the keys."""
        with self._lock:
            found = {k: v for k in keys if (v := self._values.get((kind, k))) is not None}
            for k in found:
                self._values.move_to_end((kind, k))
        rest = [k for k in keys if k not in found]
        if self._night is not None and rest:
            read = self._night.get(kind, rest)
            self.put(kind, read)
            found |= read
        return found

    def put(self, kind: str, values: Mapping[bytes, bytes]) -> None:
        """Keep values, as long as there is room."""
        with self._lock:
            for key, value in values.items():
                self._bytes += len(value) - len(self._values.pop((kind, key), b""))
                self._values[kind, key] = value
            while self._bytes > self._most:
                _, value = self._values.popitem(last=False)
                self._bytes -= len(value)
