"""Comments in a text that say what is no fault of it: where they hold, and where they must not."""

from __future__ import annotations

import http.server
import io
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given as given_text
from hypothesis import strategies as st
from store_work import NIGHT
from test_report_json import problems

from audit.cli import main as cli
from audit.config import Settings
from audit.feeds.articles import Page, article_of
from audit.feeds.settings import FeedSettings
from audit.ingest.ignores import MOST, comments_of, heeded, marked, unmarked
from audit.ingest.read import read_file, read_story, read_text, read_version
from audit.model import AuditResult, Version
from audit.pipeline import Engine
from audit.report.json import dumps, loads, to_dict
from audit.report.markdown import render as markdown

SETTINGS = Settings(causal_model="none", grammar=False)
IGNORE = "<!-- mtaudit: ignore duplicated-word a song's title -->"
FIRST = "The president spoke to the the crowd on Monday. He said that the harvest was good."
SECOND = "The mayor of the town came to the the market on Tuesday. She bought bread and milk."
TEXT = f"{IGNORE}\n{FIRST}\n{SECOND}\n"
MARKDOWN = f"---\ntitle: A\n---\n{IGNORE}\n\n{FIRST}\n\n{SECOND}\n"
PAGE = (
    "<!doctype html><html><head><title>The town</title></head><body><article><h1>The town</h1>"
    f"\n{IGNORE}\n<p>{FIRST}</p>\n<p>{SECOND}</p></article></body></html>"
)
PLACES = {"a.txt": (TEXT, "a.txt:1"), "a.md": (MARKDOWN, "a.md:4"), "a.html": (PAGE, "a.html:2")}


def audited(*versions: Version, **changed: object) -> AuditResult:
    with Engine(SETTINGS.model_copy(update=changed)) as engine:
        return engine.audit("s", versions)


def given(folder: Path, name: str, text: str) -> Version:
    (folder / name).write_text(text, encoding="utf-8")
    return read_version(str(folder / name), SETTINGS)


def doubled(result: AuditResult) -> list[int]:
    """Which of the two sentences with a fault are reported."""
    texts = {v.version.id: v.version.text for v in result.versions}
    return [
        1 if "market" in texts[f.version][f.start : f.end + 20] else 0
        for f in result.findings
        if f.rule == "duplicated-word"
    ]


def notes(result: AuditResult) -> list[str]:
    return [s.why for s in result.skipped if s.stage == "ignore"]


@pytest.mark.parametrize("name", PLACES)
def test_the_next_paragraph_alone_is_left_out_and_shown_with_the_reason(
    tmp_path: Path, name: str
) -> None:
    text, place = PLACES[name]
    result = audited(given(tmp_path, name, text))
    assert doubled(result) == [1]
    (kept_out,) = result.suppressed
    assert (kept_out.by.why, kept_out.by.source) == ("a song's title", place)
    assert kept_out.by.is_in_text
    assert notes(result) == []
    own = result.versions[0].version
    for f in result.found:
        assert own.text[f.start : f.end] == f.quote
    for s in result.versions[0].sentences:
        assert "mtaudit" not in own.text[s.start : s.end]
    assert result.versions[0].residue == ()
    assert f"“the the”: a song's title ({place})" in markdown(result).replace("\\", "")
    assert "|known:" in result.signature


@pytest.mark.parametrize("name", PLACES)
def test_the_comment_changes_nothing_but_what_it_ignores(tmp_path: Path, name: str) -> None:
    text, _ = PLACES[name]
    plain = audited(given(tmp_path, name, text.replace(IGNORE, "")))
    result = audited(given(tmp_path, name, text))
    assert doubled(plain) == [0, 1]
    assert [f.quote for f in result.found if f in result.findings] == [plain.findings[1].quote]
    assert [v.score.words for v in result.versions] == [v.score.words for v in plain.versions]


@pytest.mark.parametrize("name", PLACES)
def test_a_whole_file_can_be_ignored(tmp_path: Path, name: str) -> None:
    text, _ = PLACES[name]
    text = text.replace("ignore dup", "ignore-file typo, dup")
    result = audited(given(tmp_path, name, text))
    assert doubled(result) == []
    assert len(result.suppressed) == 2


def test_amid_a_line_it_holds_for_what_follows(tmp_path: Path) -> None:
    result = audited(given(tmp_path, "a.txt", f"{FIRST} {IGNORE} {SECOND}\n{FIRST}\n"))
    assert doubled(result) == [0, 0]
    result = audited(given(tmp_path, "a.md", f"{FIRST} {IGNORE} {SECOND}\n\n{FIRST}\n"))
    assert doubled(result) == [0, 0]


def test_several_comments_hold_for_the_same_paragraph(tmp_path: Path) -> None:
    another = IGNORE.replace("duplicated-word", "typo")
    result = audited(given(tmp_path, "a.txt", TEXT.replace(IGNORE, f"{IGNORE}\n{another}\n")))
    assert doubled(result) == [1]


def test_stale_unknown_and_malformed_ones_are_named_with_file_and_line(tmp_path: Path) -> None:
    text = (
        f"{FIRST}\n<!-- mtaudit: ignore broken-sentence so it was said -->\n{SECOND}\n"
        "<!-- mtaudit: ignore tpyo, duplicated-word -->\n"
        "<!-- mtaudit: ingore typo -->\n"
    )
    said = notes(audited(given(tmp_path, "a.txt", text)))
    alone = "(the text was checked alone)"
    assert said == [
        f"a.txt:2: stale: no broken-sentence found there {alone}",
        "a.txt:4: unknown rule tpyo; `mtaudit rules` lists them",
        f"a.txt:4: stale: no duplicated-word found there {alone}",
        "a.txt:5: not understood: “ingore typo”; write ignore RULE, or ignore-file RULE",
    ]


def test_of_too_many_comments_the_rest_do_not_count_and_one_says_so(tmp_path: Path) -> None:
    version = given(tmp_path, "a.txt", f"{IGNORE}\n" * (MOST + 9) + FIRST)
    assert len(version.ignores) == MOST + 1
    assert "a.txt:201: not understood: “more than 200 comments" in "".join(notes(audited(version)))


@pytest.mark.parametrize("opened", ["<!-- >", "<!--", "<script>", "<p>", "<"])
def test_what_is_opened_without_end_after_a_comment_takes_no_time_without_end(opened: str) -> None:
    page = f"{IGNORE}{opened * 200_000}"
    assert unmarked(marked(page, comments_of(page, "a.html")))[0] == page


PIECES = st.sampled_from(["<!--", "-->", " mtaudit:", " ignore typo", "\n", "a"])


@given_text(st.lists(PIECES).map("".join))
def test_whatever_a_text_says_each_comment_is_where_it_says(text: str) -> None:
    for ignore in heeded(Version("v", text)).ignores:
        assert ignore.comment is not None
        start, end = ignore.comment
        assert text[start:end].startswith("<!--")
        assert text[start:end].endswith("-->")
        assert text[start:end].count("<!--") == 1
        assert ignore.place == f"v:{text[:start].count(chr(10)) + 1}"
        assert end <= ignore.start <= ignore.end <= len(text)
        assert "\n" not in text[ignore.start : ignore.end]


def test_a_rule_that_did_not_run_is_not_called_stale(tmp_path: Path) -> None:
    version = given(tmp_path, "a.txt", TEXT)
    assert notes(audited(version, ignore=("duplicated-word",))) == []
    # without a language model it has not what it draws on
    other = given(tmp_path, "b.txt", TEXT.replace("duplicated-word", "wrong-term"))
    assert notes(audited(other)) == []


def test_the_command_shows_what_it_leaves_out_and_reads_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(TEXT)
    off = ("--causal-model", "none", "--no-grammar")
    assert cli.run(["check", "a.txt", *off]) == 0
    out = capsys.readouterr().out
    assert "suppressed a.txt:2:24 duplicated-word: “the the” → “the”: a song's title (a.txt:1)" in (
        out
    )
    assert "a.txt:3:31 minor duplicated-word" in out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert cli.run(["check", "-", *off]) == 0
    assert "a song's title (stdin:1)" in capsys.readouterr().out


def test_a_report_loads_back_and_follows_the_schema(tmp_path: Path) -> None:
    result = audited(given(tmp_path, "a.txt", TEXT))
    assert loads(dumps(result)) == result
    assert problems(to_dict(result), "report") == []


@dataclass
class Site:
    """A site on loopback, with a page that would silence the audit."""

    address: str


@pytest.fixture
def site() -> Iterator[Site]:
    class Hostile(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_text = self.path.endswith(".txt")
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if is_text else "text/html")
            self.end_headers()
            self.wfile.write((TEXT if is_text else PAGE).encode())

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()


@pytest.mark.parametrize("path", ["/story.html", "/story.txt"])
def test_a_page_cannot_silence_the_audit(site: Site, path: str) -> None:
    fetching = SETTINGS.model_copy(update={"allow_private": True})
    version = read_version(site.address + path, fetching)
    assert version.ignores == ()
    assert doubled(audited(version)) == [0, 1]
    _, versions, _ = read_story([site.address + path], fetching)
    assert doubled(audited(*versions)) == [0, 1]


@pytest.mark.parametrize("page", [Page("http://a.example/1", html=PAGE), Page("u", text=TEXT)])
def test_an_article_of_a_feed_cannot_silence_the_audit(page: Page) -> None:
    feed = FeedSettings(url="http://a.example/feed", outlet="A")
    version = article_of(page, feed, SETTINGS, NIGHT).version()
    assert version.ignores == ()
    assert doubled(audited(version)) == [0, 1]


def test_a_file_that_is_dropped_on_the_page_of_the_server_counts_as_on_the_disk() -> None:
    assert doubled(audited(read_file("a.txt", TEXT.encode(), SETTINGS))) == [1]


@pytest.mark.parametrize(("name", "text"), [("a.html", PAGE), ("a.md", MARKDOWN), ("a", TEXT)])
def test_what_is_pasted_cannot_silence_the_audit(name: str, text: str) -> None:
    assert doubled(audited(read_text(name, text))) == [0, 1]
