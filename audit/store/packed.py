"""Texts as the store keeps them: UTF-8, compressed, lone surrogates and all."""

from __future__ import annotations

import zlib

_LEVEL = 6


def packed(text: str) -> bytes:
    """A text in a third of its bytes."""
    return zlib.compress(text.encode(errors="surrogatepass"), _LEVEL)


def unpacked(data: bytes) -> str:
    """The text that was packed."""
    return zlib.decompress(data).decode(errors="surrogatepass")
