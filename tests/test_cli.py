"""The command line: exit status, what goes to which stream, options, files written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from story import RESULT, SUSPECTED, VERSIONS

from audit.cli import main as cli
from audit.cli import rules
from audit.cli.options import Common
from audit.config import Settings
from audit.detect import DETECTORS
from audit.errors import NotScored
from audit.model import AuditResult, Skipped, Version
from audit.report.formats import FORMATS
from audit.report.json import loads

ROOT = Path(__file__).resolve().parent.parent


class FakeEngine:
    """Gives RESULT, its versions under the ids that were asked for."""

    settings: Settings | None = None
    asked: tuple[str, tuple[str, ...]] | None = None
    skipped: tuple[Skipped, ...] = ()

    def __init__(
        self,
        settings: Settings,
        *,
        encoder_loaded: Callable[[], None] | None = None,
        kept: object = None,
        stages: object = None,
        grammar_server: object = None,
    ) -> None:
        type(self).settings = settings
        self.encoder_loaded = encoder_loaded

    def __enter__(self) -> FakeEngine:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def audit(self, story: str, versions: Sequence[Version]) -> AuditResult:
        type(self).asked = (story, tuple(v.id for v in versions))
        if self.encoder_loaded:
            self.encoder_loaded()
        if any("internal" in v.text for v in versions):
            raise ZeroDivisionError("deep inside")
        names = {v.id.removesuffix(".txt"): v.id for v in versions}
        return replace(
            RESULT,
            story=story,
            versions=tuple(
                replace(v, version=replace(v.version, id=names.get(v.version.id, v.version.id)))
                for v in RESULT.versions
            ),
            findings=tuple(
                replace(f, version=names.get(f.version, f.version)) for f in RESULT.findings
            ),
            suspicions=tuple(
                replace(f, version=names.get(f.version, f.version)) for f in SUSPECTED.suspicions
            ),
            profile=self.settings.profile if self.settings else "editor",
            skipped=self.skipped,
        )

    def audit_many(
        self, batch: Sequence[tuple[str, Sequence[Version]]]
    ) -> list[AuditResult | Exception]:
        return [
            NotScored(story, "empty") if not versions[0].text else self.audit(story, versions)
            for story, versions in batch
        ]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeEngine]:
    class Fresh(FakeEngine):
        pass

    monkeypatch.setattr("audit.pipeline.Engine", Fresh)
    return Fresh


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the story in `veldin/`."""
    (tmp_path / "veldin").mkdir()
    for version in VERSIONS:
        (tmp_path / "veldin" / f"{version.id}.txt").write_text(version.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def as_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "audit.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


# --- index ---------------------------------------------------------------------------------


def test_index_links_the_stories_and_names_what_it_cannot_read(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["audit", "veldin", "--formats", "html,json", "--story", "one"])
    cli.run(["audit", "veldin", "--formats", "json", "--story", "two"])
    assert cli.run(["index"]) == cli.DONE
    page = (folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert 'href="./one/report.html"' in page
    assert 'href="./two/report.json"' in page
    (folder / "reports" / "two" / "report.json").write_text("{", encoding="utf-8")
    capsys.readouterr()
    assert cli.run(["index", "reports", "-o", "veldin/other.html"]) == cli.PARTIAL
    assert "not in the index: reports/two/report.json: not valid JSON" in capsys.readouterr().err
    page = (folder / "veldin" / "other.html").read_text(encoding="utf-8").split("<main>")[1]
    assert 'href="./../reports/one/report.html"' in page
    assert "two" not in page


def test_index_of_nothing_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["index", "veldin"]) == cli.USAGE
    assert "veldin: holds no report" in capsys.readouterr().err


# --- one story -----------------------------------------------------------------------------


def test_audit_prints_the_listing_and_writes_the_reports(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["audit", "veldin", "--formats", "json,csv,parquet"]) == cli.DONE
    out, err = capsys.readouterr()
    assert out.startswith("Story veldin\n\nrank  version")
    assert "1. critical name-garble, b-post.txt:3:16 [0.96]" in out
    assert "11 findings (2 critical, 3 major, 6 minor)" in out.splitlines()[-1]
    assert err == "mtaudit: wrote report.json, findings.csv, findings.parquet to reports/veldin\n"
    written = folder / "reports" / "veldin"
    assert {p.name for p in written.iterdir()} == {
        *("report.json", "findings.csv", "findings.parquet")
    }
    kept = loads((written / "report.json").read_text(encoding="utf-8"))
    assert len(kept.findings) == len(RESULT.findings)
    assert engine.asked == ("veldin", tuple(f"{v.id}.txt" for v in VERSIONS))


def test_what_fails_while_reports_are_made_ready_is_raised(
    engine: type[FakeEngine],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load() -> None:
        raise RuntimeError("no font was found")

    monkeypatch.setattr("audit.report.html.load", load)
    assert cli.run(["audit", "veldin", "--formats", "json"]) == cli.DONE
    assert cli.run(["audit", "veldin", "--formats", "json,html"]) == cli.INTERNAL
    assert "no font was found" in capsys.readouterr().err


def test_reports_go_where_they_are_wanted(engine: type[FakeEngine], folder: Path) -> None:
    files = [f"veldin/{v}.txt" for v in ("a-herald", "b-post")]
    status = cli.run(
        ["audit", *files, "-o", "deep/down", "--formats", "text,json", "--story", "x/y"]
    )
    assert status == cli.DONE
    assert (folder / "deep/down/report.json").is_file()
    assert engine.asked == ("x/y", ("a-herald.txt", "b-post.txt"))


@pytest.mark.parametrize(
    ("story", "name"),
    [("x/../../y", "x-..-..-y"), ("..", "story"), ("Überfall 3", "Überfall-3"), ("/etc", "etc")],
)
def test_default_folder_stays_under_reports(
    engine: type[FakeEngine], folder: Path, story: str, name: str
) -> None:
    assert cli.run(["audit", "veldin", "--formats", "json", "--story", story]) == cli.DONE
    assert (folder / "reports" / name / "report.json").is_file()


def test_unreadable_version_is_named_and_makes_the_audit_partial(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "veldin" / "e.txt").write_bytes(b"\xff\xfe\xfd odd")
    assert cli.run(["audit", "veldin", "--formats", "", "--fail-on", "minor"]) == cli.PARTIAL
    assert "skipped input: " in capsys.readouterr().out


# --- spot check ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fail_on", "file", "status"),
    [
        ("none", "b-post", cli.DONE),
        ("minor", "b-post", cli.FINDINGS),
        ("critical", "b-post", cli.FINDINGS),
        ("minor", "d-blog", cli.FINDINGS),
        ("major", "d-blog", cli.DONE),
        (None, "d-blog", cli.DONE),
        (None, "b-post", cli.FINDINGS),
        ("minor", "a-herald", cli.DONE),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_status_follows_severity_and_never_the_format(
    engine: type[FakeEngine], folder: Path, fail_on: str | None, file: str, status: int, form: str
) -> None:
    flags = ["--fail-on", fail_on] if fail_on else []
    assert cli.run(["check", f"veldin/{file}.txt", "--format", form, *flags]) == status


@pytest.mark.parametrize(
    ("profile", "fail_on", "file", "status"),
    [
        ("everything", "major", "b-post", cli.FINDINGS),
        ("everything", "minor", "d-blog", cli.FINDINGS),
        ("editor", "major", "d-blog", cli.DONE),
    ],
)
def test_status_sees_what_the_profile_shows(
    engine: type[FakeEngine], folder: Path, profile: str, fail_on: str, file: str, status: int
) -> None:
    command = ["check", f"veldin/{file}.txt", "--profile", profile, "--fail-on", fail_on]
    assert cli.run(command) == status


def test_suspicions_are_counted_and_listed_apart_where_the_profile_shows_them(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["check", "veldin/b-post.txt"])
    plain = capsys.readouterr().out
    assert "1 suspicion not shown (--profile everything)" in plain
    assert "farms" not in plain
    cli.run(["check", "veldin/b-post.txt", "--profile", "everything"])
    listed = capsys.readouterr().out
    assert "veldin/b-post.txt:5:44 wrong-term? “farms” → “households” [0.41]" in listed


def test_check_reports_on_its_text_alone_by_the_path_given(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = ["veldin/a-herald.txt", "veldin/c-wire.txt", "veldin/d-blog.txt"]
    cli.run(["check", "veldin/b-post.txt", "--versions", *others])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("veldin/b-post.txt:2:10 major number-mismatch: ")
    assert len([line for line in lines if line.startswith("veldin/b-post.txt:")]) == 8
    assert not any(line.startswith("veldin/d-blog") for line in lines)
    assert engine.asked is not None
    assert set(engine.asked[1]) == {f"{v.id}.txt" for v in VERSIONS}


def test_witness_of_the_same_file_name_is_another_version(
    engine: type[FakeEngine], folder: Path
) -> None:
    (folder / "b-post.txt").write_text(VERSIONS[0].text, encoding="utf-8")
    cli.run(["check", "veldin/b-post.txt", "--versions", "b-post.txt"])
    assert engine.asked == ("b-post.txt", ("b-post.txt", "b-post.txt (2)"))


def test_unreadable_witness_makes_the_check_partial(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["check", "veldin/b-post.txt", "--versions", "nowhere.txt"]) == cli.PARTIAL
    assert "skipped input: nowhere.txt: cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_output_file_holds_what_would_be_printed(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    cli.run(["check", "veldin/b-post.txt", "--format", form])
    printed = capsys.readouterr().out
    cli.run(["check", "veldin/b-post.txt", "--format", form, "-o", "out"])
    assert capsys.readouterr().out == ""
    assert (folder / "out").read_text(encoding="utf-8") == printed != ""


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("github", "file=veldin/b-post.txt,"),
        ("sarif", '"uri": "veldin/b-post.txt"'),
    ],
)
def test_other_tools_are_given_the_paths_that_they_can_open(
    engine: type[FakeEngine],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    form: str,
    said: str,
) -> None:
    cli.run(["check", "veldin/b-post.txt", "--format", form])
    out = capsys.readouterr().out
    assert said in out
    assert "file=b-post" not in out
    assert '"uri": "./b-post' not in out


def test_real_check_of_standard_input_prints_json_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "audit.cli", "check", "-", "--format", "json", "-vv"],
        input="The minister spoke on Monday. He said “nothing.\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"FORCE_COLOR": "1"},
    )
    assert done.returncode in (cli.DONE, cli.FINDINGS), done.stderr
    record = json.loads(done.stdout)
    assert record["story"] == "stdin"
    assert {"stage": "comparison"}.items() <= record["skipped"][0].items()
    assert "\x1b" not in done.stdout


# --- many stories ----------------------------------------------------------------------------


def bulk_file(folder: Path, *lines: Any) -> str:
    file = folder / "in.jsonl"
    file.write_text("".join(x if isinstance(x, str) else json.dumps(x) + "\n" for x in lines))
    return str(file)


STORY = {"id": "s", "versions": [{"id": "v", "text": "The minister spoke on Monday."}]}


def test_bulk_goes_on_after_a_bad_line_and_says_so(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = bulk_file(folder, STORY, "{half\n", STORY)
    assert cli.run(["bulk", source, "-o", "out.jsonl"]) == cli.PARTIAL
    records = [json.loads(x) for x in (folder / "out.jsonl").read_text().splitlines()]
    assert [r["story"] for r in records] == ["s", None, "s"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "in.jsonl:2: not valid JSON" in err
    assert "2 stories done, 1 failed" in err


def test_bulk_writes_to_standard_output_and_can_fail_on_findings(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = bulk_file(folder, STORY)
    assert cli.run(["bulk", source, "-q"]) == cli.DONE
    out, err = capsys.readouterr()
    assert json.loads(out)["schema"] == 1
    assert err == ""
    assert cli.run(["bulk", source, "-q", "--fail-on", "critical"]) == cli.FINDINGS


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere.txt"], "nowhere.txt: cannot be read: No such file or directory"),
        (["audit", "nowhere"], "nowhere"),
        (["bulk", "nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["check", "veldin/b-post.txt", "--only", "no-such"], "unknown rule no-such"),
        (["check", "veldin/b-post.txt", "--seed", "-1"], "command line: seed = -1"),
        (["check", "veldin/b-post.txt", "--seed", "x"], "--seed"),
        (["check", "veldin/b-post.txt", "--min-confidence", "2"], "min_confidence = 2.0"),
        (["check", "veldin/b-post.txt", "--config", "none.toml"], "none.toml: cannot be read"),
        (["check", "veldin/b-post.txt", "--fail-on", "all"], "--fail-on"),
        (["check", "veldin/b-post.txt", "-o", "no/where"], "no/where: cannot be written"),
        (["check", "http://127.0.0.1:9/x"], "private address"),
        (["check", "http://example.org/x", "--offline"], "offline"),
        (["check", "veldin/b-post.txt", "--versions", "veldin/b-post.txt"], "given twice"),
        (["audit", "veldin", "--formats", "doc"], "unknown format doc; known are html, pdf"),
        (["rules", "no-such"], "unknown rule no-such"),
        (["frobnicate"], "frobnicate"),
        (["check"], "Missing argument"),
        (["check", "x", "--frobnicate"], "--frobnicate"),
    ],
)
def test_error_is_one_line_that_names_what_is_wrong(
    engine: type[FakeEngine],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    assert cli.run(arguments) == cli.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mtaudit: error: ")
    assert err.count("\n") == 1
    assert message in err


def test_internal_error_has_its_own_status_and_no_traceback(
    engine: type[FakeEngine], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.txt").write_text("An internal matter of the ministry.")
    assert cli.run(["check", "x.txt"]) == cli.INTERNAL
    err = capsys.readouterr().err
    assert err == "mtaudit: error: internal: ZeroDivisionError: deep inside (-vv shows where)\n"
    assert cli.run(["check", "x.txt", "-vv"]) == cli.INTERNAL
    assert "Traceback" in capsys.readouterr().err


def test_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "audit.cli", "config", "show"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == cli.PIPE_CLOSED


# --- settings, rules, help -----------------------------------------------------------------------


def test_flags_reach_the_settings(engine: type[FakeEngine], folder: Path) -> None:
    flags = ["--seed", "7", "--threads", "1", "--offline", "--min-confidence", "0.5"]
    model = ["--causal-model", "m", "--profile", "errors"]
    cli.run(["check", "veldin/b-post.txt", *flags, *model])
    assert engine.settings == Settings(
        seed=7,
        threads=1,
        offline=True,
        min_confidence=0.5,
        causal_model="m",
        profile="errors",
    )


def test_config_show_is_toml_and_names_each_source(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mtaudit.toml").write_text('seed = 1\nresamples = 200\nnames = ["Ölçer \\"x\\""]\n')
    monkeypatch.setenv("MTAUDIT_RESAMPLES", "300")
    assert cli.run(["config", "show", "--offline"]) == cli.DONE
    shown = capsys.readouterr().out
    assert Settings(**tomllib.loads(shown)) == Settings(
        seed=1, resamples=300, names=('Ölçer "x"',), offline=True
    )
    assert f"seed = 1  # {folder / 'mtaudit.toml'}" in shown
    assert "resamples = 300  # MTAUDIT_RESAMPLES" in shown
    assert "offline = true  # command line" in shown
    assert "max_chars = 1000000  # default" in shown
    assert "# threads is unset" in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:geheim@db.example/m", "postgresql://me:***@db.example/m"),
        ("postgresql://me:ge@heim@db.example/m", "postgresql://me:***@db.example/m"),
        (
            "postgresql://db.example/m?password=geheim&a=b",
            "postgresql://db.example/m?password=***&a=b",
        ),
        ("postgresql://me@db.example/m", "postgresql://me@db.example/m"),
        ("sqlite:////srv/a:b@c.sqlite", "sqlite:////srv/a:b@c.sqlite"),
    ],
)
def test_config_show_keeps_the_password_of_the_store(
    folder: Path, capsys: pytest.CaptureFixture[str], url: str, shown: str
) -> None:
    (folder / "mtaudit.toml").write_text(f'store = "{url}"\n')
    assert cli.run(["config", "show"]) == cli.DONE
    assert f'store = "{shown}"  # ' in capsys.readouterr().out


def test_rules_lists_and_explains_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["rules"]) == cli.DONE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [d.INFO.id for d in DETECTORS]
    for detector in DETECTORS:
        assert cli.run(["rules", detector.INFO.id]) == cli.DONE
        shown = capsys.readouterr().out
        assert all(f"\n{heading}\n" in shown for heading in rules.HEADINGS)


def test_rule_pages_in_docs_are_up_to_date() -> None:
    """If this fails: mtaudit rules --write docs/rules"""
    kept = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "docs/rules").glob("*.md")}
    assert kept == rules.pages(DETECTORS)


def test_rules_write_renews_pages_and_removes_those_of_gone_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["rules", "--write", str(tmp_path)]) == cli.DONE
    assert {p.name for p in tmp_path.iterdir()} == set(rules.pages(DETECTORS))
    gone = tmp_path / "gone.md"
    gone.write_text((tmp_path / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    own = tmp_path / "notes.md"
    own.write_text("written by hand")
    capsys.readouterr()
    assert cli.run(["rules", "--write", str(tmp_path)]) == cli.DONE
    assert capsys.readouterr().out == f"{gone}\n"
    assert own.exists()


def test_models_list_says_what_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MTAUDIT_CACHE", str(tmp_path))
    assert cli.run(["models", "list"]) == cli.DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("missing  smollm2-135m-instruct: ")
    assert lines[0].endswith("Apache-2.0, default; not fetched")
    assert lines[2].startswith("missing  all-minilm-l6-v2: ")


def test_models_fetch_asks_for_terms_and_prints_the_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["models", "fetch", "gemma-3-270m"]) == cli.USAGE
    assert "fetch with --accept-terms" in capsys.readouterr().err
    asked: list[Any] = []

    def fetch(progress: object, name: str | None, *, accept_terms: bool) -> Path:
        asked.append((name, accept_terms))
        return Path("cache/m")

    monkeypatch.setattr("audit.models.fetch.fetch", fetch)
    assert cli.run(["models", "fetch", "m", "--accept-terms"]) == cli.DONE
    assert asked == [("m", True)]
    assert capsys.readouterr().out == "cache/m\n"
    assert cli.run(["models", "fetch"]) == cli.DONE
    assert asked[1:] == [("smollm2-135m-instruct", False), ("all-minilm-l6-v2", False)]


def test_version_and_help() -> None:
    assert as_process("--version").stdout.startswith("mtaudit 0.")
    assert as_process().returncode == cli.USAGE
    assert "--help" in as_process("--help").stdout


def test_manual_describes_every_command_and_option() -> None:
    manual = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    command = typer.main.get_command(cli.app)
    names: set[str] = set()
    for name, sub in command.commands.items():  # type: ignore[attr-defined]
        leaves = getattr(sub, "commands", None)
        names |= {f"mtaudit {name} {leaf}" for leaf in leaves} if leaves else {f"mtaudit {name}"}
        for leaf in (leaves or {"": sub}).values():
            names |= {o for p in leaf.params for o in p.opts if o.startswith("--")}
    assert {name for name in names if name not in manual} == set()
    assert {f for f in FORMATS if f"`{f}`" not in manual} == set()


def test_shared_options_are_those_of_the_settings() -> None:
    assert Common().flags().keys() <= Settings.model_fields.keys()


def _helps(command: Any) -> list[str]:
    """The help texts of a command, its options and the commands below it."""
    own = [getattr(command, "help", None), *(getattr(p, "help", None) for p in command.params)]
    below = [h for c in getattr(command, "commands", {}).values() for h in _helps(c)]
    return [h for h in own if h] + below


def test_help_texts_keep_their_brackets() -> None:
    from rich.markup import render

    helps = _helps(typer.main.get_command(cli.app))
    assert "The feeds that [[feeds]] of mtaudit.toml names." in {render(h).plain for h in helps}
    for text in helps:
        assert render(text).plain.count("[") == text.count("["), text
