"""Who may ask, and how much: checked before anything of a request is read.

Against DNS rebinding only known names are taken as `Host`; against other pages in the same browser
the `Origin` must be our own (OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Verifying
Origin With Standard Headers" and "Fetch Metadata").
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from fastapi import HTTPException
from fastapi.datastructures import Headers
from fastapi.responses import RedirectResponse, Response

from audit.hosts import is_address
from audit.serve.asgi import Application, Message, Receive, Scope, Send
from audit.serve.errors import error_response

COOKIE = "mtaudit"
"""Name of the cookie that stands for the token."""

OPEN = ("/healthz", "/login")
"""What is answered without a token."""

MAX_BYTES = 4_000_000
"""Longest body of a request, bytes."""

BODY_SECONDS = 20.0
"""Longest time in which the body of a request must have come, seconds."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every response."""


@dataclass(frozen=True, slots=True)
class Access:
    """`token` is asked for if there is one; `names` are host names that are ours besides
    localhost. An address of digits is always taken for ours: no name server can rebind it."""

    token: str | None = None
    names: frozenset[str] = frozenset()

    def is_ours(self, host: str) -> bool:
        """Whether a `Host` header names this server."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        known = name == "localhost" or name in self.names or is_address(name)
        return known and "@" not in host

    def accepts(self, token: str) -> bool:
        """Whether a token is the one; compared in constant time."""
        return self.token is None or _same(token, self.token)

    @property
    def cookie(self) -> str:
        """What the cookie holds: not the token itself."""
        return hmac.new((self.token or "").encode(), b"mtaudit cookie", hashlib.sha256).hexdigest()

    def admits(self, headers: Headers) -> bool:
        """Whether a request carries the token, as bearer or as cookie."""
        if self.token is None:
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return _same(token.strip(), self.token)
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and _same(cookie.value, self.cookie)


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))


class Guard:
    """Refuses what `access` does not admit, bounds bodies in size and time, adds `HEADERS`."""

    def __init__(
        self,
        app: Application,
        access: Access,
        max_bytes: int = MAX_BYTES,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._access = access
        self._max_bytes = max_bytes
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        safe_send = _with_headers(send)
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is None:
            await self._app(scope, self._bounded(receive), safe_send)
        else:
            await refusal(scope, receive, safe_send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that is not to be read."""
        host, path = headers.get("host", ""), scope["path"]
        if not self._access.is_ours(host):
            return error_response(
                421,
                "UnknownHost",
                f"{host or 'no host'} is no name of this server: ask by its IP address or as "
                "localhost, or start it with --allow-host NAME",
            )
        if not _is_own_page(scope, headers, host):
            return error_response(
                403,
                "OtherOrigin",
                "a page of another origin may not call this server; open its own page",
            )
        if not self._access.admits(headers) and not _is_open(path):
            if scope["method"] == "GET" and path == "/":
                return RedirectResponse("/login", 303)
            answer = error_response(
                401,
                "TokenNeeded",
                "send the token of this server: Authorization: Bearer TOKEN, or open /login",
            )
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._max_bytes:
            return error_response(413, "TooLong", self._too_long)
        return None

    @property
    def _too_long(self) -> str:
        return (
            f"the request is longer than {self._max_bytes:,} bytes; cut the texts, or use "
            "`mtaudit bulk` for many"
        )

    def _bounded(self, receive: Receive) -> Receive:
        """`receive` that raises HTTPException when the body is too long or takes too long."""
        came = 0
        complete = False
        deadline: float | None = None

        async def bounded() -> Message:
            nonlocal came, complete, deadline
            if complete:
                return await receive()
            now = asyncio.get_running_loop().time()
            deadline = deadline or now + self._body_seconds
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - now))
            except TimeoutError as e:
                why = (
                    f"the request did not come within {self._body_seconds:g} seconds; send it anew"
                )
                raise HTTPException(408, why) from e
            came += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if came > self._max_bytes:
                raise HTTPException(413, self._too_long)
            return message

        return bounded


def _is_open(path: str) -> bool:
    return path in OPEN or path.startswith("/static/")


def _is_own_page(scope: Scope, headers: Headers, host: str) -> bool:
    """Whether the request comes from our own page, from no page at all, or only opens ours."""
    origin = headers.get("origin")
    if origin is not None:
        return origin in (f"http://{host}", f"https://{host}")
    site = headers.get("sec-fetch-site", "none")
    opens = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
    return site in ("same-origin", "none") or (opens and scope["path"] in ("/", "/login"))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            added = [
                (k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in given
            ]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sending
