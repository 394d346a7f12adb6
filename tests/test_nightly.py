"""Nights without anyone watching: nothing lost, nothing twice, nothing silent."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import NewUrl
from night_work import LIMITS, night_of
from small_web import RSS, QuickClock, Reply, Site, SmallWeb, page, rss
from sqlalchemy import insert, select
from store_work import rows
from test_report_html import Tags

from audit.cli import main as cli
from audit.config import Settings
from audit.errors import ConfigurationError, LockHeld
from audit.feeds.settings import FeedSettings
from audit.feeds.state import FeedReport
from audit.nightly.clock import seconds_of
from audit.nightly.lock import held
from audit.nightly.log import open_log
from audit.nightly.run import Night, run_night
from audit.nightly.summary import Summary
from audit.report.json import loads
from audit.store.articles import Articles
from audit.store.audits import Audits, StoredFinding
from audit.store.database import Store
from audit.store.feed_reports import FeedReports
from audit.store.runs import Runs
from audit.store.schema import kept
from audit.store.stories import Stories
from audit.store.verdicts import Verdicts
from audit.store.waiting import Waiting

TESTS = Path(__file__).resolve().parent
SEEDS = TESTS.parent / "seeds"
NIGHT = datetime(2026, 11, 2, 3, tzinfo=UTC)
HARBOUR = (
    "The harbour of Veldin was opened again on Monday after three weeks of work on its northern "
    "pier, the port authority said.",
    "Twelve ships entered before noon. The first of them carried grain for the mills of the upper "
    "town, where bread had become scarce since the middle of last month.",
    "The mayor thanked the crews and promised that the southern pier would be mended next spring.",
)
BAD = {
    "broken": (Reply(b"<<<<>>>> & news", type=RSS), "malformed"),
    "failing": (Reply(status=500), "failed"),
    "busy": (Reply(status=429, headers={"retry-after": "99999"}), "failed"),
    "slow": (Reply(manner="slow"), "failed"),
    "endless": (Reply(manner="endless"), "failed"),
    "bomb": (Reply(manner="bomb"), "failed"),
    "metadata": (Reply(status=302, headers={"location": "http://169.254.169.254/"}), "failed"),
    "loopback": (Reply(status=302, headers={"location": "http://127.0.0.1:9/"}), "failed"),
    "gone": (Reply(status=410), "failed"),
    "utf-16": (rss([]).encode("utf-16-le"), "malformed"),
}


def seed(number: int) -> list[str]:
    """The lines of a seed article."""
    (file,) = SEEDS.glob(f"{number:03}_*.txt")
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def put_article(site: Site, lines: list[str], path: str = "/a") -> None:
    site.put(path, page(lines[0], lines[1:]))
    site.put("/feed", rss([(site.url(path), lines[0])]), RSS)


def feed(site: Site, **more: Any) -> FeedSettings:
    return FeedSettings(url=site.url(), outlet=site.name, allow_private=True, **more)


def quiet() -> io.StringIO:
    return io.StringIO()


@dataclass
class Nights:
    """Three nights that have passed: what each said, and what they left."""

    web: SmallWeb
    store: Store
    folder: Path
    summaries: list[Summary]
    lines: list[dict[str, Any]]
    mornings: list[str]

    def reports(self, night: int) -> dict[str, FeedReport]:
        """How each feed did, by the name of its site."""
        return {r.outlet: r for r in FeedReports(self.store).of(self.summaries[night].run)}

    @property
    def kazakhstan(self) -> str:
        """The story of the seeds."""
        (found,) = [s.id for s in Stories(self.store).since() if len(s.versions) > 1]
        return found

    def found(self, *states: Any) -> list[StoredFinding]:
        return Audits(self.store).findings(states=states)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Five outlets with the seeds, two with other news, and ten that misbehave."""
    tmp = tmp_path_factory.mktemp("nights")
    url = f"sqlite:///{tmp}/store.sqlite"
    clock = QuickClock(NIGHT)
    log = quiet()
    with SmallWeb() as web:
        for n in range(5):
            put_article(web.site(f"seed{n}"), seed(n))
        put_article(web.site("harbour"), ["Port opens", *HARBOUR])
        wall = ["Port", *["Accept cookies so that our partners can track your choices."] * 9]
        put_article(web.site("wall"), wall)
        moved = web.site("moved")
        moved.put("/feed", Reply(status=301, headers={"location": "/new"}))
        moved.put("/new", rss([]), RSS)
        for name, (reply, _) in BAD.items():
            web.site(name).put("/feed", reply, RSS)
        feeds = [feed(site, silent_after=3) for site in web.sites.values()]
        settings = Settings(causal_model="none", grammar=False, store=url)
        limits = replace(LIMITS, seconds=10)  # for what is slow
        night = Night(settings, feeds, tmp / "reports", ["html", "json"], limits=limits)
        summaries, mornings = [], []
        for changed in (nothing, mended, removed):
            changed(web)
            summaries.append(run_night(night, open_log(log, 0), clock=clock))
            mornings.append((night.folder / "index.html").read_text(encoding="utf-8"))
            clock.next_night()
        with Store.open(url) as store:
            lines = [json.loads(line) for line in log.getvalue().splitlines()]
            yield Nights(web, store, tmp / "reports", summaries, lines, mornings)


def nothing(web: SmallWeb) -> None:
    pass


def mended(web: SmallWeb) -> None:
    """An outlet mends a name and doubles a word."""
    text = "\n".join(seed(2)).replace("Tokaj administration", "Tokayev administration")
    put_article(
        web.site("seed2"), text.replace("did not take part", "did not take take").split("\n")
    )


def removed(web: SmallWeb) -> None:
    web.site("harbour").remove("/a")


def test_the_seeds_are_one_story_of_five_versions_with_its_report(nights: Nights) -> None:
    story = Stories(nights.store).get(nights.kazakhstan)
    assert story is not None
    articles = Articles(nights.store).get(story.versions)
    assert {a.outlet for a in articles} == {f"seed{n}" for n in range(5)}
    folder = nights.folder / story.id
    result = loads((folder / "report.json").read_text(), "report")
    assert len(result.versions) == 5
    assert (folder / "report.html").stat().st_size > 0
    assert nights.summaries[0].stories == {"new": 2}
    assert nights.summaries[0].audited == 2


def test_what_the_user_named_is_found(nights: Nights) -> None:
    quotes = [f.finding.quote for f in nights.found("new", "persisting", "mended")]
    assert any("Tokaj" in q for q in quotes)
    assert any("Brinken" in q for q in quotes)
    assert any("former state. Soviet" in q for q in quotes)


def test_a_changed_page_has_new_and_mended_faults_and_the_rest_persists(nights: Nights) -> None:
    second = nights.summaries[1].run
    assert nights.summaries[1].audited == 1
    assert nights.summaries[1].stories == {}
    changed = [f for f in nights.found("mended") if f.since == second]
    assert any("Tokaj" in f.finding.quote for f in changed)
    new = [f for f in nights.found("new") if f.since == second]
    assert any("take take" in f.finding.quote for f in new)
    persisting = {f.finding.quote for f in nights.found("persisting")}
    assert any("Brinken" in q for q in persisting)
    text = (nights.folder / nights.kazakhstan / "report.json").read_text()
    assert "Tokayev administration" in text


def test_a_night_without_changes_audits_nothing(nights: Nights) -> None:
    third = nights.summaries[2]
    assert (third.new, third.changed, third.audited, third.left) == (0, 0, 0, 0)


def test_each_morning_says_what_the_night_brought(nights: Nights) -> None:
    first, second, third = (" ".join(Tags(page).text.split()) for page in nights.mornings)
    assert "The first night: 7 new articles, 2 stories audited" in first
    assert "Articles not scored 1 1: " in first
    assert f'href="./{nights.kazakhstan}/report.html"' in nights.mornings[0]
    mended, _, new = second.partition("Faults mended")[2].partition("New faults")
    assert "Tokaj" in mended
    assert "seed2" in mended
    assert "the article was changed" in mended
    assert "take take" in new.partition("Articles changed")[0]
    assert "Articles changed (1)" in second
    assert "Nothing new came in, and no story was audited." in third
    assert "The worst stories of the last 7 days" in third
    for said, silent in ((first, 0), (second, 0), (third, 1)):
        for name, (_, status) in BAD.items():
            assert f"{name} {status}" in said
        assert said.count("moved silent") == silent


def test_every_misbehaving_feed_is_reported_with_its_reason(nights: Nights) -> None:
    for night in range(2):
        reports = nights.reports(night)
        assert {name: reports[name].status for name in BAD} == {
            name: status for name, (_, status) in BAD.items()
        }
        assert all(reports[name].reasons for name in BAD)
        assert not nights.summaries[night].is_whole
    assert [nights.reports(n)["moved"].status for n in range(3)] == [
        "unchanged",
        "unchanged",
        "silent",
    ]
    assert "moved for good" in nights.reports(0)["moved"].reasons[0]


def test_nothing_is_fetched_twice_without_need(nights: Nights) -> None:
    sites = nights.web.sites
    for n in (0, 1, 3, 4):
        assert sites[f"seed{n}"].asked("/a") == [200, 304, 304]
    assert sites["seed2"].asked("/a") == [200, 200, 304]
    assert sites["harbour"].asked("/a") == [200, 304, 410]
    assert sites["busy"].asked("/feed") == [429, 429, 429]


def test_what_is_not_scored_says_why_and_is_in_no_story(nights: Nights) -> None:
    (wall,) = [a for a in Articles(nights.store).seen() if a.outlet == "wall"]
    assert wall.unscored
    assert Stories(nights.store).story_of(wall.id) is None
    assert nights.summaries[0].unscored == 1


def test_the_log_is_lines_of_json_with_one_summary_a_night(nights: Nights) -> None:
    for line in nights.lines:
        assert {"time", "level", "stage", "status"} <= line.keys()
    fetched = [x for x in nights.lines if x["stage"] == "fetch"]
    assert all({"run", "feed", "url", "ms"} <= x.keys() for x in fetched)
    ends = [x for x in nights.lines if x["stage"] == "run" and x["status"] != "begun"]
    assert [x["status"] for x in ends] == ["partial"] * 3
    run = Runs(nights.store).last()
    assert run is not None and run.summary is not None
    assert run.summary["feeds"] == nights.summaries[2].feeds


def small_web_of_stories(web: SmallWeb) -> list[FeedSettings]:
    """Two outlets with one event, one with another, and one that fails."""
    for n in (0, 1):
        put_article(web.site(f"seed{n}"), seed(n))
    put_article(web.site("harbour"), ["Port opens", *HARBOUR])
    web.site("failing").put("/feed", rss([web.site("failing").url("/a")]), RSS)
    web.site("failing").put("/a", Reply(status=500))
    web.site("empty").put("/feed", rss([]), RSS)
    return [feed(site, pause=0) for site in web.sites.values()]


def state(url: str) -> dict[str, Any]:
    """All rows but what tells how long a run took."""
    found: dict[str, Any] = rows(url)
    found["runs"] = [r[:1] + r[2:] for r in found["runs"]]
    found["feed_reports"] = [
        (*r[:-1], json.loads(r[-1]) | {"ms": 0}) for r in found["feed_reports"]
    ]
    return found


def with_vectors(url: str, vectors: list[dict[str, Any]]) -> str:
    """A new store in which the vectors of sentences are kept already."""
    with Store.open(url) as store, store.unit() as connection:
        connection.execute(insert(kept), vectors)
    return url


STEPS = (400, 260)
"""About as many statements and commits have the first and the second night; any may be the last."""


@pytest.mark.parametrize("rounds", [int(os.environ.get("MTAUDIT_KILL_ROUNDS", "1"))])
def test_a_run_that_is_killed_and_started_again_ends_in_the_same_rows(
    new_url: NewUrl, tmp_path: Path, rounds: int
) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "night_work"],
        env=os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    with SmallWeb() as web:
        feeds = [f.model_dump() for f in small_web_of_stories(web)]
        killed = 0

        def plan(url: str, night: int, folder: Path) -> dict[str, Any]:
            now = (NIGHT + timedelta(days=night)).isoformat()
            return {"store": url, "feeds": feeds, "folder": str(folder), "now": now}

        def undisturbed(url: str, night: int, folder: Path) -> None:
            at = QuickClock(NIGHT + timedelta(days=night))
            run_night(night_of(plan(url, night, folder)), open_log(quiet(), 0), clock=at)

        def change(night: int) -> None:
            lines = seed(1) if not night else [s.replace("Brinken", "Blinken") for s in seed(1)]
            put_article(web.site("seed1"), lines)

        once = new_url()
        expected = []
        for night in range(2):
            change(night)
            undisturbed(once, night, tmp_path / "once")
            expected.append(state(once))
        with Store.open(once) as store, store.reading() as connection:
            vectors = [dict(r) for r in connection.execute(select(kept)).mappings()]
        for night in range(2):
            for table in ("kept",):
                expected[night][table] = expected[1][table]
        for number in range(rounds):
            url = with_vectors(new_url(), vectors)
            folder = tmp_path / f"killed{number}"
            for night in range(2):
                change(night)
                own = {"seed": 100 * number + night, "kills": 4, "longest": STEPS[night]}
                print(json.dumps(plan(url, night, folder) | own), file=worker.stdin, flush=True)
                ends = json.loads(worker.stdout.readline())
                assert ends[-1] == 0
                killed += sum(e < 0 for e in ends)
                assert state(url) == expected[night]
            for file in (tmp_path / "once").glob("*/report.json"):
                again = folder / file.parent.name / file.name
                assert again.read_bytes() == file.read_bytes()
    worker.stdin.close()
    assert worker.wait(60) == 0
    assert killed >= 2 * rounds
    print(f"{killed} times killed in {rounds} rounds of two nights")


def test_a_second_run_at_the_same_time_ends_at_once_with_75(
    new_url: NewUrl, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_url()
    config = tmp_path / "mtaudit.toml"
    config.write_text(
        f'store = "{url}"\n[[feeds]]\nurl = "http://127.0.0.1:9/feed"\noutlet = "nobody"\n'
    )
    with held(url):
        assert cli.run(["feeds", "run", "--config", str(config)]) == 75
        assert "another run works on it" in capsys.readouterr().err
        with pytest.raises(LockHeld), held(url):
            pass
    with held(url):
        pass


def test_the_command_says_what_a_night_did(tmp_path: Path) -> None:
    with SmallWeb() as web:
        heard = web.site("watchman")
        heard.put("/ping/start", "OK")
        heard.put("/ping", "OK")
        web.site("empty").put("/feed", rss([]), RSS)
        web.site("failing").put("/feed", Reply(status=404))
        config = tmp_path / "mtaudit.toml"
        tables = "".join(
            f'[[feeds]]\nurl = "{web.site(n).url()}"\noutlet = "{n}"\nallow_private = true\n'
            for n in ("empty", "failing")
        )
        ping = web.site("watchman").url("/ping")
        config.write_text(
            f'store = "sqlite:///{tmp_path}/s.sqlite"\nheartbeat = "{ping}"\n{tables}'
        )
        done = subprocess.run(
            [sys.executable, "-m", "audit.cli", "feeds", "run", "--config", str(config)],
            env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 3, done.stderr
        assert "feeds: 1 failed, 1 unchanged" in done.stdout
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        assert [x["status"] for x in lines if x["stage"] == "run"] == ["begun", "partial"]
        assert [p for p, _ in heard.hits] == ["/ping/start", "/ping"]


def test_a_night_that_fails_tells_the_watchman(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").write_text("This is a letter, and a long one. " * 100)
    with SmallWeb() as web:
        ping = web.site("watchman").url("/ping?rid=1")
        settings = Settings(store=f"sqlite:///{tmp_path}/s.sqlite", heartbeat=ping)
        log = quiet()
        with pytest.raises(Exception, match="no SQLite database"):
            run_night(Night(settings, [], tmp_path, []), open_log(log, 0))
        assert [p for p, _ in web.site("watchman").hits] == [
            "/ping/start?rid=1",
            "/ping/fail?rid=1",
        ]
        assert "no SQLite database" in log.getvalue()


def test_what_time_was_too_short_for_comes_first_the_next_night(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    clock = QuickClock(NIGHT)
    with SmallWeb() as web:
        small_web_of_stories(web)
        feeds = [feed(web.site(n), pause=0) for n in ("harbour",)]
        settings = Settings(causal_model="none", grammar=False, store=url)
        night = Night(settings, feeds, tmp_path / "reports", ["json"], 99.0, LIMITS)

        def slowly(what: str, *_: int) -> None:
            if what == "articles":
                clock.sleep(99)

        short = run_night(night, open_log(quiet(), 0), clock=clock, progress=slowly)
        assert (short.audited, short.left) == (0, 1)
        assert "1 left for the next run" in short.text()
        clock.next_night()
        put_article(web.site("harbour"), ["Crews thanked", *seed(3)[1:9]], "/b")
        with Store.open(url) as store:
            (first, since) = Waiting(store).all()[0]
        whole = run_night(
            replace(night, seconds=None), log := open_log(out := quiet(), 0), clock=clock
        )
        assert log is not None
        assert whole.left == 0
        audited = [
            x["story"]
            for x in map(json.loads, out.getvalue().splitlines())
            if x["stage"] == "audit"
        ]
        assert audited[0] == first
        assert since == short.run


def test_feeds_get_half_of_the_time_and_the_longest_unread_come_first(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    clock = QuickClock(NIGHT)
    with SmallWeb() as web:
        for name in ("first", "second"):
            web.site(name).put("/feed", rss([]), RSS)
            web.site(name).put("/robots.txt", "User-agent: *\nCrawl-delay: 60")
        settings = Settings(causal_model="none", grammar=False, store=url)
        feeds = [feed(site) for site in web.sites.values()]
        one_host = replace(LIMITS, hosts=1)
        night = Night(settings, feeds, tmp_path / "reports", [], 60.0, one_host)
        web.site("first").put("/feed", rss([web.site("first").url("/a")]), RSS)
        short = run_night(night, open_log(quiet(), 0), clock=clock)
        assert sum(clock.waited) <= 30
        assert (short.feeds, short.feeds_left) == ({"unchanged": 1}, 1)
        clock.next_night()
        web.site("second").hits.clear()
        web.site("first").hits.clear()
        out = quiet()
        run_night(night, open_log(out, 0), clock=clock)
        lines = map(json.loads, out.getvalue().splitlines())
        read = [x["outlet"] for x in lines if x["stage"] == "feed"]
        assert read == ["second"]


def test_a_dismissal_takes_a_finding_off_the_next_morning_and_a_withdrawal_puts_it_back(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    clock = QuickClock(NIGHT)
    lines = [*HARBOUR[:2], HARBOUR[2].replace("thanked the", "thanked the the")]
    with SmallWeb() as web:
        put_article(web.site("harbour"), ["Port opens", *lines])
        put_article(web.site("seed"), seed(2))
        settings = Settings(causal_model="none", grammar=False, store=url)
        feeds = [feed(site) for site in web.sites.values()]
        night = Night(settings, feeds, tmp_path / "reports", ["json"], limits=LIMITS)

        def run() -> tuple[Summary, str]:
            summary = run_night(night, open_log(quiet(), 0), clock=clock)
            clock.next_night()
            return summary, (night.folder / "index.html").read_text(encoding="utf-8")

        summary, morning = run()
        assert summary.audited == 2
        assert "the the" in morning

        with Store.open(url) as store:
            (found,) = [
                f for f in Audits(store).findings() if f.finding.category == "duplicated-word"
            ]
            result = Audits(store).last(found.story)
            assert result is not None
            verdicts = Verdicts(store)
            at = clock.now() - timedelta(hours=1)
            verdicts.dismiss(result, found.finding, who="Ada", at=at, why="a title")
        summary, morning = run()
        assert summary.audited == 1
        assert "the the" not in morning
        report = json.loads((night.folder / found.story / "report.json").read_text())
        assert [s["why"] for s in report["suppressed"]] == ["a title"]
        assert run()[0].audited == 0

        with Store.open(url) as store:
            assert Verdicts(store).withdraw(result, found.finding, who="Ada")
        summary, morning = run()
        assert summary.audited == 1
        assert "the the" in morning

        with Store.open(url) as store:  # what changes nothing costs nothing
            Verdicts(store).accept(result, found.finding, who="Ada", at=at)
        assert run()[0].audited == 0


def test_a_story_that_breaks_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit.pipeline import Engine

    whole = Engine.audit

    def breaks(self: Engine, story: str, versions: Any) -> Any:
        if len(versions) == 1:
            raise ZeroDivisionError("a fault of the program")
        return whole(self, story, versions)

    monkeypatch.setattr(Engine, "audit", breaks)
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with SmallWeb() as web:
        feeds = [f for f in small_web_of_stories(web) if f.outlet != "failing"]
        settings = Settings(causal_model="none", grammar=False, store=url)
        log = quiet()
        summary = run_night(
            Night(settings, feeds, tmp_path / "reports", ["json"], limits=LIMITS),
            open_log(log, 0),
            clock=QuickClock(NIGHT),
        )
        assert (summary.failed, summary.left, summary.audited) == (1, 1, 1)
        assert "ZeroDivisionError: a fault of the program" in log.getvalue()


@pytest.mark.parametrize(
    ("text", "seconds"), [("4h", 14400), ("90m", 5400), ("1h30m", 5400), ("45s", 45)]
)
def test_reads_a_time(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "four", "-1h", "1.5h", "4"])
def test_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(ConfigurationError, match="write it as 4h"):
        seconds_of(text)
