"""One request to an address that anybody may have typed, without being led astray.

Guards against server-side request forgery (OWASP SSRF Prevention Cheat Sheet): http and https
only; every name is resolved once and the connection goes to that checked address, so that a
second answer of the name server changes nothing. Size and time are bounded, whatever a server
does: a body is unpacked piece by piece and given up at the limit, and a watchdog closes a
connection that trickles.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
import urllib.request
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from audit.errors import InputError, NotScored

__all__ = [
    "Address",
    "Answer",
    "Forbidden",
    "Resolver",
    "ask",
    "check_address",
    "is_public",
    "proxy_of",
    "resolve",
]

CHUNK = 64 * 1024

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Resolver = Callable[[str, int], Sequence[str]]


class Forbidden(InputError):
    """An address that must not be asked, or has no host to ask."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be asked: with a checked IP address for its host, and that host."""

    url: str
    host: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `content` is empty unless the status is 200."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def media_type(self) -> str:
        """The media type in small letters, without its parameters; empty if there is none."""
        return str(self.headers.get("content-type", "")).split(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The encoding that the server declares."""
        return httpx.Response(self.status, headers=self.headers).charset_encoding


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name. Raises OSError if there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def check_address(
    url: str, at: str, resolver: Resolver, *, allow_private: bool, by_proxy: bool = False
) -> Address:
    """The address to connect to for `at`, to which `url` led.

    `by_proxy`: a proxy is asked by the host's name, which may be unknown here. Raises Forbidden,
    naming `url`, if it must not be asked or has no host.
    """
    try:
        parts = urlsplit(at)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as e:
        raise Forbidden(url, f"not an address: {e}") from e
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Forbidden(url, f"only http and https addresses are fetched, not {at}")
    try:
        addresses = resolver(parts.hostname, port)
    except (OSError, UnicodeError) as e:
        if not by_proxy:
            raise Forbidden(url, f"no such host: {parts.hostname}") from e
        addresses = []
    for address in addresses:
        if not (allow_private or is_public(address)):
            raise Forbidden(
                url,
                f"{parts.hostname} is the private address {address}; "
                "set `allow_private` to fetch from such addresses",
            )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError as e:
        raise Forbidden(url, f"not a host name: {host}") from e
    named = f"{host}:{parts.port}" if parts.port else host
    if by_proxy:
        netloc = named
    else:
        ip = addresses[0].split("%")[0]
        netloc = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
    return Address(parts._replace(netloc=netloc, fragment="").geturl(), named)


def ask(
    url: str,
    address: Address,
    headers: Mapping[str, str],
    *,
    max_bytes: int,
    deadline: float,
    transport: httpx.BaseTransport | None = None,
    proxy: str | None = None,
    check: Callable[[httpx.Response], None] | None = None,
) -> Answer:
    """Ask once; redirects are not followed.

    `deadline` is a time of `time.monotonic`. `check` sees the head of a response with status 200
    and raises if its body is not wanted. Raises httpx errors as they come, httpx.TimeoutException
    at the deadline, and NotScored, naming `url`, for a body longer than `max_bytes` unpacked.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpx.ReadTimeout("no time left")
    client = httpx.Client(transport=transport, proxy=proxy, trust_env=False, follow_redirects=False)
    watchdog = threading.Timer(left, client.close)
    watchdog.daemon = True
    watchdog.start()
    try:
        with client:
            request = client.build_request(
                "GET",
                address.url,
                headers={**headers, "host": address.host, "accept-encoding": "gzip"},
                timeout=left,
                extensions={"sni_hostname": re.sub(r":\d+$", "", address.host)},
            )
            response = client.send(request, stream=True)
            try:
                content = b""
                if response.status_code == httpx.codes.OK:
                    if check:
                        check(response)
                    content = _body(response, url, max_bytes, deadline)
                return Answer(response.status_code, response.headers, content)
            finally:
                response.close()
    except (httpx.HTTPError, OSError, RuntimeError) as e:
        # What breaks when the watchdog closes the connection differs with what was going on.
        if time.monotonic() >= deadline:
            raise httpx.ReadTimeout("the connection was closed at the deadline") from e
        raise
    finally:
        watchdog.cancel()


def _body(response: httpx.Response, url: str, max_bytes: int, deadline: float) -> bytes:
    """The unpacked body, never more than `max_bytes` of it in memory."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip", ""}:
        raise InputError(url, f"comes in the encoding {coding}, which was not asked for")
    unpack = _Gunzip(url) if coding.endswith("gzip") else None
    content = bytearray()
    for piece in response.iter_raw(CHUNK):
        content += unpack.some(piece, max_bytes + 1 - len(content)) if unpack else piece
        if len(content) > max_bytes:
            raise NotScored(url, f"longer than {max_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the body takes too long")
    if unpack and not unpack.complete:
        raise InputError(url, "the gzip encoding is damaged: it ends too early")
    return bytes(content)


class _Gunzip:
    """Unpacks gzip of one member or more (RFC 1952) as it comes, and no more than is asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._member = zlib.decompressobj(31)
        self.complete = True

    def some(self, piece: bytes, room: int) -> bytes:
        """What a piece unpacks to, or its first `room` bytes. Raises InputError if damaged."""
        content = b""
        try:
            while piece and len(content) < room:
                if self._member.eof:
                    self._member = zlib.decompressobj(31)
                content += self._member.decompress(piece, room - len(content))
                piece = self._member.unused_data
                self.complete = self._member.eof
        except zlib.error as e:
            raise InputError(self._url, f"the gzip encoding is damaged: {e}") from e
        return content


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for an address, if any."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def is_public(address: str) -> bool:
    """Whether an address is reachable for everybody: not private, loopback, link-local, …"""
    ip = ipaddress.ip_address(address.split("%")[0])
    inner: ipaddress.IPv4Address | None = None
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast and (inner is None or is_public(str(inner)))
