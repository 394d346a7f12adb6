"""Spot checks in memory: what each has found so far, and who listens to it."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from audit.model import AuditResult
from audit.report.formats import Reports
from audit.serve.schemas import Failure, FindingsOut

MOST = 128
"""Spot checks that are kept; the one that was not asked for the longest goes first."""

KEEP_SECONDS = 1800.0
"""So long a spot check is kept after it was last asked for, seconds."""

HEARTBEAT = 15.0
"""After so many seconds without an event a listener is told that the server is still there."""


class Spot:
    """One spot check. One thread tells, any number of listeners follow."""

    def __init__(self) -> None:
        self.id = secrets.token_urlsafe(16)
        self.findings: FindingsOut | None = None
        self.error: Failure | None = None
        self.done = False
        self.result: AuditResult | None = None
        self._reports: Reports | None = None
        self._events: list[tuple[str, str]] = []
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()

    def progress(self, **what: object) -> None:
        """Tell how far it is."""
        self._tell("progress", what)

    def found(self, findings: FindingsOut, result: AuditResult, shown: AuditResult) -> None:
        """Tell what was found; it takes the place of what was found before.

        `shown` is the result for reports, which call the versions as the page does.
        """
        self.findings = findings
        self.result = result
        self._reports = Reports(shown)
        self._tell("findings", findings.model_dump())

    def end(self, error: Failure | None = None) -> None:
        """Tell that no more comes, and why if something went wrong."""
        self.error = error
        self._tell("failed" if error else "done", error.model_dump() if error else {}, last=True)

    def render(self, form: str) -> bytes | None:
        """A report of what was found, None if nothing was yet."""
        reports = self._reports
        return reports.render(form) if reports else None

    def _tell(self, name: str, data: Mapping[str, Any], *, last: bool = False) -> None:
        with self._lock:
            self._events.append((name, json.dumps(data)))
            self.done = self.done or last
            listeners = list(self._listeners.items())
        for event, loop in listeners:
            loop.call_soon_threadsafe(event.set)

    async def follow(self, after: int = 0) -> AsyncIterator[bytes]:
        """Server-sent events (WHATWG HTML, 9.2) from the one after that number, until the end."""
        changed = asyncio.Event()
        with self._lock:
            self._listeners[changed] = asyncio.get_running_loop()
        try:
            number = after
            while True:
                changed.clear()
                with self._lock:
                    events, done = self._events[number:], self.done
                for name, data in events:
                    number += 1
                    yield f"id: {number}\nevent: {name}\ndata: {data}\n\n".encode()
                if done:
                    return
                try:
                    await asyncio.wait_for(changed.wait(), HEARTBEAT)
                except TimeoutError:
                    yield b": still working\n\n"
        finally:
            with self._lock:
                self._listeners.pop(changed)


class Spots:
    """The spot checks of a server, bounded in number and time."""

    def __init__(
        self,
        most: int = MOST,
        keep_seconds: float = KEEP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._keep = keep_seconds
        self._clock = clock
        self._spots: OrderedDict[str, tuple[Spot, float]] = OrderedDict()

    def add(self, spot: Spot) -> None:
        """Keep a spot check."""
        self._spots[spot.id] = (spot, self._clock())
        self._forget()

    def get(self, spot_id: str) -> Spot | None:
        """The spot check of that id, if it is still kept."""
        self._forget()
        if spot_id not in self._spots:
            return None
        spot, _ = self._spots.pop(spot_id)
        self._spots[spot_id] = (spot, self._clock())
        return spot

    def _forget(self) -> None:
        oldest = self._clock() - self._keep
        while self._spots:
            spot_id, (_, asked) = next(iter(self._spots.items()))
            if asked >= oldest and len(self._spots) <= self._most:
                return
            del self._spots[spot_id]
