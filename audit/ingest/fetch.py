"""Fetch a page that somebody named; each redirect is checked like the first address."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin

import httpx

from audit.config import Settings
from audit.errors import InputError
from audit.ingest.guard import Resolver, ask, check_address, resolve

__all__ = ["Fetched", "Fetcher", "GuardedFetcher"]

MAX_BYTES = 10_000_000
"""Largest page read, bytes after unpacking."""

MAX_SECONDS = 20.0
"""Longest time for one address with all its redirects, seconds."""

MAX_REDIRECTS = 5

MEDIA_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: its final address, its bytes, its media type and declared encoding."""

    url: str
    content: bytes
    media_type: str
    charset: str | None


class Fetcher(Protocol):
    """Something that fetches pages; tests pass one with canned pages."""

    def fetch(self, url: str) -> Fetched:
        """The page at an address. Raises InputError if it cannot or must not be fetched."""


class GuardedFetcher:
    """A Fetcher for addresses that anybody may have typed.

    `settings.offline` refuses all; `settings.allow_private` allows private addresses.
    `transport` and `resolver` are for tests.
    """

    def __init__(
        self,
        settings: Settings,
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver = resolve,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._resolver = resolver
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds

    def fetch(self, url: str) -> Fetched:
        """The page at an address. Raises InputError if it cannot or must not be fetched."""
        if self._settings.offline:
            raise InputError(url, "not fetched: the setting `offline` is on")
        deadline = time.monotonic() + self._max_seconds
        at = url
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = self._once(url, at, deadline)
            except httpx.TimeoutException as e:
                raise InputError(url, f"took longer than {self._max_seconds:g} seconds") from e
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as e:
                raise InputError(url, f"cannot be fetched: {e}") from e
            if isinstance(answer, Fetched):
                return answer
            at = answer
        raise InputError(url, f"more than {MAX_REDIRECTS} redirects")

    def _once(self, url: str, at: str, deadline: float) -> Fetched | str:
        """Ask once: the page, or the address that it redirects to."""

        def is_page(response: httpx.Response) -> None:
            media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
            if media_type not in MEDIA_TYPES:
                raise InputError(url, f"not a page of text: {media_type or 'no content type'}")

        answer = ask(
            url,
            check_address(url, at, self._resolver, allow_private=self._settings.allow_private),
            {"user-agent": "mtaudit", "accept": ", ".join(sorted(MEDIA_TYPES))},
            max_bytes=self._max_bytes,
            deadline=deadline,
            transport=self._transport,
            check=is_page,
        )
        if 300 <= answer.status < 400 and "location" in answer.headers:
            return urljoin(at, answer.headers["location"])
        if answer.status != httpx.codes.OK:
            raise InputError(url, f"the server answers {answer.status}")
        return Fetched(at, answer.content, answer.media_type, answer.charset)
