"""Retention: what is old goes, what is still needed stays, and a second time changes nothing."""

from __future__ import annotations

import io
import json
import logging
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import NewUrl
from night_work import LIMITS
from small_web import RSS, QuickClock, SmallWeb, page, rss
from sqlalchemy import delete, select
from store_work import NIGHT, article, result, rows, units

from audit.config import Settings
from audit.feeds.settings import FeedSettings
from audit.nightly.clock import Budget
from audit.nightly.log import open_log
from audit.nightly.retain import retain
from audit.nightly.run import Night, run_night
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.kept import Kept
from audit.store.runs import Runs
from audit.store.schema import members, scores, stories, story_audits, story_versions, versions
from audit.store.stories import Stories, StoryEvent
from audit.store.waiting import Waiting

DAY = timedelta(days=1)
DAYS = 31


def dropped(store: Store, at: datetime, folder: Path, seconds: float | None = None) -> str:
    """Run retention as a night at that time does; what it logs."""
    settings = Settings(retention_days=DAYS, cache_days=DAYS)
    log = io.StringIO()
    retain(
        store,
        at,
        settings,
        folder,
        Budget(QuickClock(at), seconds),
        open_log(log, logging.INFO),
    )
    return log.getvalue()


def filled(url: str, seed: int) -> Store:
    """A store after eight nights, in which the index of stories has let go of what it knew."""
    store = Store.open(url)
    for unit in units(seed, nights=8):
        unit(store)
    rng = random.Random(seed)
    with store.unit() as connection:
        connection.execute(delete(members))
    if rng.random() < 0.3:
        Waiting(store).add(["s2"], NIGHT)
    if rng.random() < 0.3:
        Stories(store).record([StoryEvent(NIGHT + 8 * DAY, "merged", "s3", "s1")])
    return store


def living(store: Store, before: datetime) -> set[str]:
    """The stories that were seen, changed or audited since, or that wait."""
    found = {story for story, _ in Waiting(store).all()} | set(Audits(store).audited(before))
    with store.reading() as connection:
        query = select(stories.c.id).where(stories.c.changed >= before)
        found |= set(connection.execute(query).scalars())
        query = (
            select(story_versions.c.story)
            .join(versions, versions.c.id == story_versions.c.version)
            .where(versions.c.last_seen >= before)
        )
        found |= set(connection.execute(query).scalars())
        known = set(connection.execute(select(stories.c.id)).scalars())
    return found & known


@pytest.mark.parametrize("seed", range(8))
def test_what_is_needed_stays_and_a_second_time_changes_nothing(
    new_url: NewUrl, tmp_path: Path, seed: int
) -> None:
    url = new_url()
    with filled(url, seed) as store:
        nights = random.Random(seed).randrange(1, 12)
        before = NIGHT + nights * DAY
        alive = living(store, before)
        audits, articles = Audits(store), Articles(store)
        told = {s.id: s.versions for s in Stories(store).since() if s.id in alive}
        last = {s: audits.last(s) for s in alive}
        seen = [s.id for s in articles.seen(before)]
        ids = sorted({v for own in told.values() for v in own} | set(seen))
        said = articles.get(ids)
        old = rows(url)
        open_faults = audits.findings(states=["new", "persisting"])
        dropped(store, before + DAYS * DAY, tmp_path)
        assert {s.id: s.versions for s in Stories(store).since()} == told
        assert {s: audits.last(s) for s in alive} == last
        assert articles.get(ids) == said
        assert {s.id for s in articles.seen()} == {a.id for a in said}
        now = rows(url)
        gone = {r[0] for r in old["versions"]} - {r[0] for r in now["versions"]}
        for table in ("snapshots", "story_versions", "findings", "scores"):
            assert not gone & {r[0] for r in now[table]}
        assert audits.findings(states=["new", "persisting"]) == [
            f for f in open_faults if f.version not in gone
        ]
        for table in ("verdicts", "waiting", "feeds"):
            assert now[table] == old[table]
        assert Runs(store).last_ended() == NIGHT + 7 * DAY
        if nights > 9:
            assert len(now["runs"]) == 1
        dropped(store, before + DAYS * DAY, tmp_path)
        assert rows(url) == now


@pytest.mark.parametrize("seed", range(3))
def test_without_time_a_few_nights_drop_what_one_would(
    new_url: NewUrl, tmp_path: Path, seed: int
) -> None:
    one, few = new_url(), new_url()
    at = NIGHT + (DAYS + 6) * DAY
    with filled(one, seed) as store:
        dropped(store, at, tmp_path)
    with filled(few, seed) as store:
        said = [dropped(store, at, tmp_path, 0.0) for _ in range(3)]
    assert rows(one) == rows(few)
    assert '"status": "left"' in said[0]
    assert '"status": "done"' in said[-1]


def test_the_scores_by_which_a_version_counts_stay(new_url: NewUrl, tmp_path: Path) -> None:
    with Store.open(new_url()) as store:
        for n in range(5):
            Audits(store).put(result("s1", n), str(n), NIGHT + n * DAY)
            Stories(store).put("s1", ["a-herald"], NIGHT + n * DAY)
        query = select(scores.c.at).where(scores.c.version == "a-herald").order_by(scores.c.at)
        dropped(store, NIGHT + (DAYS + 4) * DAY, tmp_path)
        with store.reading() as connection:
            assert list(connection.execute(query).scalars()) == [NIGHT, NIGHT + 4 * DAY]
            kept = connection.execute(select(story_audits.c.at)).scalars()
            assert list(kept) == [NIGHT + 4 * DAY]


def test_only_reports_that_the_program_wrote_are_removed(new_url: NewUrl, tmp_path: Path) -> None:
    with Store.open(new_url()) as store:
        for story in ("old", "noted"):
            Stories(store).put(story, [], NIGHT)
            (tmp_path / story).mkdir()
            (tmp_path / story / "report.html").write_text("a report")
        (tmp_path / "noted" / "notes.txt").write_text("mine")
        (tmp_path / "index.html").write_text("the morning")
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "report.html").write_text("somebody else's")
        said = dropped(store, NIGHT + (DAYS + 1) * DAY, tmp_path)
        assert json.loads(said)["stories"] == 2
    left = {str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*") if f.is_file()}
    assert {f for f in left if "sqlite" not in f} == {
        "noted/notes.txt",
        "index.html",
        "other/report.html",
    }


def test_a_loose_article_goes_when_it_is_old(new_url: NewUrl, tmp_path: Path) -> None:
    with Store.open(new_url()) as store:
        Articles(store).put(article(1, "A teaser", NIGHT, unscored="a paywall teaser"))
        Articles(store).put(article(2, "A teaser", NIGHT + DAY, unscored="a paywall teaser"))
        dropped(store, NIGHT + (DAYS + 1) * DAY, tmp_path)
        assert [s.id for s in Articles(store).seen()] == [article(2, "").id]


def _keep(store: Store, night: int, count: int, size: int) -> None:
    values = {bytes([night, n]): bytes(size) for n in range(count)}
    Kept(store, lambda: NIGHT + night * DAY).put("vectors", values)


def test_a_cache_that_is_too_large_loses_the_oldest(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        for night in range(3):
            _keep(store, night, 200, 10)
        kept = Kept(store)
        count = 0
        while done := kept.shrink(2505):
            count += done
        assert (count, kept.size()) == (350, 2500)
        keys = [bytes([night, n]) for night in range(3) for n in range(200)]
        left = kept.get("vectors", keys)
        assert {key[0] for key in left} == {1, 2}
        assert sum(key[0] == 2 for key in left) == 200


def test_an_sqlite_file_gives_space_back(tmp_path: Path) -> None:
    file = tmp_path / "s.sqlite"
    with Store.open(f"sqlite:///{file}") as store:
        _keep(store, 0, 200, 40_000)
        _keep(store, 1, 200, 400)
    large = file.stat().st_size
    with Store.open(f"sqlite:///{file}") as store:
        dropped(store, NIGHT + (DAYS + 1) * DAY, tmp_path)
        assert Kept(store).size() == 80_000
    assert large > 8_000_000
    assert file.stat().st_size < 1_000_000


def test_a_night_drops_an_old_story_with_its_reports(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    clock = QuickClock(datetime(2026, 11, 2, 3, tzinfo=UTC))
    log = io.StringIO()
    with SmallWeb() as web:
        site = web.site("harbour")
        feed = FeedSettings(url=site.url(), outlet="harbour", allow_private=True, pause=0)
        settings = Settings(causal_model="none", grammar=False, store=url)
        night = Night(settings, [feed], tmp_path / "reports", ["html", "json"], limits=LIMITS)

        def told(path: str, *text: str) -> list[str]:
            site.put(path, page(f"Port {path}", text))
            site.put("/feed", rss([(site.url(path), f"Port {path}")]), RSS)
            run_night(night, open_log(log, logging.INFO), clock=clock)
            return sorted(f.name for f in (tmp_path / "reports").iterdir() if f.is_dir())

        first = told(
            "/a",
            "The harbour of Veldin was opened again on Monday after three weeks of work on its "
            "northern pier, the port authority said.",
            "Twelve ships entered before noon. The first of them carried grain for the mills of "
            "the upper town, where bread had become scarce since the middle of last month.",
        )
        for _ in range(400):
            clock.next_night()
        second = told(
            "/b",
            "The parliament of Kerin passed its budget for the coming year on Friday evening, with "
            "more money for schools and for roads in the mountains.",
            "The minister of finance thanked both parties. She had feared that the vote would be "
            "put off for a second time, as it was in spring.",
        )
        assert len(first) == len(second) == 1
        assert first != second
    lines = map(json.loads, log.getvalue().splitlines())
    counts = [x["stories"] for x in lines if x["stage"] == "retention"]
    assert counts == [0, 1]
