"""One bounded queue before the models, fair between clients, worked off by one thread."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from math import ceil
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 64
"""Pieces of work that wait, of all clients."""

MOST_EACH = 32
"""Pieces of work that wait, of one client: the others then still find room."""

END_SECONDS = 5.0
"""So long the end of a server waits for the work at hand, seconds."""

_Lane = OrderedDict[str, deque[tuple[Callable[[], Any], "Future[Any]"]]]


class QueueFull(Exception):
    """No more work is taken; `retry_after` says in how many seconds to ask again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too much work is waiting; ask again in {retry_after} seconds")
        self.retry_after = retry_after


class FairQueue:
    """Work waits by client and is taken round-robin, one piece of each client in turn.

    Quick work goes before all other. One thread does it, since the models use all processors for
    one story and hold one set of weights. `most` and `most_each` bound what waits.
    """

    def __init__(self, most: int = MOST, most_each: int = MOST_EACH) -> None:
        self._most = most
        self._most_each = most_each
        self._quick: _Lane = OrderedDict()
        self._slow: _Lane = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False
        self._seconds = 1.0
        self._thread = threading.Thread(target=self._work, name="models", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        with self._changed:
            return sum(len(q) for lane in (self._quick, self._slow) for q in lane.values())

    def submit(
        self,
        client: str,
        work: Callable[[], T],
        *,
        quick: bool = False,
        admitted: bool = False,
    ) -> Future[T]:
        """Let work wait for its turn; `admitted` work is part of what was accepted before, and is
        always taken. A future that is cancelled while it waits is passed over.

        Raises QueueFull.
        """
        future: Future[T] = Future()
        with self._changed:
            lanes = (self._quick, self._slow)
            waiting = sum(len(q) for lane in lanes for q in lane.values())
            own = sum(len(lane.get(client, ())) for lane in lanes)
            if self._closed or (not admitted and (waiting >= self._most or own >= self._most_each)):
                raise QueueFull(max(1, ceil(self._seconds * (own or waiting))))
            lanes[not quick].setdefault(client, deque()).append((work, future))
            self._changed.notify()
        return future

    def close(self) -> None:
        """Take nothing more and drop what waits; the work at hand has a few seconds to end."""
        with self._changed:
            self._closed = True
            waiting = [f for lane in (self._quick, self._slow) for q in lane.values() for _, f in q]
            self._quick.clear()
            self._slow.clear()
            self._changed.notify()
        for future in waiting:
            future.cancel()
        self._thread.join(END_SECONDS)

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            work, future = taken
            if not future.set_running_or_notify_cancel():
                continue
            began = time.monotonic()
            try:
                result = work()
            except BaseException as e:  # noqa: BLE001 - it is the waiting caller's to handle
                future.set_exception(e)
            else:
                future.set_result(result)
            self._seconds += 0.2 * (time.monotonic() - began - self._seconds)

    def _take(self) -> tuple[Callable[[], Any], Future[Any]] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._quick or self._slow)
            if self._closed:
                return None
            lane = self._quick or self._slow
            client, own = lane.popitem(last=False)
            taken = own.popleft()
            if own:
                lane[client] = own
            return taken
