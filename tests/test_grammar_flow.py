"""LanguageTool in the audit: what becomes of its matches, its absence and its failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from engines import engine

from audit import Engine, Settings, Version
from audit.cli import main as cli
from audit.config import load
from audit.detect import typo, ungrammatical
from audit.detect.shared.objections import objections
from audit.errors import ConfigurationError, StageUnavailable
from audit.measure import languagetool as grammar
from audit.measure.languagetool import GrammarChecker, Query, checker_for
from audit.model import AuditResult, GrammarMatch, Story

QUIET = Settings(causal_model="none")
TEXT = "The ferry line opened in March. It carry some 900 people a day to the island."


def match(text: str, quote: str, proposal: str, rule: str = "IT_VBZ") -> GrammarMatch:
    """An objection to the first place that has the quote."""
    start = text.index(quote)
    return GrammarMatch(start, start + len(quote), rule, "GRAMMAR", "A message.", (proposal,))


class FakeChecker(GrammarChecker):
    """Objects to every "carry"; has no answer for texts that name the moon."""

    closed = 0

    def __init__(self) -> None:
        super().__init__("http://localhost:9")
        self.version = "9.9"

    def check_all(self, queries: Sequence[Query], language: str) -> list[tuple[GrammarMatch, ...]]:
        if any("moon" in q.text for q in queries):
            raise StageUnavailable("LanguageTool died twice over one text")
        self.asked = [q for q in queries if q.text.strip()]
        return [
            (match(q.text, "carry", "carries"),) if not q.only and "carry" in q.text else ()
            for q in queries
        ]

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def checker(monkeypatch: pytest.MonkeyPatch) -> FakeChecker:
    fake = FakeChecker()
    monkeypatch.setattr("audit.pipeline.checker_for", lambda *_: fake)
    return fake


def skipped(result: AuditResult) -> dict[str, str]:
    return {s.stage: s.why for s in result.skipped}


@pytest.mark.usefixtures("checker")
def test_objections_become_findings_and_the_signature_names_languagetool() -> None:
    with Engine(QUIET) as e:
        result = e.audit("ferry", [Version("a", TEXT)])
    (found,) = result.findings
    assert (found.category, found.quote, found.suggestion) == ("ungrammatical", "carry", "carries")
    assert "grammar" not in skipped(result)
    assert "|grammar:LanguageTool@9.9|" in result.signature


def test_spelling_is_asked_of_sentences_with_a_word_that_may_be_misspelt(
    checker: FakeChecker,
) -> None:
    plain = "😀 Mr. Tkshelashvili met Zhaparov.\nThe ferry carries 900 people."
    wrong = f"{plain}\nIt began in Marhc. They sya it was thier “conferrence” in Ksrabad. It is."
    with Engine(QUIET) as e:
        e.audit("ferry", [Version("a", plain), Version("b", wrong)])
    grammar, spelling = (
        [q for q in checker.asked if bool(q.only) == only] for only in (False, True)
    )
    assert [q.text for q in grammar] == [plain, wrong]
    assert {q.left_out for q in grammar} == {q.only for q in spelling}
    (asked,) = spelling
    said = "They sya it was thier “conferrence” in Ksrabad."
    assert asked.text.split() == said.split()
    assert asked.text.index(said) == wrong.index(said)


@pytest.mark.usefixtures("checker")
def test_failure_over_one_story_is_reported_and_the_run_goes_on() -> None:
    stories = [
        ("moon", [Version("a", "The moon was full. " + TEXT)]),
        ("ferry", [Version("a", TEXT)]),
    ]
    with Engine(QUIET) as e:
        moon, ferry = e.audit_many(stories)
    assert isinstance(moon, AuditResult)
    assert isinstance(ferry, AuditResult)
    assert skipped(moon)["grammar"] == "LanguageTool died twice over one text"
    assert "LanguageTool" not in moon.signature
    assert not moon.findings
    assert [f.quote for f in ferry.findings] == ["carry"]


def test_the_checker_is_closed_at_the_end_whatever_happens(checker: FakeChecker) -> None:
    with pytest.raises(ZeroDivisionError), Engine(QUIET) as e:
        e.audit("ferry", [Version("a", TEXT)])
        raise ZeroDivisionError
    assert checker.closed == 1


def test_absence_is_reported_with_what_to_do() -> None:
    with Engine(QUIET) as e:
        result = e.audit("ferry", [Version("a", TEXT)])
    assert "set LTP_PATH" in skipped(result)["grammar"] or "Java" in skipped(result)["grammar"]
    assert "LanguageTool" not in result.signature


def test_switching_off_is_reported() -> None:
    with Engine(QUIET.model_copy(update={"grammar": False})) as e:
        result = e.audit("ferry", [Version("a", TEXT)])
    assert skipped(result)["grammar"] == "switched off by the setting grammar"


def test_offline_refuses_another_machine() -> None:
    with pytest.raises(StageUnavailable, match=r"offline.*http://lt\.example"):
        checker_for(Settings(offline=True, languagetool_url="http://lt.example/v2"))
    for here in ("http://localhost:8081", "http://127.0.0.1:8081/v2", "http://[::1]:8081"):
        checker_for(Settings(offline=True, languagetool_url=here))
    checker_for(Settings(languagetool_url="http://lt.example/v2"))


def test_address_that_is_none_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigurationError, match="languagetool_url = 'localhost:8081'"):
        load(languagetool_url="localhost:8081")


def test_options_set_it(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["config", "show", "--no-grammar", "--languagetool-url", "http://localhost:8081"]
    assert cli.run(asked) == cli.DONE
    shown = capsys.readouterr().out
    assert "grammar = false  # command line" in shown
    assert 'languagetool_url = "http://localhost:8081"  # command line' in shown


# --- answers of a server ---------------------------------------------------------------------


@contextmanager
def answering(answer: Callable[[str], tuple[int, str]]) -> Iterator[str]:
    """A server of this machine that answers a path with a status and a body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


LANGUAGES = json.dumps([{"code": "en", "longCode": "en-US"}])
WORD = {
    "message": "",
    "replacements": [],
    "offset": 0,
    "length": 3,
    "context": {"text": "", "offset": 0},
    "rule": {"id": "FIRST", "issueType": "grammar", "category": {"id": "GRAMMAR"}},
}
FIRST = json.dumps({"software": {"version": "0.1"}, "matches": [WORD]})


def test_long_texts_are_asked_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "PIECE_CHARS", 20)
    text = "😀ne line here.\nTwo lines now. And more words.\n" + "x" * 25
    with (
        answering(lambda path: (200, LANGUAGES if "languages" in path else FIRST)) as url,
        GrammarChecker(url) as c,
    ):
        found = c.check(text, "en-US")
        assert c.version == "0.1"
    assert [text[m.start : m.end] for m in found] == ["😀n", "Two", "mor", "xxx", "xxx"]


@pytest.mark.parametrize(
    "body", ["{}", '{"matches": 3, "software": {"version": "1"}}', "[]", "<html>" + "x" * 900]
)
def test_answer_of_another_server_is_no_crash(body: str) -> None:
    with (
        answering(lambda path: (200, LANGUAGES if "languages" in path else body)) as url,
        GrammarChecker(url) as c,
        pytest.raises(StageUnavailable) as told,
    ):
        c.check("A text.", "en-US")
    assert len(str(told.value)) < 400


def test_after_three_failures_nothing_is_asked() -> None:
    asked = []

    def refuse(path: str) -> tuple[int, str]:
        asked.append(path)
        return 500, "broken"

    with answering(refuse) as url, GrammarChecker(url) as c:
        for _ in range(grammar.FAILURES):
            with pytest.raises(StageUnavailable, match="broken"):
                c.check("A text.", "en-US")
        before = len(asked)
        assert before > 0
        with pytest.raises(StageUnavailable, match="not asked again"):
            c.check("A text.", "en-US")
    assert len(asked) == before


# --- what is left out ------------------------------------------------------------------------


def story_with(text: str, *matches: GrammarMatch) -> Story:
    return replace(engine().align("s", [Version("a", text)]), grammar={"a": matches})


def quotes(story: Story, settings: Settings | None = None) -> list[str]:
    return [f.quote for f in objections(ungrammatical.INFO, story, settings or Settings())]


def test_names_are_left_alone() -> None:
    text = "The guests of Les Amis eats late. The crews of ferries eats late."
    lost = match(text, "Les Amis", "the Amis")
    kept = match(text, "Les Amis eats", "Les Amis eat")
    assert quotes(story_with(text, lost)) == []
    assert quotes(story_with(text, kept)) == ["Les Amis eats"]
    text = "Amis eats late. The crews of ferries eats late."
    first = match(text, "Amis eats", "Ami eats")
    assert quotes(story_with(text, first)) == ["Amis eats"]
    assert quotes(story_with(text, first), Settings(names=("Les Amis",))) == []


def test_page_furniture_is_left_alone() -> None:
    text = (
        "It carry some 900 people a day to the island.\n\nWritten by Ana Lima\n\nShare this story\n"
    )
    story = story_with(text, match(text, "carry", "carries"), match(text, "Share this", "Shares"))
    assert "Share this story" not in [s.text for s in story.sentences["a"]]
    assert quotes(story) == ["carry"]


def test_own_finding_of_a_misspelling_is_not_doubled() -> None:
    text = "The gaurd closed the gate on the 23th of May."
    story = story_with(
        text,
        match(text, "gaurd", "guard", "MORFOLOGIK_RULE_EN_US"),
        match(text, "23th", "23rd", "ORDINAL_NUMBER_SUFFIX"),
    )
    found = [(f.quote, f.suggestion) for f in typo.detect(story, Settings())]
    assert found == [("gaurd", "guard"), ("23th", "23rd")]


@pytest.mark.usefixtures("languagetool")
def test_the_real_languagetool_takes_part() -> None:
    with Engine(QUIET) as e:
        result = e.audit("ferry", [Version("a", TEXT)])
    assert [(f.quote, f.suggestion) for f in result.findings] == [("carry", "carries")]
    assert "grammar" not in skipped(result)
    assert "|grammar:LanguageTool@" in result.signature
