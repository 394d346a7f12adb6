"""The store: nothing is lost and nothing is twice, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from databases import NewUrl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_work import NIGHT, article, result, rows, units
from story import RESULT

from audit.config import load
from audit.errors import ConfigurationError, StoreError
from audit.feeds.state import FeedState, Known, MemoryState
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.feeds import FeedStates
from audit.store.kept import Kept
from audit.store.runs import Runs
from audit.store.stories import Stories, StoryEvent

TESTS = Path(__file__).resolve().parent
DAY = timedelta(days=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(seed=st.integers(0, 999), share=st.floats(0, 1))
def test_work_that_was_begun_before_ends_in_the_same_rows(
    new_url: NewUrl, seed: int, share: float
) -> None:
    work = units(seed)
    once, again = new_url(), new_url()
    with Store.open(once) as store:
        for unit in work:
            unit(store)
    with Store.open(again) as store:
        for unit in [*work[: int(share * len(work))], *work]:
            unit(store)
    assert rows(again) == rows(once)


def test_a_writer_that_is_killed_and_starts_again_ends_in_the_same_rows(new_url: NewUrl) -> None:
    once, killed = new_url(), new_url()
    rng = random.Random(12)
    with Store.open(once) as store:
        for unit in units(7):
            unit(store)
    for _ in range(5):
        writer = _writer(killed, 7)
        time.sleep(rng.uniform(0, 0.5))
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate(timeout=60)
    writer = _writer(killed, 7)
    writer.communicate(timeout=120)
    assert writer.returncode == 0
    assert rows(killed) == rows(once)


def _writer(url: str, seed: int) -> subprocess.Popen[str]:
    """A process that does the work; returned when it has opened the store."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "store_work", url, str(seed)],
        env=os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def test_a_unit_that_fails_leaves_nothing(new_url: NewUrl) -> None:
    url = new_url()
    with Store.open(url) as store:
        before = rows(url)
        with pytest.raises(ZeroDivisionError), store.unit():
            Articles(store).put(article(1, "One."))
            assert Articles(store).get([article(1, "").id])
            _ = 1 / 0
        assert rows(url) == before


def test_an_article_that_changes_is_a_new_snapshot(new_url: NewUrl) -> None:
    said = ["A.", "A.", "B.", "A."]
    with Store.open(new_url()) as store:
        kept = Articles(store)
        new = [kept.put(article(1, text, NIGHT + n * DAY)) for n, text in enumerate(said)]
        assert new == [True, False, True, True]
        page = article(1, "")
        assert [a.text for a in kept.snapshots(page.id)] == ["A.", "B.", "A."]
        assert kept.get([page.id, "unknown"]) == [article(1, "A.", NIGHT + 3 * DAY)]
        (seen,) = kept.seen(since=NIGHT + 3 * DAY)
        assert (seen.first_seen, seen.last_seen) == (NIGHT, NIGHT + 3 * DAY)


def test_texts_come_back_as_they_were(new_url: NewUrl) -> None:
    odd = replace(article(1, "\0 \ud800 🌊 ‮"), unscored="a paywall teaser", published=NIGHT)
    with Store.open(new_url()) as store:
        Articles(store).put(odd)
        assert Articles(store).get([odd.id]) == [odd]


def test_faults_are_new_then_persisting_then_mended_then_new(new_url: NewUrl) -> None:
    fault = result("s", 1).fault(RESULT.findings[0])
    seen = []
    with Store.open(new_url()) as store:
        kept = Audits(store)
        for n, count in enumerate([1, 1, 0, 0, 1]):
            assert kept.put(result("s", count), f"input {n}", NIGHT + n * DAY)
            (found,) = kept.findings()
            assert found.fault == fault
            seen.append((found.state, (found.since - NIGHT).days))
    assert seen == [("new", 0), ("persisting", 1), ("mended", 2), ("mended", 2), ("new", 4)]


def test_a_result_is_found_again_and_counts_once(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        kept = Audits(store)
        assert kept.put(RESULT, "input", NIGHT)
        assert not kept.put(RESULT, "input", NIGHT + DAY)
        assert kept.find(RESULT.story, "input", RESULT.signature) == RESULT
        assert kept.find(RESULT.story, "other", RESULT.signature) is None
        assert kept.last(RESULT.story) == RESULT
        assert {f.finding for f in kept.findings()} == set(RESULT.findings)
        assert len(kept.scores()) == len(RESULT.versions)
        assert kept.audited(NIGHT + DAY) == []


def test_a_run_that_was_taken_up_replaces_what_it_found_of_a_story(new_url: NewUrl) -> None:
    broken, whole = new_url(), new_url()
    for url, counts in ((broken, (2, 5)), (whole, (5,))):
        with Store.open(url) as store:
            Audits(store).put(result("s", 1), "before", NIGHT - DAY)
            for count in counts:
                Audits(store).put(result("s", count), f"input {count}", NIGHT)
            kept = Audits(store).findings()
        if url == broken:
            first = kept
    assert first == kept


def test_a_story_is_found_under_what_it_was_merged_into(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        kept = Stories(store)
        kept.put("s1", ["a", "b"], NIGHT)
        kept.put("s2", ["c", "long ago"], NIGHT)
        with store.unit():
            kept.put("s1", ["a", "b", "c"], NIGHT + DAY)
            kept.record([StoryEvent(NIGHT + DAY, "merged", "s2", "s1")])
        assert [s.versions for s in kept.since()] == [("a", "b", "c", "long ago")]
        found = kept.get("s2")
        assert found is not None
        assert found.id == "s1"
        assert kept.story_of("c") == "s1"
        assert kept.get("s3") is None
        assert [e.kind for e in kept.events(NIGHT)] == ["merged"]


def test_a_story_keeps_what_is_not_listed_until_another_is_given_it(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        kept = Stories(store)
        kept.put("s1", ["a", "b"], NIGHT)
        kept.put("s3", ["d"], NIGHT)
        kept.put("s1", ["b", "c"], NIGHT + DAY)
        kept.put("s1", ["c"], NIGHT + 2 * DAY)
        (grown,) = kept.since(NIGHT + DAY)
        assert (grown.versions, grown.changed) == (("a", "b", "c"), NIGHT + DAY)
        with store.unit():
            kept.put("s1", ["b"], NIGHT + 3 * DAY)
            kept.put("s2", ["c"], NIGHT + 3 * DAY)
            kept.record([StoryEvent(NIGHT + 3 * DAY, "split", "s1", "s2")])
        split = {s.id: s.versions for s in kept.since(NIGHT + 3 * DAY)}
        assert split == {"s1": ("a", "b"), "s2": ("c",)}


TIMES = st.none() | st.integers(0, 3).map(lambda n: NIGHT + n * DAY)
WORDS = st.none() | st.sampled_from(["", "a", "feed 1", "Ölçer 🌊"])
KNOWN = st.builds(
    Known,
    etag=WORDS,
    last_modified=WORDS,
    digest=WORDS,
    feed=WORDS,
    title=st.sampled_from(["", "A title"]),
    published=TIMES,
    moved=WORDS,
    misses=st.integers(0, 9),
    gone=st.booleans(),
    first=TIMES,
    seen=TIMES,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc"), KNOWN), max_size=12))
def test_feeds_and_pages_are_known_the_next_night(
    new_url: NewUrl, said: list[tuple[bool, str, Known]]
) -> None:
    url, memory = new_url(), MemoryState()
    with Store.open(url) as store:
        stored: FeedState = FeedStates(store)
        for state in (stored, memory):
            for is_page, address, known in said:
                (state.keep_page if is_page else state.keep_feed)(address, known)
    with Store.open(url) as store:
        kept = FeedStates(store)
        assert kept.feeds() == memory.feeds
        for address in "abcd":
            assert kept.feed(address) == memory.feed(address)
            assert kept.page(address) == memory.page(address)
        for since in (NIGHT, NIGHT + 2 * DAY):
            recent = kept.recent("feed 1", since)
            assert sorted(recent) == sorted(memory.recent("feed 1", since))
        for address in "abc":
            known = memory.page(address)
            kept.keep_page(address, known or Known(seen=NIGHT))
        assert kept.forget_pages(NIGHT + 9 * DAY) == sum(
            known is None or known.seen is not None for known in map(memory.page, "abc")
        )


def test_a_run_that_broke_off_is_taken_up_the_same_night(new_url: NewUrl) -> None:
    hour = timedelta(hours=1)
    with Store.open(new_url()) as store:
        runs = Runs(store)
        first = runs.begin(NIGHT)
        again = runs.begin(NIGHT + hour)
        assert (again.started, again.is_resumed) == (first.started, True)
        next_night = runs.begin(NIGHT + DAY)
        assert next_night.started == NIGHT + DAY
        runs.end(next_night, NIGHT + DAY + hour, "done", {"stories": 3})
        last, before = runs.last(), runs.last(2)
        assert last is not None
        assert (last.status, last.summary) == ("done", {"stories": 3})
        assert before is not None
        assert before.status == "broken off"


def test_a_clock_that_was_set_back_stops_a_run(new_url: NewUrl) -> None:
    url = new_url()
    with Store.open(url) as store:
        Articles(store).put(article(1, "One.", NIGHT))
        before = rows(url)
        Runs(store).begin(NIGHT - timedelta(minutes=2))
        with pytest.raises(StoreError, match=r"2026-11-24 02:00 UTC.* set the clock"):
            Runs(store).begin(NIGHT - DAY)
        assert rows(url)["versions"] == before["versions"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.dictionaries(st.binary(min_size=1, max_size=16), st.binary(max_size=40)))
def test_what_is_kept_comes_back_by_kind(new_url: NewUrl, values: dict[bytes, bytes]) -> None:
    with Store.open(new_url()) as store:
        kept = Kept(store, lambda: NIGHT)
        kept.put("vectors-1", values)
        kept.put("vectors-1", dict.fromkeys(values, b"later"))
        assert kept.get("vectors-1", [*values, b"?" * 20]) == values
        assert kept.get("vectors-2", list(values)) == {}
        assert kept.size() == sum(map(len, values.values()))
        assert kept.prune(NIGHT, "vectors") == 0
        assert kept.prune(NIGHT + DAY, "vectors") == len(values)
        assert kept.size() == 0


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://a/b", "mtaudit.sqlite", ""]
)
def test_a_url_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^store: "):
        Store.open(url)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("sqlite:///store.sqlite", "sqlite:///{folder}/store.sqlite"),
        ("sqlite:///sub/s.sqlite?timeout=9", "sqlite:///{folder}/sub/s.sqlite?timeout=9"),
        ("sqlite:////var/s.sqlite", "sqlite:////var/s.sqlite"),
        ("postgresql://me@host/name", "postgresql://me@host/name"),
    ],
)
def test_a_file_of_the_settings_lies_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, found: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    file = tmp_path / "mtaudit.toml"
    file.write_text(f'store = "{named}"')
    assert load(file).store == found.format(folder=tmp_path)
    assert load(file, store="sqlite:///here.sqlite").store == "sqlite:///here.sqlite"
