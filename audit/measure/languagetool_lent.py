"""One LanguageTool server of our own, lent to all who check texts at the same time.

It is started for the first text, and replaced when it is worn, has died or gives no answer. One
that was replaced is stopped when the last who was lent it has given it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Lock
from typing import Protocol

from audit.errors import StageUnavailable
from audit.measure.languagetool_server import Server

__all__ = ["Lender", "Loan", "Servers"]

RECYCLE_TEXTS = 5_000
"""A server is replaced after so many texts; its caches only grow, a start costs some 7 s."""
STARTS = 3
"""After so many failed starts running none is tried again, so that those who check do not wait for
the time-outs of each."""
DEATH_SECONDS = 1.0
"""A process that is killed closes its connections before it can be seen to have ended."""


class Lender(Protocol):
    """Where someone who checks gets a server from."""

    def url(self) -> str:
        """Where to ask the next text. Raises StageUnavailable if no server can be started."""

    def give_up(self) -> bool:
        """Say that the last one gave no answer, so that it is lent no more; true if it died."""


@dataclass(eq=False, slots=True)
class _Lent:
    """A running server, and how many are using it."""

    server: Server
    texts: int = 0
    holders: int = 0


class Servers:
    """Lends one server after the other; `end` stops what runs, for good."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_over = Event()
        self._current: _Lent | None = None
        self._failed: list[StageUnavailable] = []

    def loan(self) -> Loan:
        """A loan for one who checks text by text; nothing is started yet."""
        return Loan(self)

    def end(self) -> None:
        """Stop the server, also in the midst of its start; none is lent after that."""
        self._is_over.set()
        with self._lock:
            if self._current:
                self._current.server.stop()
                self._current = None

    def exchange(self, held: _Lent | None) -> _Lent:
        """The server for the next text of one who gives back `held`, which may be the same."""
        with self._lock:
            current = self._current
            if current and (current.texts >= RECYCLE_TEXTS or not current.server.alive):
                self._retire()
            if held:
                self._release(held)
            if self._current is None:
                self._current = _Lent(self._started())
            self._current.holders += 1
            self._current.texts += 1
            return self._current

    def take_back(self, held: _Lent, *, is_mute: bool = False) -> None:
        """Take a server back; one that gave no answer is lent no more."""
        with self._lock:
            if is_mute and held is self._current:
                self._retire()
            self._release(held)

    def _started(self) -> Server:
        if self._is_over.is_set():
            raise StageUnavailable("the run has ended; no LanguageTool server is started for it")
        if len(self._failed) >= STARTS:
            raise self._failed[-1]
        try:
            server = Server(self._is_over)
        except StageUnavailable as e:
            self._failed.append(e)
            raise
        self._failed.clear()
        return server

    def _retire(self) -> None:
        retired, self._current = self._current, None
        if retired and not retired.holders:
            retired.server.stop()

    def _release(self, held: _Lent) -> None:
        held.holders -= 1
        if held is not self._current and not held.holders:
            held.server.stop()


class Loan:
    """What one who checks was lent. Use it as a context manager, which gives it back."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._held: _Lent | None = None

    def __enter__(self) -> Loan:
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._servers.take_back(self._held)
            self._held = None

    def url(self) -> str:
        """Where to ask the next text. Raises StageUnavailable if no server can be started."""
        held, self._held = self._held, None
        self._held = self._servers.exchange(held)
        return self._held.server.url

    def give_up(self) -> bool:
        """Say that the last one gave no answer, so that it is lent no more; true if it died."""
        held, self._held = self._held, None
        if held is None:
            return False
        died = held.server.has_ended(DEATH_SECONDS)
        self._servers.take_back(held, is_mute=True)
        return died
