"""The baseline and other suppressions: kept apart, counted, in no score, until they expire."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_work import article

from audit import baseline
from audit.baseline import Entry
from audit.cli import main as cli
from audit.config import Settings, load
from audit.errors import ConfigurationError
from audit.model import CATEGORIES, AuditResult, Suppression, Version
from audit.pipeline import Engine
from audit.store.articles import Articles
from audit.store.database import Store

TEXT = (
    "The president spoke to the the crowd on Monday. He said that the harvest was good.\n"
    "The mayor of the town came to the the market on Tuesday. She bought bread and milk.\n"
)
"""One fault twice, "the the", found without any model."""

ENTRY = Entry("duplicated-word", "the the", "Ada", date(2026, 11, 25), "a song's title")
HEADER = '[[known]]\ncategory = "typo"\nquote = "teh"\nwho = "Ada"\non = 2026-11-25\nwhy = "so"\n'
RULE = '[[known]]\nrule = "typo"\nwho = "Ada"\non = 2026-11-25\nwhy = "so"\nstory = "s"\n'


def audited(
    file: Path | None, dismissed: dict[tuple[str, str], Suppression] | None = None
) -> AuditResult:
    chosen = Settings(causal_model="none", grammar=False, baseline=file and str(file))
    version = Version("v", TEXT, outlet="The Harbour")
    with Engine(chosen, dismissed=lambda _: dismissed or {}) as engine:
        return engine.audit("s", [version])


def write(file: Path, kept: list[Entry]) -> None:
    file.write_text(baseline.dumps(kept), encoding="utf-8", newline="")


def quotes(result: AuditResult) -> list[str]:
    return [f.quote for f in result.findings if f.category == "duplicated-word"]


words = st.text(min_size=1).filter(lambda t: t.strip() and t.encode(errors="replace"))
entries = st.builds(
    Entry,
    category=st.sampled_from(sorted(CATEGORIES)),
    quote=st.none() | words,
    who=words,
    on=st.dates(),
    why=words,
    story=st.none() | words,
    outlet=st.none(),
    until=st.none() | st.dates(),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(entries, max_size=5))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, kept: list[Entry]
) -> None:
    file = tmp_path_factory.mktemp("baseline") / "known.toml"
    write(file, kept)
    assert sorted(map(repr, baseline.read(file))) == sorted(map(repr, kept))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# mine\n\n" + HEADER, r":3: say where it holds: story, outlet or everywhere = true"),
        (HEADER + 'story = "s"\noutlet = "o"\n', r":1: say where it holds"),
        (HEADER.replace('why = "so"\n', 'story = "s"\n'), r":1: why missing"),
        (HEADER.replace('"so"', '" "') + 'story = "s"\n', r":1: why is empty"),
        (HEADER.replace("2026-11-25", '"today"') + 'story = "s"\n', r":1: on must be a date"),
        (HEADER.replace("typo", "tpyo") + 'story = "s"\n', r":1: unknown category tpyo"),
        (HEADER + 'story = "s"\n' + HEADER + "wy = 1\n", r":8: unknown key wy; known are"),
        (HEADER + "everywhere = false\n", r":1: say where it holds"),
        (HEADER + 'story = "s"\nrule = "typo"\n', r":1: give either rule or category and quote"),
        (RULE.replace("typo", "tpyo"), r":1: unknown rule tpyo"),
        ("[[known]\n", r"not valid TOML: .*line 1"),
        ("[findings]\n", r"unknown table findings; entries are tables \[\[known\]\]"),
    ],
)
def test_a_malformed_file_is_an_error_that_says_where_and_what_to_do(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "known.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        Engine(Settings(baseline=str(file)))


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="`mtaudit baseline write` makes it"):
        Engine(Settings(baseline=str(tmp_path / "none.toml")))


def test_the_file_beside_the_settings_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().baseline is None
    (tmp_path / "mtaudit-baseline.toml").write_text("")
    assert load().baseline == str(tmp_path / "mtaudit-baseline.toml")
    (tmp_path / "mtaudit.toml").write_text('baseline = "known.toml"\n')
    assert load().baseline == str(tmp_path / "known.toml")


@pytest.mark.parametrize("scope", [{}, {"story": "s"}, {"outlet": "The Harbour"}])
def test_a_known_finding_is_apart_and_in_no_score(tmp_path: Path, scope: dict[str, str]) -> None:
    before = audited(None)
    assert quotes(before) == ["the the", "the the"]
    file = tmp_path / "known.toml"
    write(file, [replace(ENTRY, **scope)])
    after = audited(file)
    assert quotes(after) == []
    assert [s.finding for s in after.suppressed] == list(before.findings)
    assert after.suppressed[0].by == Suppression(
        "Ada", "a song's title", datetime(2026, 11, 25, tzinfo=UTC), "known.toml"
    )
    assert after.versions[0].score.value > before.versions[0].score.value
    assert after.signature.startswith(before.signature + "|known:")


def test_an_entry_of_a_rule_is_about_all_that_it_finds_there(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    rule = replace(ENTRY, quote=None, story="s")
    baseline.add(file, [replace(rule, story="another"), replace(rule, category="typo")])
    assert quotes(audited(file)) == ["the the", "the the"]
    assert baseline.add(file, [rule]) == 1
    after = audited(file)
    assert quotes(after) == [] and len(after.suppressed) == 2
    assert [s for s in after.skipped if s.stage == "baseline"] == []
    assert baseline.drop(file, [rule]) and not baseline.drop(file, [rule])
    assert quotes(audited(file)) == ["the the", "the the"]


def test_nothing_is_lost_when_several_add_at_once(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    kept = [replace(ENTRY, quote=f"word {i}", story="s") for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda entry: baseline.add(file, [entry]), kept)) == 24
    assert {e.quote for e in baseline.read(file)} == {e.quote for e in kept}


KILLED = """
import os, sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from audit import baseline
entry = baseline.Entry("typo", "x", "Ada", date(2026, 11, 25), "so")
for number in range(10_000):
    baseline.add(Path(sys.argv[1]), [replace(entry, quote=f"word {number}")])
    print(number, flush=True)
"""


def test_killed_in_mid_write_nothing_that_was_kept_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    command = [sys.executable, "-c", KILLED, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        kept = [process.stdout.readline().strip() for _ in range(20)]
        process.kill()
        kept += process.stdout.read().split()
    assert {f"word {n}" for n in kept} <= {e.quote for e in baseline.read(file)}
    assert baseline.add(file, [ENTRY]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"story": "another"},
        {"outlet": "The Herald"},
        {"category": "typo"},
        {"quote": "the"},
        {"until": datetime.now(UTC).date() - timedelta(days=2)},
    ],
)
def test_what_is_about_something_else_or_has_expired_changes_nothing(
    tmp_path: Path, change: dict[str, str]
) -> None:
    file = tmp_path / "known.toml"
    write(file, [replace(ENTRY, **change)])
    result = audited(file)
    assert quotes(result) == ["the the", "the the"]
    if "quote" not in change and "category" not in change:
        assert result == audited(None)


def test_a_dismissal_is_of_one_place_and_stays_of_that_one() -> None:
    before = audited(None)
    first, second = before.findings
    by = Suppression("Ada", "a title", datetime(2026, 11, 25, tzinfo=UTC), "verdict")
    after = audited(None, {("v", before.fault(first)): by})
    assert after.findings == (second,)
    assert [s.finding for s in after.suppressed] == [first]
    assert after.fault(second) == before.fault(second)


def test_stale_entries_are_reported(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    write(file, [replace(ENTRY, story="s"), replace(ENTRY, story="s", quote="was was")])
    (skipped,) = [s for s in audited(file).skipped if s.stage == "baseline"]
    assert "“was was”" in skipped.why
    assert "the the" not in skipped.why


OFF = ("--causal-model", "none", "--no-grammar")


def test_the_command_writes_what_is_found_and_prunes_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = tmp_path / "draft.txt"
    text.write_text(TEXT)
    assert cli.run(["check", "draft.txt", *OFF, "--fail-on", "minor"]) == 1
    command = ["baseline", "write", "draft.txt", *OFF, "--why", "a title", "--who", "Ada"]
    assert cli.run(command) == 0
    (entry,) = baseline.read(tmp_path / "mtaudit-baseline.toml")
    assert entry.key == ("duplicated-word", "the the", "draft.txt", "")
    capsys.readouterr()
    assert cli.run(["check", "draft.txt", *OFF, "--fail-on", "minor"]) == 0
    out = capsys.readouterr().out
    assert "suppressed draft.txt:1:24 duplicated-word: “the the” → “the”: a title (Ada, " in out
    assert "2 suppressed" in out

    assert cli.run(["baseline", "prune", "draft.txt"]) == 0
    assert capsys.readouterr().out == ""
    text.write_text(TEXT.replace("the the", "the"))
    old = replace(ENTRY, until=date(2026, 1, 1))
    write(tmp_path / "mtaudit-baseline.toml", [entry, old])
    assert cli.run(["baseline", "prune", "draft.txt"]) == 0
    out = capsys.readouterr().out
    assert "expired after 2026-01-01" in out
    assert "stale" in out
    assert baseline.read(tmp_path / "mtaudit-baseline.toml") == ()


@pytest.mark.parametrize("first", ["check", "audit"])
def test_check_and_audit_know_the_same_of_a_single_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "draft.txt").write_text(TEXT)
    checks = {
        "check": ["check", "draft.txt", "-o", "check.json", "--format", "json"],
        "audit": ["audit", "draft.txt", "-o", ".", "--formats", "json"],
    }
    written = {"check": "draft.txt", "audit": "report.json"}
    assert cli.run([*checks["audit"], *OFF]) == 0
    command = ["baseline", "write", written[first], "--why", "a title"]
    assert cli.run([*command, *(OFF if first == "check" else ())]) == 0
    for command in checks.values():
        assert cli.run([*command, *OFF, "--fail-on", "minor"]) == 0


def test_prune_drops_what_no_article_of_the_outlet_in_the_store_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/store.sqlite"
    with Store.open(url) as store:
        Articles(store).put(article(1, TEXT, outlet="The Harbour"))
    there = replace(ENTRY, outlet="The Harbour")
    gone = replace(there, quote="was was")
    kept = [there, gone, replace(gone, outlet="The Herald"), replace(gone, outlet=None)]
    write(tmp_path / "mtaudit-baseline.toml", kept)
    assert cli.run(["baseline", "prune"]) == 0
    assert capsys.readouterr().out == ""
    assert cli.run(["baseline", "prune", "--store", url]) == 0
    assert capsys.readouterr().out == (
        "duplicated-word “was was” (outlet The Harbour; Ada, 2026-11-25): "
        "stale: no article of the outlet in the store has these words\n"
    )
    left = baseline.read(tmp_path / "mtaudit-baseline.toml")
    assert set(left) == {e for e in kept if e != gone}


def test_write_takes_a_report_and_only_the_words_that_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from audit.report.json import dumps

    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.json").write_text(dumps(audited(None)))
    command = ["baseline", "write", "report.json", "--why", "a title", "--outlet", "The Harbour"]
    assert cli.run([*command, "--quote", "no such words"]) == 2
    assert "no finding quotes “no such words”" in capsys.readouterr().err
    assert cli.run([*command, "--quote", "the the"]) == 0
    (entry,) = baseline.read(tmp_path / "mtaudit-baseline.toml")
    assert (entry.story, entry.outlet) == (None, "The Harbour")


def test_reports_for_readers_name_what_is_suppressed_and_why(tmp_path: Path) -> None:
    from audit.report.json import dumps, loads
    from audit.report.markdown import render

    file = tmp_path / "known.toml"
    write(file, [replace(ENTRY, until=date(9999, 1, 1))])
    result = audited(file)
    assert loads(dumps(result)) == result
    page = render(result).replace("\\", "")
    assert "2 findings known to be no fault left out" in page
    assert "“the the”: a song's title (Ada, 2026-11-25, until 9999-01-01; known.toml)" in page
