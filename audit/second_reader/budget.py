"""How many tokens a run may spend on a second reader."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime


class Budget:
    """Tokens that may be spent in a run; in a process that goes on, each day (UTC)."""

    def __init__(self, most: int, today: Callable[[], date] = lambda: datetime.now(UTC).date()):
        self._most = most
        self._today = today
        self._day = today()
        self._spent = 0
        self._lock = threading.Lock()

    def take(self, tokens: int) -> bool:
        """Set tokens aside; false if there are not so many left."""
        with self._lock:
            if self._day != self._today():
                self._day, self._spent = self._today(), 0
            if self._spent + tokens > self._most:
                return False
            self._spent += tokens
            return True

    def settle(self, taken: int, spent: int) -> None:
        """Give back what was set aside too much, or take what was too little."""
        with self._lock:
            self._spent += spent - taken
