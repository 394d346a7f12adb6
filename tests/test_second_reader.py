"""The second reader: asked over real HTTP, believed only as far as it can be checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from judges import Oracle, fault, judge, of_controls
from served import app, served

from audit.config import Settings, load
from audit.errors import ConfigurationError, StageUnavailable
from audit.model import AuditResult, Version
from audit.pipeline import Engine
from audit.report.formats import Reports
from audit.report.json import dumps, loads
from audit.second_reader import calibration
from audit.second_reader.budget import Budget
from audit.second_reader.calibration import Calibration, Measured
from audit.second_reader.client import Answer, Question
from audit.second_reader.kept import KeptInFile
from audit.second_reader.prompts import PROMPT
from audit.second_reader.reader import PAUSE, SecondReader
from audit.serve.kept import KeptInMemory

PAGE = (
    "The governor opened the new bridge on Monday. "
    "He thanked the workers for there patience during the long works. "
    "The river traffic will be resumed in the spring of next year."
)
OTHER = (
    "The new bridge was opened by the governor on Monday. "
    "He thanked the workers for their patience. "
    "Ships will be able to pass again next spring."
)
DAYS = ("Monday", "Tuesday", "Friday", "Sunday")
FAULTS = {
    PAGE: [
        {
            "start": PAGE.index("there"),
            "end": PAGE.index("there") + 5,
            "category": "wrong-term",
            "severity": "major",
            "suggestion": "their",
        }
    ]
}
GOOD = Measured(
    prompt=PROMPT,
    measured_on="a test",
    found={"wrong-term": (90, 10)},
    verified={"yes": (90, 1), "no": (1, 90)},
)


def settings(url: str, tmp_path: Path, measured: Measured | None = GOOD, **more: Any) -> Settings:
    """Settings that ask a server, whose model was measured or not."""
    if measured is not None:
        calibration.write(tmp_path / "judge.json", "oracle", measured)
        more["judge_calibration"] = str(tmp_path / "judge.json")
    return Settings(
        judge_url=url,
        judge_model="oracle",
        judge_scope="all",
        causal_model="none",
        grammar=False,
        **more,
    )


def audited(chosen: Settings, *texts: str) -> AuditResult:
    with Engine(chosen, kept=KeptInMemory()) as engine:
        return engine.audit("story", [Version(f"v{n}", t) for n, t in enumerate(texts)])


def bare(*texts: str) -> AuditResult:
    """What is found without a second reader."""
    return audited(Settings(causal_model="none", grammar=False), *texts)


def test_what_it_finds_is_reported_with_its_reason(tmp_path: Path) -> None:
    with judge(Oracle(FAULTS)) as server:
        result = audited(settings(server.url, tmp_path), PAGE, OTHER)
    (found,) = [f for f in result.findings if f.found_by != "rules" and f.quote == "there"]
    assert found.suggestion == "their" and found.category == found.rule == "wrong-term"
    assert PAGE[found.start : found.end] == "there"
    assert "Second reader: The gold list has it." in found.message
    assert found.confidence > 0.8
    reading = result.second_reading
    assert reading is not None and reading.calibrated
    assert (reading.of, reading.read, reading.left) == (6, 6, 0)
    assert f"second:oracle@{PROMPT}+" in result.signature


def test_a_model_that_was_not_measured_is_heard_and_changes_nothing(tmp_path: Path) -> None:
    with judge(Oracle(FAULTS)) as server:
        result = audited(settings(server.url, tmp_path, None), PAGE, OTHER)
    plain = bare(PAGE, OTHER)
    assert [(f.start, f.quote) for f in result.findings] == [
        (f.start, f.quote) for f in plain.findings
    ]
    assert "there" in {f.quote for f in result.suspicions if f.by_second_reader}
    assert [v.score for v in result.versions] == [v.score for v in plain.versions]
    assert [v.sentences for v in result.versions] == [v.sentences for v in plain.versions]
    assert result.second_reading and not result.second_reading.calibrated


def answering(*faults: Mapping[str, Any]) -> Callable[[str, Mapping[str, Any]], str]:
    """A server that finds the control, and besides what is given, in the page's second sentence."""

    def answer(name: str, asked: Mapping[str, Any]) -> str:
        if name == "verdicts":
            return "{}"
        own = [
            fault(s, "workers") | dict(f)
            for s in asked["sentences"]
            if "patience during" in s["text"]
            for f in faults
        ]
        return json.dumps({"faults": [*of_controls(asked), *own]})

    return answer


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": "no such words", "around": ""},
        {"quote": "the", "around": "the"},
        {"quote": "orkers", "around": "the workers"},
        {"category": "bad-style"},
        {"severity": "enormous"},
        {"sentence": 99},
        {"sentence": None},
        {"write": "workers"},
        {"quote": ["workers"]},
    ],
)
def test_what_cannot_be_checked_is_dropped_and_counted(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    with judge(answering(wrong)) as server:
        result = audited(settings(server.url, tmp_path), PAGE, OTHER)
    assert result.findings == bare(PAGE, OTHER).findings
    assert result.second_reading and sum(result.second_reading.dropped.values()) >= 1


def test_a_quote_that_stands_twice_is_found_by_its_neighbours(tmp_path: Path) -> None:
    given = {"quote": "the", "around": "during the long", "write": "its"}
    with judge(answering(given)) as server:
        result = audited(settings(server.url, tmp_path), PAGE, OTHER)
    (found,) = [f for f in result.findings if f.found_by != "rules"]
    assert found.start == PAGE.index("during the long") + len("during ")


@pytest.mark.parametrize("write", ["Peter Salter", "40 workers", "workers of Acme"])
def test_a_suggestion_brings_no_name_and_no_number(write: str, tmp_path: Path) -> None:
    given = {"write": write, "why": f"It should be {write}."}
    with judge(answering(given)) as server:
        result = audited(settings(server.url, tmp_path), PAGE, OTHER)
    (found,) = [f for f in result.findings if f.found_by != "rules"]
    assert found.suggestion is None and write not in found.message


def test_a_suggestion_may_bring_a_name_that_another_page_has(tmp_path: Path) -> None:
    other = OTHER.replace("the workers", "the builders of Acme")
    given = {"write": "builders of Acme", "page": "A"}
    with judge(answering(given)) as server:
        result = audited(settings(server.url, tmp_path), PAGE, other)
    (found,) = [f for f in result.findings if f.found_by != "rules"]
    assert found.suggestion == "builders of Acme"
    (witness,) = found.witnesses
    assert witness.version == "v1" and witness.quote == "builders of Acme"
    assert other[witness.start : witness.end] == witness.quote


def test_the_texts_go_only_where_they_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("audit.second_reader.client.resolve", lambda host, port: ["93.184.216.34"])
    with judge(Oracle({})) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        refused = audited(settings(url, tmp_path), PAGE)
        assert not server.questions
        (why,) = [s.why for s in refused.skipped if s.stage == "second reader"]
        assert "judge_send_texts = true" in why
        offline = audited(settings(url, tmp_path, judge_send_texts=True, offline=True), PAGE)
        assert not server.questions and "offline" in str(offline.skipped)
        audited(settings(url, tmp_path, judge_send_texts=True), PAGE)
        assert server.questions
    assert "texts are sent to localhost" in caplog.text


def test_the_key_comes_from_the_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MTAUDIT_JUDGE_KEY", "sesame")
    with judge(Oracle({})) as server:
        audited(settings(server.url, tmp_path), PAGE)
    assert server.headers_seen[0]["authorization"] == "Bearer sesame"
    assert "judge_key" not in Settings.model_fields


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    kept = KeptInFile(tmp_path / "kept.sqlite")
    with judge(Oracle(FAULTS)) as server:
        chosen = settings(server.url, tmp_path)
        results = []
        for _ in range(2):
            with Engine(chosen, kept=kept) as engine:
                results.append(engine.audit("story", [Version("v0", PAGE), Version("v1", OTHER)]))
            asked = len(server.questions)
    assert asked == len(server.questions)
    assert results[0].findings == results[1].findings
    assert results[1].second_reading and results[1].second_reading.tokens == 0
    assert results[0].second_reading and results[0].second_reading.tokens > 0


def test_the_budget_ends_it_and_the_report_says_what_was_left(tmp_path: Path) -> None:
    with judge(Oracle(FAULTS)) as server:
        result = audited(settings(server.url, tmp_path, judge_tokens=10), PAGE, OTHER)
        assert not server.questions
    assert result.second_reading and result.second_reading.left == 6
    assert "6 sentences not read: the setting judge_tokens" in str(result.skipped)


def test_a_budget_begins_anew_each_day() -> None:
    from datetime import date

    days = [date(2026, 1, 1)]
    budget = Budget(100, lambda: days[-1])
    assert budget.take(80) and not budget.take(30)
    budget.settle(80, 60)
    assert budget.take(40) and not budget.take(1)
    days.append(date(2026, 1, 2))
    assert budget.take(100)


def test_verifying_alone_denies_a_false_alarm_and_keeps_the_right_one(tmp_path: Path) -> None:
    right, wrong = "Der Minister kam nicht zur Arbeit.", "the the"
    page = f"{PAGE} Police said on Monday that a the the car was found near the bridge. {right}"
    gold = {page: [{"start": page.index("the the"), "end": page.index("the the") + 7}]}
    plain = bare(page)
    serious = [f for f in plain.findings if f.severity != "minor"]
    assert serious, "the example needs a serious finding"
    with judge(Oracle({**FAULTS, **gold})) as server:
        result = audited(settings(server.url, tmp_path, judge_ask="verify"), page)
    names = {q["response_format"]["json_schema"]["name"] for q in server.questions}
    assert names == {"verdicts"}
    denied = [f for f in result.suspicions if "holds it for no fault" in f.message]
    assert {f.quote for f in serious} == {f.quote for f in denied} | {
        f.quote for f in result.findings if f.severity != "minor"
    }
    assert {f.found_by for f in denied} == {"rules, against the second reader"}
    assert denied and wrong not in {f.quote for f in denied}


def test_a_calibration_is_of_one_wording_of_the_questions(tmp_path: Path) -> None:
    file = tmp_path / "judge.json"
    calibration.write(file, "m", GOOD)
    calibration.write(file, "n", GOOD.model_copy(update={"prompt": "000000"}))
    assert calibration.read(file, "m").measured == GOOD
    assert calibration.read(file, "n").measured is None
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"judge\.json"):
        calibration.read(file, "m")


def test_confidence_follows_what_was_measured() -> None:
    measured = Calibration(GOOD)
    assert 0.85 < measured.confidence("wrong-term") < 0.95
    assert measured.after(0.5, "no") < 0.1 < 0.9 < measured.after(0.5, "yes")
    assert Calibration().confidence("wrong-term") < 0.3
    assert Calibration().after(0.5, "no") == 0.5


def test_the_calibration_beside_the_settings_is_used(tmp_path: Path) -> None:
    (tmp_path / "mtaudit.toml").write_text("", encoding="utf-8")
    calibration.write(tmp_path / "mtaudit-judge.json", "m", GOOD)
    chosen = load(tmp_path / "mtaudit.toml")
    assert chosen.judge_calibration == str(tmp_path / "mtaudit-judge.json")


def test_a_server_that_is_not_there_is_a_stage_that_is_skipped(tmp_path: Path) -> None:
    with judge(Oracle({})) as server:
        url = server.url
    result = audited(settings(url, tmp_path), PAGE)
    (why,) = [s.why for s in result.skipped if s.stage == "second reader"]
    assert "cannot be reached" in why
    assert result.findings == bare(PAGE).findings


def test_each_page_is_asked_about_apart(tmp_path: Path) -> None:
    with judge(Oracle({})) as server:
        audited(settings(server.url, tmp_path), PAGE, OTHER)
    for question in server.questions:
        asked = json.loads(question["messages"][1]["content"])
        texts = " ".join(s["text"] for s in asked.get("sentences", ()))
        assert not ("patience during" in texts and "Ships will" in texts)


def test_a_report_says_what_was_read_and_keeps_it(tmp_path: Path) -> None:
    with judge(Oracle(FAULTS)) as server:
        result = audited(settings(server.url, tmp_path), PAGE, OTHER)
    assert loads(dumps(result)).second_reading == result.second_reading
    html = Reports(result).render("html")
    assert html is not None
    page = html.decode()
    assert "A second reader (oracle) read 6 of 6 sentences." in page
    assert '<option value="second reader">' in page
    assert 'data-by="second reader"' in page and "· second reader ·" in page


def test_a_spot_check_shows_the_second_reader_after_all_else(tmp_path: Path) -> None:
    with (
        judge(Oracle(FAULTS)) as server,
        served(app(settings(server.url, tmp_path))) as url,
        httpx.Client(base_url=url, timeout=120) as client,
    ):
        asked = {"versions": [{"text": PAGE}, {"text": OTHER}]}
        events = client.post("/api/spot", json=asked).json()["events"]
        shown = [
            json.loads(line.removeprefix("data: "))
            for line in client.get(events).text.splitlines()
            if line.startswith("data: ") and "sheets" in line
        ]
        story = {"id": "s", "versions": [{"id": "a", "text": PAGE}]}
        answer = client.post("/api/audit", json=story).json()
        front = client.get("/").text
    assert [s["phase"] for s in shown] == ["rules", "all", "second reader"]
    cards = [[c for s in state["sheets"] for c in s["cards"]] for state in shown]
    assert all(c["found_by"] == "rules" for c in (*cards[0], *cards[1]))
    (found,) = [c for c in cards[2] if c["found_by"] == "second reader"]
    assert (found["quote"], found["suggestion"]) == ("there", "their")
    assert "Nothing leaves this machine" in front
    assert answer["second_reader"]["model"] == "oracle"
    assert "there" in {f["quote"] for f in answer["findings"]}


def test_a_server_that_came_back_is_asked_again_after_a_while(tmp_path: Path) -> None:
    now, is_there = [0.0], [False]

    class Comes:
        def ask(self, question: Question) -> Answer:
            if not is_there[0]:
                raise StageUnavailable("it is not there")
            asked = json.loads(question.user)
            return Answer(Oracle(FAULTS)(question.name, asked), 1000)

    chosen = settings("http://127.0.0.1:9/v1", tmp_path, judge_parallel=1)
    texts = [Version(f"v{n}", PAGE.replace("Monday", day)) for n, day in enumerate(DAYS)]
    with Engine(chosen) as engine:
        (story,) = engine.stories([("s", texts)], "grammar")
        reader = SecondReader(chosen, Comes(), Calibration(), KeptInMemory(), lambda: now[0])
        (first,) = reader.find([story])
        is_there[0] = True
        (second,) = reader.find([story])
        now[0] += PAUSE
        (third,) = reader.find([story])
    assert first.second_reading.read == second.second_reading.read == 0
    assert "it is not there" in str(second.skipped)
    assert third.second_reading.left == 0 and third.second_reading.read == 12
