"""`mtaudit serve`: the HTTP interface, asked as a client asks it."""

from __future__ import annotations

import base64
import gzip
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from served import QUICK, app, served

from audit.align.embed import Embedder
from audit.cli.main import run
from audit.errors import InputError
from audit.ingest.fetch import Fetched, GuardedFetcher
from audit.ingest.read import read_version
from audit.model import Article, Version
from audit.pipeline import Engine
from audit.report.formats import FORMATS
from audit.serve.access import Access
from audit.serve.app import Limits
from audit.serve.checks import MAX_CHARS
from audit.serve.kept import KeptInMemory
from audit.serve.punctual import PunctualProtocol
from audit.serve.queue import FairQueue, QueueFull
from audit.serve.schemas import StoryOut
from audit.serve.spots import Spot, Spots
from audit.store.articles import Articles
from audit.store.database import Store
from audit.store.kept import Kept
from audit.store.members import Members
from audit.store.names import Names
from audit.store.verdicts import Verdicts
from audit.stories import StoryIndex, lead_vectors

TOKEN = "0123456789abcdef0123"
SCHEMA = json.loads((Path(__file__).parent.parent / "docs/report.schema.json").read_text("utf-8"))
TEXT = "The minister opened the bridge on Monday. He thanked the the workers for it."


def story(text: str) -> dict[str, Any]:
    return {"id": "bridge", "versions": [{"id": "a.txt", "text": text}]}


STORY = story(TEXT)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(app()) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=300) as c:
        yield c


def spot(client: httpx.Client, *versions: dict[str, str]) -> str:
    answer = client.post("/api/spot", json={"versions": versions})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def events(client: httpx.Client, spot_id: str, after: int = 0) -> list[tuple[str, Any]]:
    headers = {"last-event-id": str(after)}
    with client.stream("GET", f"/api/spot/{spot_id}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        blocks = "".join(stream.iter_text()).strip().split("\n\n")
    found = []
    for block in blocks:
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def why(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.json()['error']['kind']}"


# The bulk form.


def test_an_audit_answers_with_a_line_of_the_bulk_output(
    client: httpx.Client, tmp_path: Path
) -> None:
    answer = client.post("/api/audit", json=STORY)
    assert answer.status_code == 200
    record = answer.json()
    Draft202012Validator(SCHEMA).validate(record)
    StoryOut.model_validate(record)
    (tmp_path / "in.jsonl").write_text(json.dumps(STORY), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    options = ["--causal-model", "none", "--no-grammar", "-q", "-o", str(out)]
    assert run(["bulk", str(tmp_path / "in.jsonl"), *options]) == 0
    assert record == json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[" * 100_000, 422),
        (b"\xff", 422),
        (b"[]", 422),
        (json.dumps({"id": "s", "versions": []}).encode(), 422),
        (json.dumps({"id": "s", "versions": [{"id": "a", "text": "a\0b c"}]}).encode(), 422),
        (b'{"id":"s","versions":[{"id":"a","text":"\\ud800 is half a letter"}]}', 422),
        (
            json.dumps({"id": "s", "versions": [{"id": "a", "text": "x " * MAX_CHARS}]}).encode(),
            413,
        ),
    ],
)
def test_what_cannot_be_audited_is_refused_with_a_reason(
    client: httpx.Client, body: bytes, status: int
) -> None:
    answer = client.post("/api/audit", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_a_paste_of_5_mb_is_refused_however_it_is_sent(client: httpx.Client) -> None:
    paste = b"x" * 5_000_000
    assert why(client.post("/api/audit", content=paste)) == "413 TooLong"
    assert why(client.post("/api/spot", content=iter([paste[:3_000_000]] * 2))) == "413 TooLong"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A. B. " * 25_000, "has a sentence of 149,999 characters"),
        ("He ran. It did. " * 9_000, "sentences, more than the 3,000 that one request may bring"),
        ("He ran\n\n" * 15_000, "more than"),
    ],
)
def test_what_would_hold_everybody_up_is_refused(
    client: httpx.Client, text: str, said: str
) -> None:
    answer = client.post("/api/audit", json=story(text))
    assert why(answer) == "422 InputError"
    assert said in answer.json()["error"]["message"]
    name, data = events(client, spot(client, {"text": text}))[-1]
    assert name == "failed" and data["message"].startswith("Text 1: ")


def test_a_body_that_trickles_is_given_up() -> None:
    with served(app(limits=Limits(body_seconds=0.3))) as address, socket.socket() as s:
        s.connect(("127.0.0.1", int(address.rsplit(":", 1)[1])))
        s.sendall(b"POST /api/audit HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert s.recv(1000).startswith(b"HTTP/1.1 408")


class Hasty(PunctualProtocol):
    seconds = 0.5


def is_closed(address: str, begin: bytes, drops: bytes) -> bool:
    """Whether the server closes a connection on which bytes come one by one."""
    with socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))) as s:
        s.sendall(begin)
        s.settimeout(0.1)
        for drop in drops:
            try:
                s.sendall(bytes([drop]))
                if s.recv(10_000) == b"":
                    return True
            except TimeoutError:
                continue
            except ConnectionError:
                return True
    return False


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /",
        b"POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n",
    ],
)
def test_a_connection_that_brings_no_request_is_closed(begin: bytes) -> None:
    with served(app(), Hasty) as address:
        assert is_closed(address, begin, b"x" * 150)
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_a_connection_that_listens_to_a_spot_check_is_not_closed() -> None:
    queue, go = FairQueue(), threading.Event()
    with served(app(queue=queue), Hasty) as address, httpx.Client(base_url=address) as c:
        queue.submit("", go.wait, quick=True, admitted=True)
        threading.Timer(4 * Hasty.seconds, go.set).start()
        with release(go):
            assert events(c, spot(c, {"text": TEXT}))[-1][0] == "done"


# Who may ask.


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8765", "192.168.1.4:8765"])
def test_addresses_and_localhost_are_names_of_the_server(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "[", "a@localhost:b"]
)
def test_any_other_host_is_refused(client: httpx.Client, host: str) -> None:
    assert why(client.get("/healthz", headers={"host": host})) == "421 UnknownHost"


def test_a_name_that_was_given_is_one_of_the_server() -> None:
    access = Access(names=frozenset({"desk.example"}))
    assert access.is_ours("DESK.example:8765")
    assert not access.is_ours("other.example")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_a_page_of_another_origin_may_not_call(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    assert why(client.post("/api/audit", json=STORY, headers=headers)) == "403 OtherOrigin"
    assert why(client.get("/metrics", headers=headers)) == "403 OtherOrigin"


def test_a_link_to_the_page_and_its_own_calls_work(client: httpx.Client, url: str) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=link).status_code == 200
    own = {"origin": url, "sec-fetch-site": "same-origin"}
    assert client.post("/api/audit", json=STORY, headers=own).status_code == 200


def test_every_answer_carries_the_policy(client: httpx.Client) -> None:
    for path in ("/", "/static/spot.js", "/api/spot/none", "/openapi.json"):
        headers = client.get(path).headers
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.fixture(scope="module")
def locked() -> Iterator[str]:
    with served(app(access=Access(TOKEN))) as address:
        yield address


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer wrong"}, {"cookie": f"mtaudit={TOKEN}"}, {"cookie": "mtaudit"}],
)
def test_without_the_token_nothing_is_told(locked: str, headers: dict[str, str]) -> None:
    for path in ("/api/spot/x", "/metrics", "/openapi.json"):
        assert why(httpx.get(locked + path, headers=headers)) == "401 TokenNeeded"
    page = httpx.get(locked, headers=headers)
    assert (page.status_code, page.headers["location"]) == (303, "/login")


def test_the_token_opens_as_bearer_and_by_a_cookie(locked: str) -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}
    assert httpx.get(locked + "/metrics", headers=bearer).status_code == 200
    with httpx.Client(base_url=locked) as browser:
        assert browser.post("/login", data={"token": "wrong"}).status_code == 401
        answer = browser.post("/login", data={"token": TOKEN})
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and TOKEN not in cookie
        assert browser.get("/metrics").status_code == 200


def test_a_host_that_others_reach_needs_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--host", "0.0.0.0"]) == 2
    assert "give a token too" in capsys.readouterr().err
    assert run(["serve", "--token", "short"]) == 2


def test_a_port_in_use_is_named(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--port", url.rsplit(":", 1)[1]]) == 2
    assert "choose another --port" in capsys.readouterr().err


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "audit.cli", "serve", "--port", "0", "--causal-model", "none"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        address = line.split()[1]
        assert httpx.get(f"{address}/healthz", timeout=300).json()["ok"]
        process.send_signal(2)
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (None, "Nothing leaves this machine: "),
        ("http://localhost:8081/v2", "Nothing leaves this machine: "),
        ("https://tool.example/v2", "texts are sent to tool.example."),
    ],
)
def test_the_page_says_where_texts_go(address: str | None, said: str) -> None:
    settings = QUICK.model_copy(update={"grammar": True, "languagetool_url": address})
    idle = TestClient(app(settings), base_url="http://localhost")  # its models are not loaded
    assert said in idle.get("/").text


# Spot checks.


def test_a_spot_check_tells_rules_first_then_everything(client: httpx.Client) -> None:
    found = events(client, spot(client, {"text": TEXT}))
    names = [name for name, _ in found]
    assert names[-1] == "done" and names.count("findings") == 2
    rules, everything = (data for name, data in found if name == "findings")
    assert (rules["phase"], everything["phase"]) == ("rules", "all")
    (sheet,) = rules["sheets"]
    (card,) = [c for c in sheet["cards"] if not c["suspicion"]]
    assert sheet["text"][card["start"] : card["end"]] == card["quote"] == "the the"
    assert card["suggestion"] == "the"
    stages = [data["stage"] for name, data in found if name == "progress"]
    assert stages[0] == "repair" and "surprisal" in stages


def test_events_go_on_after_the_last_that_was_seen(client: httpx.Client) -> None:
    spot_id = spot(client, {"text": TEXT})
    found = events(client, spot_id)
    assert events(client, spot_id, after=2) == found[2:]
    assert client.get(f"/api/spot/{spot_id}").json()["done"]


def test_versions_are_compared_and_the_first_comes_first(client: httpx.Client, seeds: Path) -> None:
    texts = [next(seeds.glob(f"{n}_*.txt")).read_text(encoding="utf-8") for n in ("002", "000")]
    found = events(client, spot(client, *({"text": t} for t in texts)))
    sheets = found[-2][1]["sheets"]
    assert [s["text"] for s in sheets] == texts
    disputed = [c for c in sheets[0]["cards"] if c["disputed"]]
    assert disputed and all(c["suggestion"] is None for c in disputed)
    own = [w for c in sheets[0]["cards"] for w in c["witnesses"]]
    assert {v for w in own for v in w["versions"]} == {"this text", "Text 2"}
    assert "Tokaj" in sheets[0]["cards"][0]["quote"]


def test_no_id_of_ours_is_shown(client: httpx.Client, seeds: Path) -> None:
    text = next(seeds.glob("002_*.txt")).read_text(encoding="utf-8")
    other = next(seeds.glob("000_*.txt")).read_text(encoding="utf-8")
    german = "Der Bürgermeister hat am Montag die neue Brücke eröffnet. Er dankte allen. " * 4
    given = ({"text": text}, {"text": text}, {"name": "b.txt", "text": other})
    spot_id = spot(client, *given, {"text": german}, {"name": "b.txt", "text": german})
    found = events(client, spot_id)
    skipped = " ".join(s["why"] for s in found[-2][1]["skipped"])
    assert "Text 4: not scored" in skipped and "b.txt (2): not scored" in skipped
    assert "unknown for" not in skipped or "unknown for Text" in skipped
    sheets = {s["name"]: s["id"] for s in found[-2][1]["sheets"]}
    assert list(sheets) == ["Text 1", "Text 2", "b"]
    shown = json.dumps([f[1] | {"sheets": [], "story": ""} for f in found if f[0] == "findings"])
    shown += "".join(json.dumps(s["cards"]) for s in found[-2][1]["sheets"])
    forms = [f for f in FORMATS if f not in ("pdf", "xlsx")]
    shown += "".join(client.get(f"/api/spot/{spot_id}/report.{f}").text for f in forms)
    assert re.search(r"(text|b\.txt)-[0-9a-f]{16}", shown) is None
    assert not any(version in shown for version in sheets.values())
    assert events(client, spot(client, {"text": german}))[-1][1]["message"].startswith("Text 1: ")


def test_pages_and_markdown_are_read_as_such(client: httpx.Client) -> None:
    page = f"<html><body><article><h1>Bridge</h1><p>{TEXT}</p></article></body></html>"
    for name, text in (("a.html", page), ("a", page), ("a.md", f"# Bridge\n\n**{TEXT}**")):
        found = events(client, spot(client, {"name": name, "text": text}))
        assert "<" not in found[-2][1]["sheets"][0]["text"]
        assert "**" not in found[-2][1]["sheets"][0]["text"]


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", "The mayor’s café – “bridge” – opened on on Monday.".encode("cp1252")),
        ("a.txt", "The mayor’s café opened on on Monday.".encode("utf-16")),
        ("a.html", f"<html><body><nav>Menu</nav><article><p>{TEXT * 3}</p></article>".encode()),
        ("a", f"<!doctype html><html><body><article><p>{TEXT * 3}</p></article>".encode()),
        ("a.md", f"# Bridge\n\n**{TEXT}**".encode()),
        ("a.txt.gz", gzip.compress(TEXT.encode(), mtime=0)),
    ],
)
def test_a_file_is_read_as_the_command_line_reads_it(
    client: httpx.Client, tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    found = events(client, spot(client, {"name": name, "data": encoded(data)}))
    sheet = found[-2][1]["sheets"][0]
    assert sheet["text"] == read_version(str(tmp_path / name), QUICK).text
    assert found[-2][1]["story"] == name


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "a.pdf",
            b"%PDF-1.7 x",
            "a.pdf: not scored: a PDF document, not text; extract its text first",
        ),
        ("a.png", b"\x89PNG\r\n", "a.png: not scored: a PNG image, not text"),
        ("a.txt", b"a\0b", "a.txt: not scored: binary data"),
        ("a.txt", b"caf\xe9 \x81\x8d", "a.txt: byte 0xe9"),
        ("a.jsonl", b"{}", "a.jsonl: is a bulk file"),
        ("a.txt.gz", b"\x1f\x8b\x08", "a.txt.gz: the gzip archive is damaged"),
        ("a.txt", b"", "a.txt: not scored: empty"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_what_it_is(
    client: httpx.Client, name: str, data: bytes, said: str
) -> None:
    answer = client.post("/api/spot", json={"versions": [{"name": name, "data": encoded(data)}]})
    if answer.status_code == 202:
        message = events(client, answer.json()["id"])[-1][1]["message"]
    else:
        assert answer.status_code == 422
        message = answer.json()["error"]["message"]
    assert message.startswith(said)


@pytest.mark.parametrize("text", ["a\0b", "   ", "\ud800 is half", "a" * 5 + "\n" + "." * 9])
def test_what_cannot_be_scored_ends_the_spot_check_with_the_reason(
    client: httpx.Client, text: str
) -> None:
    body = json.dumps({"versions": [{"text": text}]})
    answer = client.post("/api/spot", content=body, headers={"content-type": "application/json"})
    if answer.status_code == 202:
        found = events(client, answer.json()["id"])
        assert found[-1][0] in ("failed", "done")
    else:
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "versions",
    [
        [],
        [{}],
        [{"data": ""}],
        [{"text": "a", "url": "http://a.example"}],
        [{"text": 1}],
        [{"t": "a"}],
        "a",
    ],
)
def test_a_spot_check_of_nothing_is_refused(client: httpx.Client, versions: object) -> None:
    answer = client.post("/api/spot", json={"versions": versions})
    assert why(answer) == "422 InputError"
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://0x7f000001/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://\0",
    ],
)
def test_an_address_inside_is_not_fetched(client: httpx.Client, address: str) -> None:
    answer = client.post("/api/spot", json={"versions": [{"url": address}]})
    assert answer.status_code == 422
    assert "root:" not in answer.text


def test_a_redirect_to_the_inside_is_not_followed() -> None:
    def lead_astray(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "http://127.0.0.1:1/secret"})

    fetcher = GuardedFetcher(
        QUICK,
        transport=httpx.MockTransport(lead_astray),
        resolver=lambda host, port: ["127.0.0.1" if host == "127.0.0.1" else "93.184.216.34"],
    )
    with served(app(fetcher=fetcher)) as address:
        answer = httpx.post(
            f"{address}/api/spot", json={"versions": [{"url": "http://news.example/"}]}
        )
    assert answer.status_code == 422
    assert "private address" in answer.json()["error"]["message"]


class _OnePage:
    """A fetcher that knows one page."""

    def fetch(self, url: str) -> Fetched:
        if url != "http://news.example/a":
            raise InputError(url, "no such page")
        page = f"<html><body><article><h1>Bridge</h1><p>{TEXT}</p></article></body></html>"
        return Fetched(url, page.encode(), "text/html", "utf-8")


def test_a_page_is_fetched_and_checked() -> None:
    with served(app(fetcher=_OnePage())) as address, httpx.Client(base_url=address) as c:
        found = events(c, spot(c, {"url": "http://news.example/a"}))
    assert "the the" in found[-2][1]["sheets"][0]["text"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_of_report_is_there(client: httpx.Client, form: str) -> None:
    spot_id = spot(client, {"text": TEXT})
    events(client, spot_id)
    answer = client.get(f"/api/spot/{spot_id}/report.{form}")
    assert answer.status_code == 200, answer.text
    assert FORMATS[form].file in answer.headers["content-disposition"]
    assert answer.content


def test_what_is_not_there_is_said_so(client: httpx.Client) -> None:
    assert why(client.get("/api/spot/none")) == "404 NotFound"
    assert why(client.get("/nothing")) == "404 NotFound"
    assert why(client.get("/static/../app.py")) == "404 NotFound"
    assert why(client.get("/api/audit")) == "405 MethodNotAllowed"
    assert why(client.post("/api/names", json={"name": "Péter Magyar"})) == "409 Refused"


def test_siblings_come_from_the_store(tmp_path: Path, seeds: Path) -> None:
    texts = {n: next(seeds.glob(f"{n}_*.txt")).read_text(encoding="utf-8") for n in ("000", "002")}
    texts["other"] = "The harvest of apples was good in the valley this year, farmers said. " * 5
    now = datetime.now(UTC)
    articles = [
        Article(f"https://{n}.example/a", f"Outlet {n}", "", None, "en", text, "feed", now)
        for n, text in texts.items()
        if n != "002"
    ]
    rows = StoryIndex().add(articles, lead_vectors(articles, Embedder())).rows
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        for article in articles:
            Articles(store).put(article)
        Members(store).put(asdict(row) for row in rows)
        with served(app(store=store)) as url, httpx.Client(base_url=url, timeout=300) as c:
            asked = {"versions": [{"text": texts["002"]}], "siblings": True}
            found = events(c, c.post("/api/spot", json=asked).json()["id"])
            more = "Another outlet: " + texts["000"]
            later = Article("https://x.example/a", "Late", "", None, "en", more, "feed", now)
            index = StoryIndex.restored(rows)
            Articles(store).put(later)
            new = index.add([later], lead_vectors([later], Embedder())).rows
            Members(store).put(asdict(row) for row in new)
            found_later = events(c, c.post("/api/spot", json=asked).json()["id"])
        assert [s["text"] for s in found[-2][1]["sheets"]] == [texts["002"], texts["000"]]
        assert found[-2][1]["sheets"][1]["name"] == "Outlet 000"
        assert {"Outlet 000", "Late"} <= {s["name"] for s in found_later[-2][1]["sheets"]}
        assert len(Members(store).all()) == 3


def test_verdicts_and_names_go_to_the_store(tmp_path: Path) -> None:
    with (
        Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store,
        served(app(store=store)) as address,
        httpx.Client(base_url=address, timeout=300) as c,
    ):
        spot_id = spot(c, {"text": TEXT})
        sheet = events(c, spot_id)[-2][1]["sheets"][0]
        said = {"spot": spot_id, "version": sheet["id"], "fault": sheet["cards"][0]["fault"]}
        said |= {"verdict": "dismissed", "who": "Eva"}
        assert why(c.post("/api/verdicts", json=said)) == "422 InputError"
        assert c.post("/api/verdicts", json=said | {"why": "a slogan"}).status_code == 204
        (kept,) = Verdicts(store).of(sheet["id"])
        assert (kept.who, kept.why, kept.verdict) == ("Eva", "a slogan", "dismissed")
        assert c.post("/api/verdicts", json=said | {"verdict": "withdrawn"}).status_code == 204
        assert Verdicts(store).of() == []
        assert why(c.post("/api/verdicts", json=said | {"fault": "none"})) == "404 NotFound"
        name = {"name": "Péter Magyar"}
        assert c.post("/api/names", json=name).json() == {"changed": True}
        assert c.post("/api/names", json=name).json() == {"changed": False}
        assert "Péter Magyar" in Names(store).trusted()
        assert c.post("/api/names", json=name | {"withdrawn": True}).json() == {"changed": True}
        assert c.post("/api/names", json=name | {"withdrawn": True}).json() == {"changed": False}
        assert Names(store).list(all_forms=True) == []


def test_a_name_is_right_from_the_next_check_on(tmp_path: Path) -> None:
    text = "Zzyzxian Qorblat opened the bridge on Monday. Qorblat thanked the workers for it."
    with (
        Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store,
        served(app(store=store)) as address,
        httpx.Client(base_url=address, timeout=300) as c,
    ):

        def signature() -> str:
            return str(c.post("/api/audit", json=story(text)).json()["signature"])

        before = signature()
        assert c.post("/api/names", json={"name": "Zzyzxian Qorblat"}).status_code == 200
        assert signature() != before
        c.post("/api/names", json={"name": "Zzyzxian Qorblat", "withdrawn": True})
        assert signature() == before


def test_a_rule_is_ignored_where_it_was_said_also_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mtaudit-baseline.toml"
    (tmp_path / "draft.txt").write_text(TEXT)
    check = ["check", "draft.txt", "--causal-model", "none", "--no-grammar", "--fail-on", "minor"]
    said = {"rule": "duplicated-word", "story": "draft.txt", "who": "Eva", "why": "a slogan"}
    with served(app(baseline=file)) as address, httpx.Client(base_url=address, timeout=300) as c:

        def found() -> list[str]:
            sheet = events(c, spot(c, {"name": "draft.txt", "text": TEXT}))[-2][1]["sheets"][0]
            return [card["rule"] for card in sheet["cards"]]

        assert "duplicated-word" in found()
        assert c.post("/api/rules", json=said).status_code == 204
        assert "duplicated-word" not in found()
        assert run(check) == 0
        assert "a slogan (Eva, " in capsys.readouterr().out
        assert c.post("/api/rules", json=said | {"withdrawn": True}).status_code == 204
        assert "duplicated-word" in found()
        assert run(check) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"why": " "},
        {"who": " "},
        {"rule": "none"},
        {"outlet": "b"},
        {"until": "soon"},
        {"story": ""},
        {"x": 1},
    ],
)
def test_a_rule_is_not_ignored_without_rhyme_and_reason(
    client: httpx.Client, change: dict[str, str]
) -> None:
    said = {"rule": "typo", "story": "a", "who": "Eva", "why": "so"} | change
    assert why(client.post("/api/rules", json=said)) == "422 InputError"


# The queue.


@contextmanager
def release(go: threading.Event) -> Iterator[None]:
    """Let go of what waits for an event when the block ends, also if it fails."""
    try:
        yield
    finally:
        go.set()


def test_clients_take_turns_and_quick_work_goes_first() -> None:
    queue = FairQueue()
    begun, go = threading.Event(), threading.Event()
    done: list[str] = []

    def hold() -> None:
        begun.set()
        go.wait()

    queue.submit("x", hold)
    begun.wait()
    work = [("a", "a1", False), ("a", "a2", False), ("a", "a3", False), ("b", "b1", False)]
    for client_name, name, quick in (*work, ("a", "quick", True)):
        last = queue.submit(client_name, lambda name=name: done.append(name), quick=quick)
    dropped = queue.submit("b", lambda: done.append("dropped"))
    dropped.cancel()
    end = queue.submit("c", lambda: None)
    go.set()
    end.result()
    last.result()
    queue.submit("d", lambda: None).result()
    queue.close()
    assert done == ["quick", "a1", "b1", "a2", "a3"]


def test_a_full_queue_refuses_and_leaves_room_for_others() -> None:
    queue = FairQueue(most=3, most_each=2)
    begun, go = threading.Event(), threading.Event()
    queue.submit("x", lambda: (begun.set(), go.wait()))
    begun.wait()
    for name in ("a", "a", "b"):
        queue.submit(name, lambda: None)
    for name in ("a", "b", "c"):
        with pytest.raises(QueueFull) as refused:
            queue.submit(name, lambda: None)
        assert refused.value.retry_after >= 1
    queue.submit("c", lambda: None, admitted=True)
    go.set()
    queue.close()
    with pytest.raises(QueueFull):
        queue.submit("a", lambda: None)


def test_beyond_the_queue_clients_are_told_when_to_ask_again() -> None:
    queue = FairQueue(most=2, most_each=2)
    go = threading.Event()
    with served(app(queue=queue)) as address:
        queue.submit("", go.wait, quick=True, admitted=True)
        with httpx.Client(base_url=address, timeout=300) as c, release(go):
            answers = [c.post("/api/spot", json={"versions": [{"text": TEXT}]}) for _ in range(5)]
            assert [a.status_code for a in answers].count(429) >= 3
            refused = next(a for a in answers if a.status_code == 429)
            assert int(refused.headers["retry-after"]) >= 1
            assert c.get("/healthz").status_code == 200
            go.set()
            for answer in answers:
                if answer.status_code == 202:
                    assert events(c, answer.json()["id"])[-1][0] == "done"


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    queue, go = FairQueue(), threading.Event()
    with served(app(queue=queue, limits=Limits(answer_seconds=0.2))) as address:
        queue.submit("", go.wait, admitted=True)
        with release(go):
            answer = httpx.post(f"{address}/api/audit", json=STORY, timeout=300)
            assert why(answer) == "503 TooBusy"
            assert len(queue) <= 2


# What is told of the server.


def test_metrics_count(client: httpx.Client) -> None:
    client.post("/api/audit", json=STORY)
    text = client.get("/metrics").text
    assert 'mtaudit_requests_total{route="/api/audit",status="200"}' in text
    assert 'mtaudit_stage_seconds_count{stage="segment"}' in text
    assert 'mtaudit_findings_total{severity="minor"}' in text
    assert "mtaudit_queue_length 0.0" in text


def test_the_description_is_whole(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    assert {"/api/audit", "/api/spot", "/api/spot/{spot_id}/events", "/healthz"} <= set(
        described["paths"]
    )
    taken = described["paths"]["/api/audit"]["post"]["requestBody"]["content"]["application/json"]
    example = taken["schema"]["example"]
    assert client.post("/api/audit", json=example).status_code == 200
    Draft202012Validator(taken["schema"]).validate(example)


# What is kept.


@given(st.lists(st.tuples(st.binary(max_size=2), st.binary(max_size=40)), max_size=50))
def test_what_models_said_stays_within_its_bound(values: list[tuple[bytes, bytes]]) -> None:
    kept = KeptInMemory(most_bytes=100)
    for key, value in values:
        kept.put("k", {key: value})
        assert kept.get("k", [key]) == {key: value}
    held = kept.get("k", [k for k, _ in values])
    assert sum(map(len, held.values())) <= 100


def test_what_a_night_has_read_is_not_read_again_and_what_is_pasted_not_stored(
    tmp_path: Path,
) -> None:
    versions = [
        Version("a", "The mayor opened the new bridge on Monday. Traffic will begin in May."),
        Version("b", "On Monday the mayor opened the new bridge. Traffic starts in May."),
    ]
    pasted = Version("c", "The bridge was opened by the mayor on Monday. Cars will use it in May.")
    loaded: list[bool] = []
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        night = Kept(store)
        with Engine(QUICK, kept=night) as engine:
            truth = engine.audit("s", versions)
        size = night.size()
        kept = KeptInMemory(night=night)
        with Engine(QUICK, kept=kept, encoder_loaded=lambda: loaded.append(True)) as engine:
            assert engine.audit("s", versions) == truth
            assert loaded == []
            engine.audit("s", [*versions, pasted])
        assert loaded == [True]
        assert night.size() == size


def test_spot_checks_are_forgotten() -> None:
    now = [0.0]
    spots = Spots(most=2, keep_seconds=10, clock=lambda: now[0])
    first, second, third = Spot(), Spot(), Spot()
    spots.add(first)
    spots.add(second)
    assert spots.get(first.id) is first
    spots.add(third)
    assert spots.get(second.id) is None
    now[0] = 11.0
    assert spots.get(first.id) is None
