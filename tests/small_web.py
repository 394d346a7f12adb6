"""A small web on loopback: outlets with feeds and pages that behave, misbehave and change."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal

Manner = Literal["plain", "slow", "trickle", "endless", "bomb"]
"""How a reply is given: at once; never, for a long while; a byte now and then; without end; as
gzip that unpacks to a gigabyte."""

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml"


@dataclass
class Reply:
    """What a path has. With `validators`, ETag is sent and If-None-Match answered by 304."""

    body: bytes = b""
    status: int = 200
    type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = "plain"
    validators: bool = True


@dataclass
class Site:
    """One outlet: a server of its own. `hits` are the path and the status of each answer."""

    name: str
    server: ThreadingHTTPServer
    replies: dict[str, Reply] = field(default_factory=dict)
    hits: list[tuple[str, int]] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)
    """When each answer was begun and ended."""
    posts: list[bytes] = field(default_factory=list)
    """What was posted."""

    def url(self, path: str = "/feed") -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def put(self, path: str, body: str | bytes | Reply, type: str = HTML) -> None:
        """Put a page there, in place of what there was."""
        if not isinstance(body, Reply):
            body = Reply(body.encode() if isinstance(body, str) else body, type=type)
        self.replies[path] = body

    def remove(self, path: str) -> None:
        """Let a page go away."""
        self.replies[path] = Reply(b"gone", status=410)

    def asked(self, path: str) -> list[int]:
        """The statuses of all answers for a path, in order."""
        return [status for p, status in self.hits if p == path]


class SmallWeb:
    """Serves sites until it is closed."""

    def __init__(self) -> None:
        self.sites: dict[str, Site] = {}
        self._closing = threading.Event()

    def site(self, name: str) -> Site:
        """The site of that name, new or not."""
        if name not in self.sites:
            server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
            server.daemon_threads = True
            site = Site(name, server)
            server.__dict__.update(site=site, closing=self._closing)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            self.sites[name] = site
        return self.sites[name]

    def __enter__(self) -> SmallWeb:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        for site in self.sites.values():
            site.server.shutdown()
            site.server.socket.close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site: Site = self.server.__dict__["site"]
        closing: threading.Event = self.server.__dict__["closing"]
        begun = time.monotonic()
        reply = site.replies.get(self.path.partition("?")[0], Reply(b"not here", status=404))
        tag = f'"{sha256(reply.body).hexdigest()[:16]}"'
        known = self.headers.get("if-none-match") == tag
        status = 304 if reply.status == 200 and reply.validators and known else reply.status
        site.hits.append((self.path, status))
        try:
            self._answer(reply, status, tag, closing)
        except OSError:
            self.close_connection = True
        site.times.append((begun, time.monotonic()))

    def do_POST(self) -> None:
        site: Site = self.server.__dict__["site"]
        site.posts.append(self.rfile.read(int(self.headers.get("content-length", 0))))
        self.do_GET()

    def _answer(self, reply: Reply, status: int, tag: str, closing: threading.Event) -> None:
        if reply.manner == "slow":
            closing.wait(60)
        if reply.manner == "trickle":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not closing.wait(0.2):
                self.wfile.write(b"a")
            return
        self.send_response(status)
        self.send_header("content-type", reply.type)
        if reply.validators and reply.status == 200:
            self.send_header("etag", tag)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.manner == "bomb":
            self.send_header("content-encoding", "gzip")
        self.end_headers()
        if reply.manner == "endless":
            while not closing.is_set():
                self.wfile.write(b"<item>" * 10_000)
        elif reply.manner == "bomb":
            self.wfile.write(bomb())
        elif status != 304:
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def bomb(size: int = 200_000_000) -> bytes:
    """Zeros, packed a thousandfold."""
    return gzip.compress(bytes(1_000_000)) * (size // 1_000_000)


def page(title: str, paragraphs: Iterable[str], head: str = "") -> str:
    """A page with an article."""
    text = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    return (
        f"<!doctype html><html lang=en><head><title>{escape(title)}</title>{head}</head><body>"
        f"<nav><a href=/>Home</a></nav><article><h1>{escape(title)}</h1>{text}</article>"
        "</body></html>"
    )


def rss(links: Iterable[str | tuple[str, str]], published: datetime | None = None) -> str:
    """A feed of links, or of links with titles."""
    pairs = [(link, "") if isinstance(link, str) else link for link in links]
    time = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>{time}</item>"
        for link, title in pairs
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>News</title>'
        f"<link>http://news.example/</link><description>-</description>{items}</channel></rss>"
    )


class QuickClock:
    """A Clock on which waiting takes no time; `waited` is how long each wait would have been."""

    def __init__(self, now: datetime = datetime(2026, 11, 2, 3, tzinfo=UTC)) -> None:
        self._now = now
        self._passed = 0.0
        self.waited: list[float] = []

    def now(self) -> datetime:
        return self._now + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return time.monotonic() + self._passed

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self._passed += seconds

    def next_night(self) -> None:
        self._passed += 24 * 3600
