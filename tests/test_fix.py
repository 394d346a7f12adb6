"""Fixes, patches and watching: what `check` does to files and when."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story import RESULT

from audit.cli import main as cli
from audit.model import Finding, Measure
from audit.report import rdjsonl
from audit.report.patch import applied, sure, unified

GOLDEN = Path(__file__).parent / "golden"
OFF = ("--causal-model", "none", "--no-grammar")
TEXT = (
    "🌊 The president spoke to the the crowd on Monday.\r\nShe was was glad 🌊 of the the rain.\r\n"
)
FIXED = TEXT.replace("the the", "the").replace("was was", "was")

texts = st.text(st.sampled_from("ab \n\r🌊é\u2028\x0b"), max_size=60)


@st.composite
def suggestions(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    """A text and findings at places of it, which may overlap."""
    text = draw(texts)
    found = []
    for _ in range(draw(st.integers(0, 6))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        found.append(
            replace(
                RESULT.findings[0],
                start=start,
                end=end,
                quote=text[start:end],
                category="typo",
                suggestion=draw(st.none() | texts),
                confidence=draw(st.sampled_from([0.5, 0.9, 0.95])),
                measures=(Measure("rule", 1.0, 1.0),),
            )
        )
    return text, found


@settings(deadline=None)
@given(suggestions())
def test_suggestions_stand_at_their_offsets_and_do_not_overlap(
    case: tuple[str, list[Finding]],
) -> None:
    text, found = case
    fit = sure(found)
    assert all(f.confidence >= 0.9 and f.suggestion not in (None, f.quote) for f in fit)
    assert all(a.end <= b.start for a, b in pairwise(fit))
    after, shift = applied(text, fit), 0
    for f in fit:
        suggestion = f.suggestion or ""
        at = f.start + shift
        assert after[at : at + len(suggestion)] == suggestion
        shift += len(suggestion) - (f.end - f.start)
    assert len(after) == len(text) + shift


@settings(deadline=None, max_examples=25)
@given(suggestions())
def test_git_applies_the_patch(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[str, list[Finding]]
) -> None:
    text, found = case
    after = applied(text, sure(found))
    if not text or not after or text == after:
        return
    folder = tmp_path_factory.mktemp("patch")
    (folder / "a.txt").write_bytes(text.encode())
    subprocess.run(
        ["git", "apply", "--unsafe-paths", "--whitespace=nowarn", "-"],
        cwd=folder,
        input=unified(text, after, "a.txt").encode(),
        check=True,
        env=os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)},
        timeout=60,
    )
    assert (folder / "a.txt").read_bytes() == after.encode()


def test_what_a_model_or_a_contradiction_suggests_is_not_sure() -> None:
    finding = replace(
        RESULT.findings[0],
        category="typo",
        suggestion="x",
        confidence=0.95,
        measures=(Measure("rule", 1.0, 1.0),),
    )
    assert sure([finding]) == (finding,)
    for change in (
        {"confidence": 0.89},
        {"suggestion": None},
        {"category": "number-mismatch"},
        {"measures": (Measure("doubt", 0.9, 0.5),)},
        {"measures": (Measure("confidence of the edit", 0.9, 0.5),)},
    ):
        assert sure([replace(finding, **change)]) == ()  # type: ignore[arg-type]


def test_fix_prints_and_write_mends_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    draft = tmp_path / "draft.txt"
    draft.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    draft.chmod(0o640)
    assert cli.run(["check", "draft.txt", *OFF, "--fix"]) == 0
    patch = capfdbinary.readouterr().out.decode()
    assert patch == unified(TEXT, FIXED, "draft.txt")
    assert draft.read_bytes() == b"\xef\xbb\xbf" + TEXT.encode()

    fix = ["check", "draft.txt", *OFF, "--fix", "--write", "--fail-on", "minor"]
    assert cli.run(fix) == 0
    assert draft.read_bytes() == b"\xef\xbb\xbf" + FIXED.encode()
    assert draft.stat().st_mode & 0o777 == 0o640
    assert capfdbinary.readouterr().out.decode() == patch
    assert cli.run(fix) == 0
    assert capfdbinary.readouterr().out == b""
    assert [p.name for p in tmp_path.iterdir()] == ["draft.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-", "--fix", "--write"], "-: --fix mends plain text files"),
        (["page.md", "--fix", "--write"], "page.md: --fix mends plain text files"),
        (["page.md", "--write"], "--write goes with --fix"),
        (["page.md", "--fix", "--format", "json"], "--fix prints a patch"),
        (["-", "--watch"], "- is no file that can change"),
    ],
)
def test_what_cannot_be_mended_or_watched_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.md").write_text(
        "# Harvest\n\nThe mayor of the town bought *the the* bread.\n"
    )
    assert cli.run(["check", *arguments, *OFF]) == 2
    assert said in capsys.readouterr().err


def test_watch_checks_again_and_ends_cleanly(tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_bytes(TEXT.encode())
    watcher = subprocess.Popen(
        [
            *(sys.executable, "-m", "audit.cli", "check", str(draft)),
            *(*OFF, "--watch", "--format", "jsonl"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # what a shell starts in the background ignores SIGINT, and so would this
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert watcher.stdout is not None
        assert len([watcher.stdout.readline() for _ in range(3)]) == 3
        draft.write_bytes(b"The mayor of the town was was glad.\n")
        assert json.loads(watcher.stdout.readline())["quote"] == "was was"
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(timeout=60) == 130
        assert watcher.stderr is not None
        assert b"Traceback" not in watcher.stderr.read()
    finally:
        watcher.kill()
        watcher.communicate(timeout=60)


def test_rdjsonl_as_it_is_kept() -> None:
    assert rdjsonl.render(RESULT) == (GOLDEN / "report.rdjsonl").read_text(encoding="utf-8")


def test_columns_of_rdjsonl_count_bytes() -> None:
    finding = next(f for f in RESULT.findings if f.version == "d-blog")
    text = RESULT.version("d-blog").version.text
    (line,) = rdjsonl.render(replace(RESULT, findings=(finding,))).splitlines()
    start = json.loads(line)["location"]["range"]["start"]
    row = text.split("\n")[start["line"] - 1].encode()
    assert row[start["column"] - 1 :].startswith(finding.quote.encode())
