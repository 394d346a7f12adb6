"""Word frequencies that are looked up in a file, of which only the pages asked for are read.

A list of 320,000 words takes .2 s to load into a dictionary and 50 MB in each process. Here each
word lies in one of `BUCKETS` short strings, by its CRC-32, as in D. J. Bernstein's constant
database. The file is mapped, so processes share it. `scripts/build_frequencies.py` writes it.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path
from struct import Struct
from zlib import crc32

BUCKETS = 1 << 16
_AT = 4
"""Bytes of a place in the file: one for each bucket and one for the end, then the buckets."""
_PLACES = Struct("<II")
"""Where a bucket begins and ends."""


def packed(notes: Mapping[str, str]) -> bytes:
    """A file with a note for each word. Words and notes are without tab and line break."""
    buckets: list[list[str]] = [[] for _ in range(BUCKETS)]
    for word in sorted(notes):
        buckets[_bucket(word.encode())].append(f"\n{word}\t{notes[word]}\n")
    places, body, start = bytearray(), bytearray(), _AT * (BUCKETS + 1)
    for bucket in buckets:
        places += (start + len(body)).to_bytes(_AT, "little")
        body += "".join(bucket).encode()
    return bytes(places + (start + len(body)).to_bytes(_AT, "little") + body)


class Notes:
    """The notes of a file that `packed` made."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as f:
            self._data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)

    def get(self, word: str) -> str | None:
        """What is noted of a word; None if it is not there."""
        key = word.encode(errors="surrogatepass")
        start, end = _PLACES.unpack_from(self._data, _AT * _bucket(key))
        found = self._data.find(b"\n%b\t" % key, start, end)
        if found < 0:
            return None
        note = found + len(key) + 2
        return self._data[note : self._data.find(b"\n", note, end)].decode()


def _bucket(key: bytes) -> int:
    return crc32(key) % BUCKETS
