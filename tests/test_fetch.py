"""The fetcher goes only where a reader may go, and not for ever."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from audit.config import Settings
from audit.errors import InputError, NotScored
from audit.ingest.fetch import GuardedFetcher
from audit.ingest.read import read_version

PUBLIC = "93.184.216.34"
PAGE = "<html><body><p>The port is open.</p></body></html>"


def fetcher(
    handler: Callable[[httpx.Request], httpx.Response],
    addresses: dict[str, str] | None = None,
    settings: Settings | None = None,
    **limits: float,
) -> GuardedFetcher:
    known = addresses or {}

    def unread(request: httpx.Request) -> httpx.Response:
        """The response as a server sends it, with a body that nobody has read yet."""
        answer = handler(request)
        body = httpx.ByteStream(answer.content)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=body)

    return GuardedFetcher(
        settings or Settings(),
        transport=httpx.MockTransport(unread),
        resolver=lambda host, port: [known.get(host, PUBLIC)],
        **limits,  # type: ignore[arg-type]
    )


def ok(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text=PAGE, headers={"content-type": "text/html; charset=utf-8"})


def test_connects_to_the_checked_address_under_the_hosts_name() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return ok(request)

    page = fetcher(handler).fetch("https://news.example/a?b=1#c")
    assert (page.url, page.media_type, page.charset) == (
        "https://news.example/a?b=1#c",
        "text/html",
        "utf-8",
    )
    assert str(seen[0].url) == f"https://{PUBLIC}/a?b=1"
    assert seen[0].headers["host"] == "news.example"
    assert seen[0].extensions["sni_hostname"] == "news.example"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_refuses_addresses_that_are_not_public(address: str) -> None:
    with pytest.raises(InputError, match="private address"):
        fetcher(ok, {"inside.example": address}).fetch("http://inside.example/")


def test_checks_every_redirect() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://inside.example/secret"})

    with pytest.raises(InputError, match=r"inside\.example is the private address"):
        fetcher(handler, {"inside.example": "10.0.0.1"}).fetch("http://news.example/")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://news.example/", "gopher://x/"])
def test_redirect_to_another_scheme_is_refused(location: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": location})

    with pytest.raises(InputError, match="only http and https"):
        fetcher(handler).fetch("http://news.example/")


def test_follows_five_redirects_and_no_more() -> None:
    def hops(n: int) -> Callable[[httpx.Request], httpx.Response]:
        def handler(request: httpx.Request) -> httpx.Response:
            at = int(request.url.path.strip("/") or 0)
            if at == n:
                return ok(request)
            return httpx.Response(301, headers={"location": f"/{at + 1}"})

        return handler

    assert fetcher(hops(5)).fetch("http://news.example/").url == "http://news.example/5"
    with pytest.raises(InputError, match="more than 5 redirects"):
        fetcher(hops(6)).fetch("http://news.example/")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(404), "the server answers 404"),
        (httpx.Response(200, headers={"content-type": "image/png"}), "not a page of text: image"),
        (httpx.Response(200), "no content type"),
    ],
)
def test_refuses_what_is_no_page(answer: httpx.Response, why: str) -> None:
    with pytest.raises(InputError, match=why):
        fetcher(lambda request: answer).fetch("http://news.example/")


def test_refuses_a_page_that_is_too_long() -> None:
    with pytest.raises(NotScored, match="longer than 20 bytes"):
        fetcher(ok, max_bytes=20).fetch("http://news.example/")


def test_offline_refuses_before_resolving() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise AssertionError("resolved a name while offline")

    with pytest.raises(InputError, match="offline"):
        GuardedFetcher(Settings(offline=True), resolver=resolver).fetch("http://news.example/")


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "http://h:99999/", "javascript:alert(1)"]
)
def test_refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(InputError):
        fetcher(ok).fetch(url)


def test_unknown_host() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise OSError("unknown")

    with pytest.raises(InputError, match="no such host"):
        GuardedFetcher(Settings(), resolver=resolver).fetch("http://news.example/")


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/page")
            self.end_headers()
            return
        if self.path == "/slow":
            time.sleep(3)
        self.send_response(200)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write("The port is open, the “harbour master” said.".encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    served = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def test_reads_from_a_real_server_where_private_addresses_are_allowed(server: str) -> None:
    version = read_version(f"{server}/moved", Settings(allow_private=True))
    assert version.text == "The port is open, the “harbour master” said."
    assert version.url == f"{server}/page"
    assert version.id == f"{server}/moved"


def test_refuses_a_real_private_server(server: str) -> None:
    with pytest.raises(InputError, match="allow_private"):
        read_version(f"{server}/page", Settings())


def test_gives_up_on_a_slow_server(server: str) -> None:
    with pytest.raises(InputError, match=r"took longer than 0\.3 seconds"):
        GuardedFetcher(Settings(allow_private=True), max_seconds=0.3).fetch(f"{server}/slow")
