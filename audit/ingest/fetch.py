"""Fetch a page from the network without being led to where a reader should not go.

Guards against server-side request forgery (OWASP SSRF Prevention Cheat Sheet): http and https
only; every name is resolved once and the connection goes to that checked address, so that a
second answer of the name server changes nothing; each redirect is checked like the first
address; size and time are bounded.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from audit.config import Settings
from audit.errors import InputError, NotScored

__all__ = ["Fetched", "Fetcher", "GuardedFetcher"]

MAX_BYTES = 10_000_000
"""Largest page read, bytes after unpacking."""

MAX_SECONDS = 20.0
"""Longest time for one address with all its redirects, seconds."""

MAX_REDIRECTS = 5

MEDIA_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Resolver = Callable[[str, int], Sequence[str]]


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


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name. Raises OSError if there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


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
        with httpx.Client(
            transport=self._transport,
            trust_env=False,
            follow_redirects=False,
            headers={"user-agent": "mtaudit", "accept": ", ".join(sorted(MEDIA_TYPES))},
        ) as client:
            for _ in range(MAX_REDIRECTS + 1):
                try:
                    answer = self._once(client, url, at, deadline)
                except httpx.TimeoutException as e:
                    raise self._too_slow(url) from e
                except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as e:
                    raise InputError(url, f"cannot be fetched: {e}") from e
                if isinstance(answer, Fetched):
                    return answer
                at = answer
        raise InputError(url, f"more than {MAX_REDIRECTS} redirects")

    def _once(self, client: httpx.Client, url: str, at: str, deadline: float) -> Fetched | str:
        """Ask once: the page, or the address that it redirects to."""
        checked, host = self._checked(url, at)
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._too_slow(url)
        request = client.build_request(
            "GET",
            checked,
            headers={"host": host},
            timeout=left,
            extensions={"sni_hostname": _without_port(host)},
        )
        answer = client.send(request, stream=True)
        try:
            if answer.is_redirect:
                return urljoin(at, answer.headers["location"])
            if answer.status_code != httpx.codes.OK:
                raise InputError(url, f"the server answers {answer.status_code}")
            media_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
            if media_type not in MEDIA_TYPES:
                raise InputError(url, f"not a page of text: {media_type or 'no content type'}")
            content = bytearray()
            for chunk in answer.iter_bytes(64 * 1024):
                content += chunk
                if len(content) > self._max_bytes:
                    raise NotScored(url, f"longer than {self._max_bytes:,} bytes")
                if time.monotonic() > deadline:
                    raise self._too_slow(url)
            return Fetched(at, bytes(content), media_type, answer.charset_encoding)
        finally:
            answer.close()

    def _checked(self, url: str, at: str) -> tuple[str, str]:
        """The address with its host replaced by a checked IP address, and the Host header."""
        try:
            parts = urlsplit(at)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as e:
            raise InputError(url, f"not an address: {e}") from e
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(url, f"only http and https addresses are fetched, not {at}")
        try:
            addresses = self._resolver(parts.hostname, port)
        except (OSError, UnicodeError) as e:
            raise InputError(url, f"no such host: {parts.hostname}") from e
        for address in addresses:
            if not (self._settings.allow_private or _is_public(address)):
                raise InputError(
                    url,
                    f"{parts.hostname} is the private address {address}; "
                    "set `allow_private` to fetch from such addresses",
                )
        ip = addresses[0].split("%")[0]
        netloc = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        host = host.encode("idna").decode() if not host.isascii() else host
        named = f"{host}:{parts.port}" if parts.port else host
        return parts._replace(netloc=netloc, fragment="").geturl(), named

    def _too_slow(self, url: str) -> InputError:
        return InputError(url, f"took longer than {self._max_seconds:g} seconds")


def _without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host)


def _is_public(address: str) -> bool:
    """Whether an address is reachable for everybody: not private, loopback, link-local, …"""
    ip = ipaddress.ip_address(address.split("%")[0])
    inner: ipaddress.IPv4Address | None = None
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast and (inner is None or _is_public(str(inner)))
