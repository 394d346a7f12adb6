"""Grammar: the real LanguageTool server where there is one; its start, its end and its failures."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from small_languagetool import StandIn, is_running, put_java
from test_examples import examples, objections

from audit.detect.shared.objections import our_category
from audit.errors import StageUnavailable
from audit.language.en import ENGLISH
from audit.measure import languagetool_server as server
from audit.measure.grammar import with_grammar
from audit.measure.languagetool import GrammarChecker, Query
from audit.model import GrammarMatch, Story, Version
from audit.segment.sentences import segment

needs_server = pytest.mark.usefixtures("languagetool")


@pytest.fixture(scope="module")
def checker() -> Iterator[GrammarChecker]:
    with GrammarChecker() as c:
        yield c


def server_of(checker: GrammarChecker) -> server.Server:
    assert checker._own._current
    return checker._own._current.server


@needs_server
def test_mistakes_are_found_at_code_points(checker: GrammarChecker) -> None:
    text = "😀😀 He bought a apple 😀 today. He go home."
    found = checker.check(text, "en-US")
    assert {text[m.start : m.end]: m.replacements[0] for m in found} == {"a": "an", "go": "goes"}
    assert [m.start for m in found] == sorted(m.start for m in found)


@needs_server
def test_clean_and_empty_texts_have_no_matches(checker: GrammarChecker) -> None:
    assert checker.check("The president met his ministers on Monday.", "en-US") == ()
    assert checker.check("", "en-US") == checker.check(" \n", "en-US") == ()


@needs_server
def test_rules_are_asked_for_or_left_out(checker: GrammarChecker) -> None:
    text, spelling = "He bought a apple from soem people.", ("MORFOLOGIK_RULE_EN_US",)
    found = checker.check_all(
        [Query(text), Query(text, left_out=spelling), Query(text, only=spelling)], "en-US"
    )
    quotes = [[text[m.start : m.end] for m in own] for own in found]
    assert quotes == [["a", "soem"], ["a"], ["soem"]]


@needs_server
@pytest.mark.parametrize(
    "text",
    [
        "He go to soem shops. Ms Tkshelashvili said it were fine in Ksrabad.",
        "😀 The the conferrence ended.\nIt carry some peopel, an well-knwon ship.\n\nThe ferry "
        "“havnt” left, a hour late on 23th of May; we recieve it.",
    ],
)
def test_what_counts_is_what_all_rules_would_give(checker: GrammarChecker, text: str) -> None:
    version = Version("a", text)
    story = with_grammar(
        Story("ferry", (version,), ENGLISH, sentences={"a": segment(version, ENGLISH)[0]}), checker
    )
    assert story.grammar

    def counted(found: Iterable[GrammarMatch]) -> list[GrammarMatch]:
        return [m for m in found if our_category(m, text[m.start : m.end], ENGLISH)]

    every = counted(checker.check(text, "en-US"))
    assert len(every) >= 2
    assert counted(story.grammar["a"]) == every


@needs_server
def test_no_process_is_left_behind() -> None:
    with GrammarChecker() as c:
        c.check("One text.", "en-US")
        pid = server_of(c).pid
        assert is_running(pid)
    assert not is_running(pid)


def test_one_server_serves_a_run(standing_in: StandIn) -> None:
    with GrammarChecker() as c:
        c.check("One text.", "en-US")
        assert [m.rule for m in c.check("Another text.", "en-US")] == ["FIRST"]
        assert len(standing_in.running) == 1
    assert len(standing_in.started) == 1
    assert not standing_in.running


@pytest.mark.usefixtures("standing_in")
def test_lengths_are_code_points() -> None:
    with GrammarChecker() as c:
        assert [(m.start, m.end) for m in c.check("😀s it is.", "en-US")] == [(0, 2)]


def test_dead_server_is_replaced(standing_in: StandIn) -> None:
    with GrammarChecker() as c:
        c.check("One text.", "en-US")
        (first,) = standing_in.running
        os.kill(first, signal.SIGKILL)
        assert c.check("Another text.", "en-US")
        assert c.check("A deadly, deadly text.", "en-US")
        assert len(standing_in.started) == 3


def test_text_that_kills_two_servers_is_given_up(standing_in: StandIn) -> None:
    with GrammarChecker() as c:
        with pytest.raises(StageUnavailable, match=r"died twice over one text: \w+Error: "):
            c.check("A deadly, deadly text.", "en-US")
        assert not standing_in.running
        assert c.check("Another text.", "en-US")


@pytest.mark.usefixtures("standing_in")
def test_server_ends_with_a_process_that_is_killed() -> None:
    code = (
        "import os, signal; from audit.measure.languagetool_server import Server; s = Server();"
        "print(s.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout)
    until = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(pid)


def test_server_is_recycled(standing_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.measure.languagetool_lent.RECYCLE_TEXTS", 2)
    with GrammarChecker() as c:
        for text in ("One text.", "Another text.", "A third text."):
            assert c.check(text, "en-US")
        assert (len(standing_in.started), len(standing_in.running)) == (2, 1)


def test_the_same_is_asked_once(standing_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.measure.languagetool_lent.RECYCLE_TEXTS", 2)
    one, other = Query("One text."), Query("A text.")
    with GrammarChecker() as c:
        found = c.check_all([one, other, one, one, other], "en-US")
        assert [m.end for own in found for m in own] == [3] * 5
        assert len(standing_in.started) == 1


def test_texts_are_checked_at_the_same_time_by_one_server(standing_in: StandIn) -> None:
    texts = ["One meeting.", "A word.", "😀s at a meeting."]
    with GrammarChecker(at_once=2) as c:
        found = c.check_all(list(map(Query, texts)), "en-US")
        assert [m.end for own in found for m in own] == [3, 3, 2]
        assert (len(standing_in.started), len(standing_in.running)) == (1, 1)
    assert not standing_in.running


def test_a_server_that_dies_is_replaced_for_all_whom_it_was_lent(standing_in: StandIn) -> None:
    texts = [f"{k} texts." for k in range(6)]
    texts[2] = "A deadly text."
    with GrammarChecker(at_once=3) as c:
        assert all(c.check_all(list(map(Query, texts)), "en-US"))
        assert (len(standing_in.started), len(standing_in.running)) == (2, 1)


def test_texts_that_fail_together_are_one_failure(standing_in: StandIn) -> None:
    deadly = [Query(f"{k}: a deadly, deadly, deadly, deadly text.") for k in range(4)]
    with GrammarChecker(at_once=2) as c:
        with pytest.raises(StageUnavailable, match="died twice"):
            c.check_all(deadly, "en-US")
        assert c.check("Another text.", "en-US")
        assert len(standing_in.running) == 1


@pytest.mark.usefixtures("standing_in")
def test_proxies_are_not_asked_for_our_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with GrammarChecker() as c:
        assert c.check("A text.", "en-US")


@needs_server
def test_remote_server_is_asked_by_url(checker: GrammarChecker) -> None:
    checker.check("One text.", "en-US")
    own = server_of(checker)
    for url in (own.url, f"{own.url}/v2/"):
        with GrammarChecker(url) as remote:
            assert [m.rule for m in remote.check("He bought a apple.", "en-US")] == ["EN_A_VS_AN"]
    assert own.alive


def test_remote_server_that_is_not_there_is_said() -> None:
    with (
        GrammarChecker("http://127.0.0.1:9") as remote,
        pytest.raises(StageUnavailable, match=r"http://127\.0\.0\.1:9 does not answer"),
    ):
        remote.check("A text.", "en-US")


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")
def test_server_that_dies_at_its_start_fails_soon_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "languagetool-server.jar").write_bytes(b"not a jar")
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    began = time.monotonic()
    with GrammarChecker() as c, pytest.raises(StageUnavailable, match="HTTPServer"):
        c.check("A text.", "en-US")
    assert time.monotonic() - began < server.START_SECONDS / 2


def test_server_that_never_answers_is_given_up_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_java(tmp_path, monkeypatch, 'echo $$ > "${0%/*}/pid"\necho thinking\nexec sleep 60')
    monkeypatch.setattr(server, "START_SECONDS", 1.0)
    with GrammarChecker() as c, pytest.raises(StageUnavailable, match=r"did not answer.*thinking"):
        c.check("A text.", "en-US")
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_taken_port_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 'echo start >> "${0%/*}/starts"\necho Error: Address already in use'
    put_java(tmp_path, monkeypatch, taken)
    with GrammarChecker() as c, pytest.raises(StageUnavailable, match="Address already in use"):
        c.check("A text.", "en-US")
    assert len((tmp_path / "starts").read_text().split()) == 3


@pytest.mark.usefixtures("standing_in")
def test_missing_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with GrammarChecker() as c, pytest.raises(StageUnavailable, match=r"cannot be started: .*none"):
        c.check("A text.", "en-US")


def test_missing_java_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with GrammarChecker() as c, pytest.raises(StageUnavailable, match="Java was not found"):
        c.check("A text.", "en-US")


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")
def test_missing_server_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    with GrammarChecker() as c, pytest.raises(StageUnavailable, match=r"no languagetool-server"):
        c.check("A text.", "en-US")


def test_missing_client_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "language_tool_python", None)
    with pytest.raises(StageUnavailable, match="pip install"):
        GrammarChecker()


def match(text: str, quote: str, rule: str, category: str, *proposals: str) -> GrammarMatch:
    start = text.index(quote)
    return GrammarMatch(start, start + len(quote), rule, category, "", proposals)


@pytest.mark.parametrize(
    ("text", "quote", "rule", "category", "proposals", "expected"),
    [
        ("It was soem day.", "soem", "MORFOLOGIK_RULE_EN_US", "TYPOS", ["some"], "typo"),
        ("Mr Soem said.", "Soem", "MORFOLOGIK_RULE_EN_US", "TYPOS", ["Some"], None),
        ("a programme", "programme", "MORFOLOGIK_RULE_EN_US", "TYPOS", ["program"], None),
        ("coix seeds", "coix", "MORFOLOGIK_RULE_EN_US", "TYPOS", ["coin"], None),
        ("the ceromony", "ceromony", "MORFOLOGIK_RULE_EN_US", "TYPOS", ["ceremony"], "typo"),
        ("duking it out", "duking", "MORFOLOGIK_RULE_EN_US", "TYPOS", ["during"], None),
        ("a brand new story", "brand new", "CA_BRAND_NEW", "GRAMMAR", ["brand-new"], None),
        ("a script writer", "script writer", "WRITER_COMPOUNDS", "GRAMMAR", ["scriptwriter"], None),
        ("of the of the", "of the of the", "PHRASE_REPETITION", "GRAMMAR", [], None),
        ("the wilaya", "wilaya", "MORFOLOGIK_RULE_EN_US", "TYPOS", ["Malaya"], None),
        ("He go.", "go", "HE_VERB_AGR", "GRAMMAR", ["goes"], "ungrammatical"),
        ("a apple", "a", "EN_A_VS_AN", "MISC", ["an"], "ungrammatical"),
        ("in in it", "in in", "ENGLISH_WORD_REPEAT_RULE", "MISC", ["in"], None),
        ("on 23th", "23th", "ORDINAL_NUMBER_SUFFIX", "SEMANTICS", ["23rd"], "typo"),
        ("it, and", ",", "COMMA_COMPOUND_SENTENCE", "PUNCTUATION", [", and"], None),
        ("so as to", "so as to", "SO_AS_TO", "REDUNDANCY", ["to"], None),
        ("new thing", "new", "RULE_OF_A_LATER_RELEASE", "NEW_CATEGORY", [], None),
    ],
)
def test_only_what_is_worth_a_finding_has_a_category(
    text: str, quote: str, rule: str, category: str, proposals: list[str], expected: str | None
) -> None:
    assert our_category(match(text, quote, rule, category, *proposals), quote, ENGLISH) == expected


@needs_server
def test_languagetool_objects_to_what_the_examples_say(checker: GrammarChecker) -> None:
    for kind in ("flag", "pass"):
        for example in examples("ungrammatical", kind):
            for version, given in (objections(example) or {}).items():
                text = example["versions"][version]
                found = checker.check(text, "en-US")
                assert set(given) <= set(found), [(text[m.start : m.end], m) for m in found]
