"""A second reader that answers nonsense, half, too much, something else or nothing.

Whatever it does, the findings, the scores and the risks of sentences are those without it, the run
ends, and the report says what happened.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from judges import Oracle, Replying, fault, judge, of_controls, reply
from test_second_reader import FAULTS, GOOD, OTHER, PAGE, audited, settings

from audit.config import Settings
from audit.model import CATEGORIES, SEVERITIES, AuditResult, Version
from audit.pipeline import Engine
from audit.second_reader import answers, client, controls
from audit.second_reader.calibration import Measured
from audit.second_reader.client import Answer
from audit.second_reader.prompts import FindQuestion, find_question
from audit.second_reader.reader import FAILURES
from audit.second_reader.scope import stretches

GARBLED = f"{OTHER} Police said that a the the car was found. Der Minister kam nicht zur Arbeit."
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MANY = [PAGE.replace("Monday", day) for day in DAYS]
"""More questions than may fail."""


@pytest.fixture(params=[None, GOOD], ids=["not measured", "measured"])
def measured(request: pytest.FixtureRequest) -> Measured | None:
    """What is known of the model."""
    known: Measured | None = request.param
    return known


def assert_nothing_changed(result: AuditResult, plain: AuditResult) -> None:
    """Whether a story was judged as without a second reader."""
    assert result.findings == plain.findings
    assert result.versions == plain.versions


def plainly(tmp_path: Path, *texts: str) -> AuditResult:
    """The result without a second reader."""
    return audited(
        settings("http://127.0.0.1:9/v1", tmp_path).model_copy(update={"judge_url": None}), *texts
    )


def with_controls(*faults: Mapping[str, Any]) -> Callable[[str, Mapping[str, Any]], str]:
    """Finds the controls, and in every other sentence what is given."""

    def answer(name: str, asked: Mapping[str, Any]) -> str:
        if name == "verdicts":
            return "{}"
        known = {c.text for c in controls.FAULTY} | set(controls.SOUND)
        own = [
            {"sentence": s["n"], "around": "", **f}
            for s in asked["sentences"]
            if s["text"] not in known
            for f in faults
        ]
        return json.dumps({"faults": [*of_controls(asked), *own]})

    return answer


def every_word(name: str, asked: Mapping[str, Any]) -> str:
    """Marks every word, and holds every finding for a fault."""
    if name == "verdicts":
        return json.dumps(
            {"verdicts": [{"n": i["n"], "fault": "yes", "why": "So."} for i in asked["items"]]}
        )
    return json.dumps(
        {
            "faults": [
                {
                    **fault(s, s["text"].split()[0]),
                    "quote": w,
                    "around": " ".join(s["text"].split()[max(0, i - 2) : i + 3]),
                }
                for s in asked["sentences"]
                for i, w in enumerate(s["text"].split())
            ]
        }
    )


def says(fault: str) -> Callable[[str, Mapping[str, Any]], str]:
    """Says the same of every finding."""

    def answer(name: str, asked: Mapping[str, Any]) -> str:
        if name == "faults":
            return json.dumps({"faults": of_controls(asked)})
        return json.dumps(
            {"verdicts": [{"n": i["n"], "fault": fault, "why": "So."} for i in asked["items"]]}
        )

    return answer


def always(content: str) -> Callable[[str, Mapping[str, Any]], str]:
    """Says the same to every question."""
    return lambda name, asked: content


SCHEMA = "the answer is not of the schema"
MISSED = "the answer misses the fault that was put there to be found"

CONTENTS: dict[str, tuple[Callable[[str, Mapping[str, Any]], str], str]] = {
    "no JSON": (always("I have read the page and it is fine!"), SCHEMA),
    "nothing": (always(""), SCHEMA),
    "HTML": (always("<html><body><h1>502 Bad Gateway</h1></body></html>"), SCHEMA),
    "another type": (always("[1, 2, 3]"), SCHEMA),
    "null": (always("null"), SCHEMA),
    "no list": (always('{"faults": {"0": {}}, "verdicts": 3}'), SCHEMA),
    "no objects": (always('{"faults": ["the the", null], "verdicts": [[]]}'), SCHEMA),
    "deep": (always('{"faults": ' + "[" * 20_000 + "]" * 20_000 + "}"), SCHEMA),
    "not a number": (always('{"faults": [{"sentence": NaN, "quote": Infinity}]}'), MISSED),
    "twice the same key": (
        always('{"faults": [{"sentence": 1, "sentence": {}, "quote": "the", "quote": []}]}'),
        MISSED,
    ),
    "half": (
        lambda name, asked: Oracle(FAULTS)(name, asked)[: len(Oracle(FAULTS)(name, asked)) // 2],
        SCHEMA,
    ),
    "empty": (always('{"faults": [], "verdicts": []}'), MISSED),
    "a fence": (
        lambda name, asked: f"```json\n{Oracle(FAULTS)(name, asked)}\n```",
        SCHEMA,
    ),
    "wrong quotes": (
        with_controls(
            {
                "quote": "no such words",
                "category": "wrong-term",
                "severity": "critical",
                "write": "x",
                "why": "So.",
            }
        ),
        "its quote does not stand in the sentence, or more than once",
    ),
    "wrong types": (
        with_controls(
            {"quote": "the", "category": ["wrong-term"], "severity": {"a": 1}},
            {"quote": 7, "category": "wrong-term", "severity": "major"},
            {"quote": "the", "category": None, "severity": None, "write": 3, "why": [], "page": {}},
        ),
        "its category or severity does not exist",
    ),
    "10,000 faults": (
        lambda name, asked: json.dumps(
            {"faults": [{"sentence": 1, "quote": f"no {n}"} for n in range(10_000)]}
        ),
        SCHEMA,
    ),
    "every word": (every_word, "the answer marks nearly everything"),
    "whole sentences": (
        lambda name, asked: json.dumps(
            {"faults": [fault(s, s["text"], write="") for s in asked.get("sentences", ())]}
        ),
        "the answer marks nearly everything",
    ),
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_an_answer_that_cannot_be_believed_changes_nothing(
    kind: str, measured: Measured | None, tmp_path: Path
) -> None:
    answering, why = CONTENTS[kind]
    with judge(answering) as server:
        result = audited(settings(server.url, tmp_path, measured), PAGE, GARBLED)
    assert_nothing_changed(result, plainly(tmp_path, PAGE, GARBLED))
    assert result.second_reading and why in result.second_reading.dropped
    assert len(server.questions) <= 8


@pytest.mark.parametrize("said", ["yes", "no", "cannot say"])
def test_who_always_says_the_same_of_findings_is_not_believed(
    said: str, measured: Measured | None, tmp_path: Path
) -> None:
    with judge(says(said)) as server:
        result = audited(settings(server.url, tmp_path, measured), PAGE, GARBLED)
    plain = plainly(tmp_path, PAGE, GARBLED)
    assert any(f.severity != "minor" for f in plain.findings), "nothing was put to it"
    assert_nothing_changed(result, plain)
    assert result.second_reading and result.second_reading.verified == 0
    why = "the answer is wrong about what was put there to be known"
    assert why in result.second_reading.dropped


def completion(**message: Any) -> bytes:
    """A chat completion, with another message or none."""
    choices = [{"index": 0, "finish_reason": "stop", "message": message}] if message else []
    return json.dumps({"id": "1", "object": "chat.completion", "choices": choices}).encode()


def sends(status: int, body: bytes, **headers: str) -> Replying:
    """Sends the same to everybody."""
    return lambda handler: reply(handler, status, body, **headers)


def hangs(handler: BaseHTTPRequestHandler) -> None:
    """Says nothing until the other side is gone."""
    handler.connection.settimeout(10)
    with suppress(OSError):
        handler.rfile.read(1)


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection without a word."""
    handler.close_connection = True


def begins(handler: BaseHTTPRequestHandler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "10000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    handler.close_connection = True


def endless(piece: bytes, pause: float) -> Replying:
    """A body that never ends."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.end_headers()
        handler.close_connection = True
        with suppress(OSError):
            while True:
                handler.wfile.write(piece)
                time.sleep(pause)

    return write


REPLIES: dict[str, tuple[Replying, str]] = {
    "hangs": (hangs, "no answer within 0.5 seconds (judge_timeout)"),
    "hangs up": (hangs_up, "cannot be reached"),
    "half": (begins, "cannot be reached"),
    "500": (sends(500, b"{}"), "the server answered 500"),
    "503 in HTML": (sends(503, b"<h1>Busy</h1>", content_type="text/html"), "answered 503"),
    "401": (sends(401, b'{"error": "no"}'), "the server answered 401"),
    "429": (sends(429, b"{}", retry_after="1"), "the server answered 429"),
    "no JSON": (sends(200, b"Welcome!"), "is no chat completion"),
    "HTML": (sends(200, b"<h1>Welcome</h1>", content_type="text/html"), "is no chat completion"),
    "deep": (sends(200, b"[" * 200_000 + b"]" * 200_000), "is no chat completion"),
    "a list": (sends(200, b"[]"), "is no chat completion"),
    "a number": (sends(200, b"7"), "is no chat completion"),
    "no choices": (sends(200, completion()), "is no chat completion"),
    "null choices": (sends(200, b'{"choices": null}'), "is no chat completion"),
    "a word for choices": (sends(200, b'{"choices": "abc"}'), "is no chat completion"),
    "a null choice": (sends(200, b'{"choices": [null]}'), "is no chat completion"),
    "no message": (sends(200, b'{"choices": [{"message": null}]}'), "is no chat completion"),
    "no bytes": (sends(200, b""), "is no chat completion"),
    "no text": (sends(200, b'"\xff\xfe"'), "is no chat completion"),
    "endless": (endless(b" " * 65_536, 0), "longer than 1,000,000 bytes"),
    "endless drops": (endless(b" ", 0.05), "no answer within 0.5 seconds (judge_timeout)"),
    "packed": (
        sends(200, gzip.compress(b" " * 50_000_000, mtime=0), content_encoding="gzip"),
        "it is packed",
    ),
}


@pytest.mark.parametrize("kind", REPLIES)
def test_a_server_that_gives_no_answer_is_asked_no_more(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "RETRIES", 0)
    replying, why = REPLIES[kind]
    with judge(always(""), replying) as server:
        chosen = settings(server.url, tmp_path, judge_timeout=0.5, judge_parallel=1)
        result = audited(chosen, *MANY)
    assert_nothing_changed(result, plainly(tmp_path, *MANY))
    (said,) = [s.why for s in result.skipped if s.stage == "second reader"]
    assert why in said and "21 sentences not read" in said
    assert len(server.questions) == FAILURES


def test_a_message_that_is_no_text_is_an_empty_answer(
    measured: Measured | None, tmp_path: Path
) -> None:
    replying = sends(200, completion(role="assistant", content={"faults": []}))
    with judge(always(""), replying) as server:
        result = audited(settings(server.url, tmp_path, measured), PAGE, OTHER)
    assert_nothing_changed(result, plainly(tmp_path, PAGE, OTHER))
    assert result.second_reading and SCHEMA in result.second_reading.dropped


@pytest.mark.parametrize("usage", [None, "many", -900_000_000, 1.5, {"total_tokens": "1"}])
def test_what_the_server_says_it_cost_cannot_fill_the_budget(usage: Any, tmp_path: Path) -> None:
    total = usage if isinstance(usage, dict) else {"total_tokens": usage}
    body = json.loads(completion(role="assistant", content="{}")) | {"usage": total}
    with judge(always(""), sends(200, json.dumps(body).encode())) as server:
        chosen = settings(server.url, tmp_path, judge_tokens=4_000, judge_parallel=1)
        result = audited(chosen, *MANY)
    assert len(server.questions) == 1
    assert result.second_reading and result.second_reading.left == 18


def test_a_failed_request_is_sent_again_a_few_times(tmp_path: Path) -> None:
    with judge(always(""), sends(429, b"{}", retry_after="0.01")) as server:
        audited(settings(server.url, tmp_path, judge_parallel=1), *MANY)
    assert len(server.questions) == FAILURES * (1 + client.RETRIES)


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with judge(Oracle(FAULTS)) as elsewhere:
        to = f"{elsewhere.url}/chat/completions"
        for status in (301, 302, 307, 308):
            with judge(always(""), sends(status, b"", location=to)) as server:
                result = audited(settings(server.url, tmp_path), PAGE, OTHER)
            assert server.questions and not elsewhere.questions
            assert f"the server answered {status}" in str(result.skipped)


def test_a_key_that_the_server_repeats_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MTAUDIT_JUDGE_KEY", "sesame-9")
    caplog.set_level("INFO")

    def repeats(handler: BaseHTTPRequestHandler) -> None:
        said = {"error": {"message": f"wrong key: {handler.headers['authorization']}"}}
        reply(handler, 401, json.dumps(said).encode())

    with judge(always(""), repeats) as server:
        result = audited(settings(server.url, tmp_path), PAGE, OTHER)
    assert "wrong key: Bearer ***" in str(result.skipped)
    assert "sesame-9" not in f"{result!r} {caplog.text}"


@pytest.mark.parametrize(
    "write",
    [
        "see http://evil.example/x",
        "www.evil.example",
        "evil.example",
        "<a href=x>workers</a>",
        "work\u200bers",
        "\u202esrekrow",
        "workers \ud800",
        "workers\x1b[31m",
        "mail us at x@evil",
        "the company steals from all of its clients and everybody who trusts it should sell now "
        "before it is too late for that",
    ],
)
def test_a_suggestion_has_no_link_no_code_and_no_sermon(write: str, tmp_path: Path) -> None:
    def answer(name: str, asked: Mapping[str, Any]) -> str:
        own = [
            fault(s, "workers", write=write, why=f"Write {write}.", category="wrong-term")
            for s in asked.get("sentences", ())
            if "patience during" in s["text"]
        ]
        return json.dumps({"faults": [*of_controls(asked), *own]} if name == "faults" else {})

    with judge(answer) as server:
        result = audited(settings(server.url, tmp_path), PAGE, OTHER)
    (found,) = [f for f in result.findings if f.by_second_reader]
    assert found.suggestion is None
    assert write not in found.message or len(write) > 100
    found.message.encode()


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PARTS = PAGE.split(" ")
QUOTES = st.tuples(st.integers(0, len(PARTS)), st.integers(0, 6)).map(
    lambda at: " ".join(PARTS[at[0] : at[0] + at[1]])
)
FAULT = st.fixed_dictionaries(
    {},
    optional={
        "sentence": st.integers(-1, 6) | ANY,
        "quote": QUOTES | ANY,
        "around": QUOTES | ANY,
        "category": st.sampled_from([*CATEGORIES, "bad-style"]) | ANY,
        "severity": st.sampled_from([*SEVERITIES, "fatal"]) | ANY,
        "write": QUOTES | ANY,
        "why": QUOTES | ANY,
        "page": st.sampled_from("ABZ") | ANY,
    },
)


@pytest.fixture(scope="module")
def asked() -> list[FindQuestion]:
    """What is asked about two pages."""
    with Engine(Settings(causal_model="none", grammar=False)) as engine:
        versions = [Version("v0", PAGE), Version("v1", OTHER)]
        (story,) = engine.stories([("story", versions)], "second reader")
    return [find_question(s) for s in stretches(story, "all")]


@trying(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=ANY | st.lists(FAULT | ANY, max_size=12),
    finds_control=st.booleans(),
    whole=st.none() | ANY,
    cut=st.none() | st.integers(0, 400),
)
def test_whatever_an_answer_holds_a_remark_stands_in_the_text(
    asked: list[FindQuestion], faults: Any, finds_control: bool, whole: Any, cut: int | None
) -> None:
    for question in asked:
        if finds_control and isinstance(faults, list):
            own = of_controls(json.loads(question.question.user))
            given_faults: Any = [*own, *faults]
        else:
            given_faults = faults
        content = json.dumps({"faults": given_faults} if whole is None else whole)
        dropped: Counter[str] = Counter()
        found = answers.remarks(question, Answer(content[:cut], 1), dropped)
        text = question.stretch.story.version(question.stretch.version).text
        for r in found:
            assert r.version == question.stretch.version
            assert text[r.start : r.end] == r.quote and r.quote
            assert any(s.start <= r.start and r.end <= s.end for s in question.stretch.sentences)
            assert r.category in CATEGORIES and r.severity in SEVERITIES
            if r.witness is not None:
                there = question.stretch.story.version(r.witness.version).text
                assert there[r.witness.start : r.witness.end] == r.witness.quote
            f"{r.why}{r.suggestion}".encode()
        if not found and not finds_control:
            assert dropped
