"""`mtaudit report`: stories rendered again from a real store, and lists of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import NewUrl
from sqlalchemy import update
from store_work import NIGHT, result
from story import RESULT

from audit.cli import main as cli
from audit.errors import ConfigurationError
from audit.nightly.clock import moment_of
from audit.report.formats import FORMATS
from audit.report.json import loads
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.runs import Runs
from audit.store.schema import audits
from audit.store.stories import Stories, StoryEvent

NEXT = NIGHT + timedelta(days=1)
CLEAN = replace(result("s2", 0), versions=RESULT.versions[:1])


@pytest.fixture
def url(new_url: NewUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store of two nights: s1 was audited in both, s2 and s3 in the second; s4 became s1, s5
    waits. The working folder has nothing else."""
    monkeypatch.chdir(tmp_path)
    url = new_url()
    with Store.open(url) as store:
        for at in (NIGHT, NEXT):
            run = Runs(store).begin(at)
            for story in ("s1", "s3", "s4", "s5"):
                Stories(store).put(story, [f"of {story}"], at)
            Audits(store).put(result("s1", 3 if at == NIGHT else 11), str(at), at)
            if at == NEXT:
                Audits(store).put(CLEAN, "d", at)
                Audits(store).put(result("s3", 2), "d", at)
                Stories(store).record([StoryEvent(at, "merged", "s4", "s1")])
            Runs(store).end(run, at + timedelta(hours=1), "done", {})
    return url


def report(url: str, *arguments: str) -> int:
    return cli.run(["report", "--store", url, *arguments])


def damage(url: str, story: str) -> None:
    with Store.open(url) as store, store.unit() as connection:
        connection.execute(update(audits).where(audits.c.story == story).values(result=b"no"))


def test_a_story_is_rendered_as_its_last_audit_found_it(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(url, "s1") == cli.DONE
    out, err = capsys.readouterr()
    assert out.startswith("Story s1\n")
    assert f"{len(RESULT.findings)} findings" in out
    assert err == "mtaudit: wrote report.html, report.json to reports/s1\n"
    assert loads(Path("reports/s1/report.json").read_text()) == replace(RESULT, story="s1")
    assert sorted(p.name for p in Path("reports/s1").iterdir()) == ["report.html", "report.json"]


def test_every_form_of_audit_is_written(url: str, tmp_path: Path) -> None:
    chosen = ("--formats", ",".join(FORMATS), "--paper", "letter", "-o", "again", "-q")
    assert report(url, "s3", *chosen) == cli.DONE
    assert {p.name for p in (tmp_path / "again/s3").iterdir()} == {f.file for f in FORMATS.values()}


def test_a_story_that_was_merged_is_the_one_that_it_became(url: str) -> None:
    assert report(url, "s4", "--formats", "json") == cli.DONE
    assert loads(Path("reports/s1/report.json").read_text()).story == "s1"


def test_stories_since_a_moment_are_rendered(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(url, "--since", NEXT.isoformat(), "--formats", "md") == cli.DONE
    assert sorted(p.name for p in Path("reports").iterdir()) == ["s1", "s2", "s3"]
    out, err = capsys.readouterr()
    assert out.startswith("since 2026-11-26 02:00 UTC: 3 stories audited\n")
    assert err.count("wrote report.md") == 3
    assert report(url, "--since", "2030-01-01") == cli.DONE
    assert capsys.readouterr().out == "since 2030-01-01 00:00 UTC: 0 stories audited\n"


def test_without_a_story_the_last_run_is_listed(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(url) == cli.DONE
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "run of 2026-11-26 02:00 UTC, done: 3 stories audited"
    worst = RESULT.worst[0]
    lowest = RESULT.ranked[-1]
    assert lines[1].startswith(f"{lowest.score.value:5.1f}  s1  ")
    assert f"[4 versions, {len(RESULT.findings)} findings]" in lines[1]
    assert lines[2].startswith(f"       {worst.severity} {worst.category}, {worst.version}: “")
    assert "  s2  " in lines[-1]
    assert "[1 version, 0 findings]" in lines[-1]
    assert err == ""
    assert not Path("reports").exists()


def test_the_list_as_json(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(url, "--format", "json") == cli.DONE
    listed = json.loads(capsys.readouterr().out)
    assert listed["since"] == NEXT.isoformat()
    first, *_, last = listed["stories"]
    assert (first["story"], last["story"]) == ("s1", "s2")
    assert first["worst"]["quote"] == RESULT.worst[0].quote
    assert first["score"]["version"] == RESULT.ranked[-1].version.id
    assert last["worst"] is None
    assert report(url, "s1", "--format", "json", "--formats", "") == cli.DONE
    assert json.loads(capsys.readouterr().out) == first


def test_the_store_of_the_settings_file_is_read(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "other.toml"
    settings.write_text(f'store = "{url}"\n')
    assert cli.run(["report", "--config", str(settings)]) == cli.DONE
    assert "3 stories audited" in capsys.readouterr().out


def test_a_result_that_is_damaged_costs_that_story_alone(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(url, "s2")
    assert report(url, "--since", NEXT.isoformat(), "--formats", "json") == cli.PARTIAL
    assert sorted(p.name for p in Path("reports").iterdir()) == ["s1", "s3"]
    assert "story s2: what is stored of it is damaged" in capsys.readouterr().err
    assert report(url, "s2") == cli.USAGE


def test_the_morning_is_written_again_with_the_reports_of_its_stories(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(url, "--morning") == cli.DONE
    out, err = capsys.readouterr()
    assert out.startswith("Night of 26 November 2026, 02:00 UTC to 03:00 UTC")
    assert err.endswith("mtaudit: wrote reports/index.html\n")
    page = Path("reports/index.html").read_text(encoding="utf-8")
    assert 'href="./s3/report.html"' in page
    assert {p.parent.name for p in Path("reports").glob("*/report.html")} == {"s1", "s2", "s3"}
    assert report(url, "--morning", "--formats", "", "-o", "page", "-q") == cli.DONE
    assert [p.name for p in Path("page").iterdir()] == ["index.html"]
    assert "/report.html" not in Path("page/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere"], "story nowhere: is not there; `mtaudit report` lists stories"),
        (["s5"], "story s5: was not audited yet"),
        (["s1", "--since", "7d"], "give one of STORY, --since and --morning"),
        (["--morning", "--since", "7d"], "give one of STORY, --since and --morning"),
        (["--morning", "--format", "json"], "its digest is text"),
        (["--since", "tomorrow"], "--since: tomorrow is no moment"),
        (["--formats", "pdf"], "say of which stories"),
        (["s1", "--formats", "docx"], "unknown format docx"),
    ],
)
def test_what_cannot_be_done_is_said(
    url: str, capsys: pytest.CaptureFixture[str], arguments: Sequence[str], why: str
) -> None:
    assert report(url, *arguments) == cli.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err
    assert err.count("\n") == 1
    assert not Path("reports").exists()


def test_a_store_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert report(f"sqlite:///{tmp_path}/gone/store.sqlite", "s1") == cli.USAGE
    assert "gone/store.sqlite: is not there" in capsys.readouterr().err
    assert not (tmp_path / "gone").exists()
    assert cli.run(["report"]) == cli.USAGE
    assert "no store is set" in capsys.readouterr().err


def test_a_store_without_a_run_says_so(new_url: NewUrl, capsys: pytest.CaptureFixture[str]) -> None:
    url = new_url()
    Store.open(url).close()
    assert report(url) == cli.USAGE
    assert "holds no run yet" in capsys.readouterr().err


def test_moments() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert moment_of("7d", now) == now - timedelta(days=7)
    assert moment_of(" 24H ", now) == now - timedelta(hours=24)
    assert moment_of("90m", now) == now - timedelta(minutes=90)
    assert moment_of("2026-11-24", now) == datetime(2026, 11, 24, tzinfo=UTC)
    assert moment_of("2026-11-24T02:00+02:00", now) == datetime(2026, 11, 24, tzinfo=UTC)
    for bad in ("", "7", "d", "-7d", "7w", "2026-13-01", "9" * 30 + "d"):
        with pytest.raises(ConfigurationError, match="--since"):
            moment_of(bad, now)
