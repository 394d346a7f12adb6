"""The morning page and its digest: what they say of a night, in every kind of night."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from morning_store import HOSTILE, SECOND, first_night, many_nights, second_night, told
from sqlalchemy import update
from store_work import article
from test_report_html import Tags

from audit.conclude.outlet import Estimate, Outlet
from audit.nightly.deliver import write_page
from audit.nightly.morning import FAULTS, LISTED, REASONS, WORST, gathered
from audit.report import digest
from audit.report.formats import Reports
from audit.report.morning import Morning, headline, notes, render
from audit.report.outlets import LEAST_ARTICLES, ranked
from audit.report.write import write_reports
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.runs import Runs
from audit.store.schema import audits
from audit.store.stories import Stories, StoryEvent

GOLDEN = Path(__file__).parent / "golden"
REPORTS = "https://desk.example/mtaudit"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reports of the stories s1 and s3 lie."""
    folder = tmp_path_factory.mktemp("reports")
    for story in ("s1", "s3"):
        write_reports(Reports(told(story, 0)), ["html"], folder / story)
    return folder


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Morning:
    """The morning after forty nights, a first and a second one."""
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/s.sqlite") as store:
        many_nights(store)
        first_night(store)
        second_night(store)
        return of(store, folder)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/s.sqlite") as store:
        yield store


def of(store: Store, folder: Path) -> Morning:
    run = Runs(store).last()
    assert run is not None
    return gathered(store, run, folder)


def body(page: str) -> str:
    """What is on a page, without style and script."""
    return page[page.index("<body") : page.index("<script>")]


def words(page: str) -> str:
    return " ".join(Tags(page).text.split())


def test_the_page_is_as_kept(morning: Morning) -> None:
    assert body(render(morning)) == (GOLDEN / "morning.html").read_text(encoding="utf-8")


def test_the_digest_is_as_kept(morning: Morning) -> None:
    assert digest.text(morning, REPORTS) == (GOLDEN / "morning.txt").read_text(encoding="utf-8")


def test_the_page_is_inert_and_its_links_arrive(morning: Morning, folder: Path) -> None:
    page = Tags(render(morning))
    assert page.open == []
    assert [t for t, _ in page.tags].count("script") == 1
    assert HOSTILE.replace("\u202e", "⟨U+202E⟩") in page.text
    for tag, attributes in page.tags:
        assert "style" not in attributes
        assert not [a for a in attributes if a.startswith("on")]
        assert tag not in ("iframe", "object", "embed", "img", "link", "base")
    links = [str(a["href"]) for t, a in page.tags if t == "a"]
    inside = [h for h in links if h.startswith("./")]
    assert inside
    for href in inside:
        path, _, fragment = href.partition("#")
        report = (folder / path).read_text(encoding="utf-8")
        assert not fragment or f'id="{fragment}"' in report
    assert {h[1:] for h in links if h[0] == "#"} <= set(page.ids())
    assert all(h.startswith(("#", "./", "https://")) for h in links)
    assert len(page.ids()) == len(set(page.ids()))


def test_every_chart_has_its_words(morning: Morning) -> None:
    charts = [a for t, a in Tags(render(morning)).tags if t == "svg" and a.get("role") == "img"]
    assert len(charts) == 3
    assert all("nights out of the limits" in str(a["aria-label"]) for a in charts)


def test_a_mended_fault_names_the_article_and_what_was_there(morning: Morning) -> None:
    fault = next(f for f in morning.mended.shown if f.quote == "Marketti")
    assert (fault.article.outlet, fault.article.title) == ("A Blog", "Dam bursts, part 0")
    assert fault.article.note == "the article was changed"
    assert "“Marketti” → “Marchetti”" in digest.text(morning, None)


def test_a_story_without_a_report_has_no_link(store: Store, tmp_path: Path) -> None:
    first_night(store)
    second_night(store)
    links = [a["href"] for t, a in Tags(render(of(store, tmp_path))).tags if t == "a"]
    assert not [h for h in links if str(h).startswith("./")]


def test_a_first_night(store: Store, tmp_path: Path) -> None:
    first_night(store)
    page = words(render(of(store, tmp_path)))
    assert "The first night: 8 new articles, 2 stories audited; 2 of them have" in page
    assert "The first night: all is new" in page
    assert "No fault has gone that was there before." in page
    assert "Too few to rank, fewer than 10 articles in 30 days: Morning Post Online (2)" in page
    assert "Nothing failed, and nothing is left." in page
    assert notes(of(store, tmp_path)) == ()


def test_a_night_without_anything_shows_the_week(store: Store, tmp_path: Path) -> None:
    first_night(store)
    run = Runs(store).begin(SECOND)
    Runs(store).end(run, SECOND, "done", {})
    morning = of(store, tmp_path)
    page = words(render(morning))
    assert headline(morning) == "Nothing new came in, and no story was audited."
    assert "The worst stories of the last 7 days No story was audited in this night." in page
    assert "No fault is new." in page
    assert "No feed was read." in page
    assert "WORST STORIES OF THE LAST 7 DAYS" in digest.text(morning, None)


def test_a_store_in_which_nothing_ever_was(store: Store, tmp_path: Path) -> None:
    Runs(store).begin(SECOND)
    morning = of(store, tmp_path)
    page = words(render(morning))
    assert "The night has not ended: this is what was stored so far." in page
    assert "No story was audited." in page
    assert "No outlet has a scored article yet." in page
    assert "not ended" in digest.text(morning, None)


def test_a_night_that_broke_off_says_so(store: Store, tmp_path: Path) -> None:
    run = first_night(store)
    Runs(store).end(run, run.started, "broken off", {})
    assert "The night broke off" in notes(of(store, tmp_path))[0]


def test_a_partial_night_says_what_failed_and_what_is_left(morning: Morning) -> None:
    said = notes(morning)
    assert said[0] == "Of 5 feeds: 1 failed, 1 malformed, 1 silent."
    assert said[1] == "Failed: 1 story, 2 pages."
    assert said[2] == "Left for the next night: 1 story, 1 feed, 12 pages."
    assert said[3] == (
        "Morning Post Online has scored below its usual range since 23 November 2026."
    )
    page = words(render(morning))
    assert "internal: ZeroDivisionError: a fault <b>of the program</b>" in page
    assert "2: a consent wall" in page


def test_what_is_too_much_is_counted(store: Store, tmp_path: Path) -> None:
    first_night(store)
    run = Runs(store).begin(SECOND)
    for n in range(LISTED + 7):
        Articles(store).put(article(100 + n, "", SECOND, unscored="a paywall's teaser"))
        Stories(store).put(f"m{n}", [article(100 + n, "").id], SECOND)
        Stories(store).record([StoryEvent(SECOND, "new", f"m{n}")])
        if n < WORST + 3:
            Audits(store).put(told(f"m{n}", 1000 + 10 * n), "x", SECOND)
    for n in range(REASONS + 2):
        Articles(store).put(article(500 + n, "", SECOND, unscored=f"{n} words"))
    Runs(store).end(run, SECOND, "done", {})
    page = words(render(of(store, tmp_path)))
    assert "And 3 more reasons." in page
    assert "And 7 more articles." in page
    assert "And 7 more stories." in page
    assert "And 3 more stories, with higher scores." in page
    assert f"And {(WORST + 3) * 11 - FAULTS:,} more of them." in page


def test_a_story_that_became_part_of_another_is_no_worst_story(
    store: Store, tmp_path: Path
) -> None:
    first_night(store)
    run = Runs(store).begin(SECOND)
    Stories(store).record([StoryEvent(SECOND, "merged", "s1", "s2")])
    Runs(store).end(run, SECOND, "done", {})
    worst = of(store, tmp_path).worst
    assert (len(worst.shown), worst.total) == (1, 1)


def test_a_damaged_result_costs_its_verdict_alone(store: Store, tmp_path: Path) -> None:
    first_night(store)
    with store.unit() as connection:
        connection.execute(update(audits).where(audits.c.story == "s1").values(result=b"no"))
    page = words(render(of(store, tmp_path)))
    assert "What is stored of it cannot be read." in page
    assert "Garbled name" in page


def test_the_same_night_gives_the_same_page(store: Store, tmp_path: Path) -> None:
    first_night(store)
    second_night(store)
    write_page(of(store, tmp_path), tmp_path / "deep/er")
    write_page(of(store, tmp_path), tmp_path / "again")
    once = (tmp_path / "deep/er/index.html").read_bytes()
    assert once == (tmp_path / "again/index.html").read_bytes()
    assert [p.name for p in (tmp_path / "again").iterdir()] == ["index.html"]


def test_lines_of_the_digest_are_as_short_as_mail_wants(morning: Morning) -> None:
    for line in digest.text(morning, REPORTS).splitlines():
        assert len(line) <= 78 or line.lstrip().startswith(REPORTS)


def test_the_html_digest_fetches_nothing_and_links_to_the_web_alone(morning: Morning) -> None:
    page = Tags(digest.html(morning, REPORTS))
    assert page.open == []
    tags = {t for t, _ in page.tags}
    assert not tags & {"script", "img", "link", "style", "iframe", "svg"}
    links = [str(a["href"]) for t, a in page.tags if t == "a"]
    assert f"{REPORTS}/s1/report.html" in links
    assert all(h.startswith("https://") for h in links)
    assert not re.search(r"url\(|@import", digest.html(morning, REPORTS))
    alone = [str(a["href"]) for t, a in Tags(digest.html(morning, None)).tags if t == "a"]
    assert not [h for h in alone if "report" in h]


def test_the_subject_is_one_line(morning: Morning) -> None:
    assert digest.subject(morning) == (
        "mtaudit 2026-11-26: 2 stories audited, 2 with critical faults"
    )


def outlet(name: str, value: float, half: float, articles: int) -> Outlet:
    score = Estimate(value, max(0.0, value - half), min(100.0, value + half), articles, 1000)
    return Outlet(name, (), score, ())


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 20), st.integers(1, 30)), min_size=1, max_size=30
    )
)
def test_outlets_share_their_places_where_intervals_overlap(
    rows: list[tuple[float, float, int]],
) -> None:
    outlets = [outlet(f"o{n}", *row) for n, row in enumerate(rows)]
    places, few = ranked(outlets)
    assert len(places) + len(few) == len(outlets)
    assert all(o.recent and o.recent.articles < LEAST_ARTICLES for o in few)
    scores = [p.score for p in places]
    assert [s.value for s in scores] == sorted(s.value for s in scores)
    for p in places:
        better = sum(s.low > p.score.high for s in scores)
        worse = sum(s.high < p.score.low for s in scores)
        assert (p.first, p.last) == (1 + better, len(places) - worse)
        assert 1 <= p.first <= p.last <= len(places)


def test_an_outlet_without_articles_of_late_is_left_out() -> None:
    assert ranked([replace(outlet("o", 90, 1, 20), recent=None)]) == ((), ())


def test_times_are_said_in_utc(morning: Morning) -> None:
    page = words(render(morning))
    assert "Night of 26 November 2026, 02:00 UTC to 03:12 UTC" in page
    assert isinstance(morning.run, datetime)
    assert morning.run.utcoffset() == timedelta()
