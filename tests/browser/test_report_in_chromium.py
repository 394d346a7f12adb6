"""The HTML report as a reader meets it: in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bigstory
import pytest
from morning_store import first_night, many_nights, second_night
from story import RESULT, SUSPECTED, nights

from audit.nightly.morning import gathered
from audit.report import html, index
from audit.report.morning import render as render_morning
from audit.store.database import Store

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 390, "height": 844}

Show = Callable[..., Any]


@pytest.fixture(scope="module")
def report() -> str:
    return html.render(RESULT)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The morning page of a small store, with control charts."""
    tmp = tmp_path_factory.mktemp("morning")
    with Store.open(f"sqlite:///{tmp}/store.sqlite") as store:
        many_nights(store)
        first_night(store)
        run = second_night(store)
        return render_morning(gathered(store, run, tmp))


@pytest.fixture(scope="module")
def large() -> str:
    """The report of fifteen versions."""
    return html.render(bigstory.story(15))


def violations(page: Any) -> list[str]:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm install)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run({runOnly: tags})", tags)
    return [
        f"{v['id']}: {n['html'][:160]} {n['any'][:1]}"
        for v in found["violations"]
        for n in v["nodes"]
    ]


def wide(page: Any) -> bool:
    """Whether the page must be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE])
def test_nothing_is_complained_of_and_nothing_is_fetched(
    show: Show, report: str, scheme: str, viewport: dict[str, int]
) -> None:
    opened = show(report, color_scheme=scheme, viewport=viewport)
    assert opened.complaints == []
    assert [r for r in opened.requests if not r.startswith("file:")] == []
    assert not wide(opened.page)
    assert violations(opened.page) == []


def test_fifteen_versions_stay_usable(show: Show, large: str) -> None:
    assert not wide(show(large, viewport=PHONE).page)
    page = show(large, viewport={"width": 1280, "height": 900}).page
    assert not wide(page)
    grid = page.locator(".grid")
    grid.evaluate("g => g.scrollTo(2000, 600)")
    edge, row = grid.bounding_box(), page.locator("tbody .stick").nth(5).bounding_box()
    assert row["x"] - edge["x"] < 3


def test_hostile_articles_do_nothing(show: Show) -> None:
    opened = show(html.render(bigstory.hostile()))
    assert opened.complaints == []
    assert [r for r in opened.requests if not r.startswith("file:")] == []
    page = opened.page
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, [onerror], [onload]").count() == 0
    assert page.locator("a[href^='javascript' i]").count() == 0
    assert page.locator("main").is_visible()
    assert not wide(page)


def test_without_scripts_everything_is_there_to_read(show: Show, report: str) -> None:
    page = show(report, java_script_enabled=False).page
    assert page.locator("article.finding:visible").count() == len(RESULT.findings)
    assert page.locator("#rows tbody tr:visible").count() == 8
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#theme").is_visible()


def shown(page: Any) -> int:
    return int(page.locator("article.finding:visible").count())


def test_filters_narrow_findings_and_marks_together(show: Show, report: str) -> None:
    page = show(report).page
    page.select_option("#by-severity", "2")
    assert shown(page) == 2
    assert page.locator("#rows a.tag:visible").count() == 2
    assert page.locator("#shown").text_content() == "2 of 11 findings"
    page.click("button[type=reset]")
    expect = pytest.importorskip("playwright.sync_api").expect
    expect(page.locator("#shown")).to_have_text(re.compile("^11 of"))
    page.select_option("#by-version", "C")
    assert shown(page) == 3
    assert page.locator(".rows thead th:visible").count() == 2
    page.select_option("#by-category", "name-variant")
    assert shown(page) == 1
    page.select_option("#by-confidence", "90")
    assert shown(page) == 0


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id"))


@pytest.mark.parametrize("scripts", [True, False])
def test_suspicions_and_their_marks_are_hidden_until_switched_on(show: Show, scripts: bool) -> None:
    opened = show(html.render(SUSPECTED), java_script_enabled=scripts)
    page = opened.page
    switch = page.get_by_label("Show suspicions (2)")
    places = page.locator(".finding.suspicion, .tag.suspicion")
    line = "m => getComputedStyle(m).textDecorationLine"
    mark = page.locator("mark.suspicion").first
    assert [p.is_visible() for p in places.all()] == [False] * 4
    assert mark.evaluate(line) == "none"
    switch.focus()
    page.keyboard.press("Space")
    assert [p.is_visible() for p in places.all()] == [True] * 4
    assert mark.evaluate(line) == "underline"
    if scripts:
        assert page.locator("#shown").inner_text() == "11 of 11 findings, 2 suspicions"
        assert violations(page) == []
    assert opened.complaints == []


def test_keys_walk_through_the_findings(show: Show, report: str) -> None:
    page = show(report).page
    order = page.eval_on_selector_all("article.finding", "all => all.map(f => f.id)")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == order[1]
    page.keyboard.press("k")
    assert focused(page) == order[0]
    assert page.url.endswith("#" + order[0])
    page.keyboard.press("/")
    assert focused(page) == "by-version"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


def test_the_row_key_goes_to_the_place_and_back(show: Show, report: str) -> None:
    page = show(report, "#f-f02").page
    page.keyboard.press("r")
    assert "Ilsa Markety" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("r")
    assert focused(page) == "f-f02"


def test_a_finding_has_a_link_that_can_be_copied(show: Show, report: str) -> None:
    page = show(report, permissions=["clipboard-read", "clipboard-write"]).page
    page.locator("#f-f02 .copy").click()
    expect = pytest.importorskip("playwright.sync_api").expect
    expect(page.locator("#f-f02 .copy")).to_have_text("copied")
    assert page.evaluate("navigator.clipboard.readText()").endswith("#f-f02")


def test_light_and_dark_follow_the_system_until_the_reader_chooses(show: Show, report: str) -> None:
    page = show(report, color_scheme="dark").page
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.click("#theme")
    light = page.evaluate(paper)
    assert dark != light
    assert violations(page) == []
    page.keyboard.press("t")
    assert page.evaluate(paper) == dark


def test_differing_words_and_clean_rows_can_be_hidden(show: Show, report: str) -> None:
    page = show(report).page
    assert page.locator(".lacks:visible").count() > 0
    page.uncheck("#diff")
    assert page.locator(".lacks:visible").count() == 0
    page.check("#only")
    assert page.locator("#rows tbody tr:visible").count() == 6


def test_print_shows_all_versions_of_a_row_without_scrolling(show: Show, large: str) -> None:
    page = show(large).page
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert page.evaluate("(g => g.scrollWidth <= g.clientWidth)(document.querySelector('.grid'))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_control_charts_of_the_index_pass_axe(show: Show, scheme: str) -> None:
    entries = [index.summarise(r) for r in nights(index.LEAST_NIGHTS, 3)]
    opened = show(index.render(entries), color_scheme=scheme)
    assert opened.complaints == []
    assert violations(opened.page) == []
    assert opened.page.locator("#nights svg").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_index_sorts_and_passes_axe(show: Show, scheme: str) -> None:
    entries = [
        index.summarise(RESULT, "veldin/report.html"),
        index.summarise(bigstory.story(3), "made up/report.html"),
    ]
    opened = show(index.render(entries), color_scheme=scheme)
    page = opened.page
    assert opened.complaints == []
    assert violations(page) == []
    stories = "#stories tbody th"
    assert page.locator(stories).all_inner_texts() == ["veldin-dam", "made-up"]
    page.locator("#stories thead button").first.click()
    assert page.locator(stories).all_inner_texts() == ["made-up", "veldin-dam"]
    page.locator("#stories thead button").first.click()
    assert page.locator(stories).all_inner_texts() == ["veldin-dam", "made-up"]
    href = page.locator(stories + " a").nth(1).get_attribute("href")
    assert href == "./made%20up/report.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_morning_passes_axe_and_fits(show: Show, morning: str, scheme: str, width: int) -> None:
    opened = show(morning, color_scheme=scheme, viewport={"width": width, "height": 800})
    page = opened.page
    assert opened.complaints == []
    assert [r for r in opened.requests if not r.startswith("file:")] == []
    assert not wide(page)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert not wide(page)
    assert violations(page) == []


def test_the_morning_reads_without_scripts_and_in_print(show: Show, morning: str) -> None:
    page = show(morning, java_script_enabled=False, viewport={"width": 1280, "height": 800}).page
    assert not page.locator("#theme").is_visible()
    assert page.get_by_role("row").count() == 2 + 3 + 5
    assert page.get_by_role("img", name="Smoothed score").count() == 3
    page.emulate_media(media="print")
    assert not page.locator(".mast nav").is_visible()
    assert page.get_by_text("a consent wall").is_visible()
