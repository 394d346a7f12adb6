"""Tells a watchman that a night has begun, is done or has failed, as healthchecks.io defines it.

A watchman that hears nothing raises the alarm: only so is a machine noticed that is off.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from audit.config import Settings
from audit.nightly.log import Log

__all__ = ["Heartbeat"]

SECONDS = 10.0
TRIES = 3
LONGEST = 10_000
"""Bytes of a message: what healthchecks.io keeps of it."""

Signal = Literal["start", "success", "fail"]


class Heartbeat:
    """The watchman of the setting `heartbeat`, if there is one.

    That it cannot be reached is logged, and fails no night.
    """

    def __init__(self, settings: Settings, log: Log) -> None:
        self._url = None if settings.offline else settings.heartbeat
        self._log = log

    def tell(self, signal: Signal, message: str = "") -> None:
        """Send a signal: `/start` and `/fail` below its URL, success at the URL itself."""
        if self._url is None:
            return
        import httpx

        parts = urlsplit(self._url)
        path = parts.path.rstrip("/") + ("" if signal == "success" else f"/{signal}")
        url = parts._replace(path=path).geturl()
        try:
            with httpx.Client(
                timeout=SECONDS, transport=httpx.HTTPTransport(retries=TRIES - 1)
            ) as client:
                client.post(
                    url, content=message.encode(errors="backslashreplace")[:LONGEST]
                ).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as e:
            self._log.warning("heartbeat", status="failed", url=parts.netloc, why=str(e))
