"""Bounds what is read of a server's answer, in bytes and in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx2

ANSWER_BYTES = 1_000_000
"""Longest body that is read: fifty thousand characters, each escaped, three times over."""


class BodyRefused(httpx2.TransportError):
    """A body that is longer than allowed or packed."""


def bounded(seconds: float) -> Callable[[httpx2.Response], None]:
    """A hook that lets a body be read as far as `ANSWER_BYTES` and for so many seconds.

    The client's own time-out is for each piece of a body, so that one that never ends, or comes
    byte by byte, would be read for ever. A packed body is refused: a few bytes may be gigabytes.
    """

    def bound(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise BodyRefused("it is packed, which was not asked for")
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = _Bounded(response.stream, time.monotonic() + seconds)

    return bound


class _Bounded(httpx2.SyncByteStream):
    """The pieces of a body until a bound is met."""

    def __init__(self, stream: httpx2.SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        length = 0
        for piece in self._stream:
            length += len(piece)
            if length > ANSWER_BYTES:
                raise BodyRefused(f"it is longer than {ANSWER_BYTES:,} bytes")
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the body has not ended in time")
            yield piece

    def close(self) -> None:
        self._stream.close()
