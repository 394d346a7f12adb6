"""The time of a run, and how much of it is left."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from audit.errors import ConfigurationError
from audit.feeds.state import Clock

__all__ = ["Budget", "RunClock", "moment_of", "seconds_of"]

_DURATION = re.compile(r"(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_AGO = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class RunClock:
    """A Clock on which it is always the time at which the run began.

    What a run stores bears that time, so that a run which was broken off and goes on stores what
    it would have stored.
    """

    def __init__(self, started: datetime, clock: Clock) -> None:
        self._started = started
        self._clock = clock

    def now(self) -> datetime:
        """When the run began."""
        return self._started

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._clock.sleep(seconds)


class Budget:
    """A span of time from now on; without end if `seconds` is None."""

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self._clock = clock
        self._seconds = seconds
        self._began = clock.monotonic()

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return self._clock.monotonic() - self._began

    def end(self, share: float = 1.0) -> float:
        """When so much of it is spent, from 0 to 1, by the clock's `monotonic`."""
        return math.inf if self._seconds is None else self._began + share * self._seconds

    def is_over(self, share: float = 1.0) -> bool:
        """Whether so much of it is spent, from 0 to 1."""
        return self._clock.monotonic() >= self.end(share)


def seconds_of(duration: str) -> float:
    """The seconds of `4h`, `90m`, `1h30m` or `45s`. Raises ConfigurationError for what is none."""
    found = _DURATION.fullmatch(duration.strip().lower())
    if found is None:
        raise ConfigurationError(f"--for: {duration} is no time; write it as 4h, 90m or 1h30m")
    hours, minutes, seconds = (int(n or 0) for n in found.groups())
    return 3600.0 * hours + 60.0 * minutes + seconds


def moment_of(when: str, now: datetime) -> datetime:
    """The moment of `7d`, `24h` or `90m` before now, or of a date or time as ISO 8601 writes it.

    A date is its midnight; UTC unless it says otherwise. Raises ConfigurationError for what is no
    moment.
    """
    ago = _AGO.fullmatch(when.strip().lower())
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(when.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as e:
        raise ConfigurationError(
            f"--since: {when} is no moment; write it as 24h, 7d, 2026-11-25 or 2026-11-25T02:00"
        ) from e
