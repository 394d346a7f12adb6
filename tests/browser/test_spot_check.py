"""The spot check as an editor works with it: in a browser, by the keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from served import app, served
from test_report_in_chromium import violations, wide

from audit import baseline
from audit.store.database import Store
from audit.store.names import Names
from audit.store.verdicts import Verdicts


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(app()) as address:
        yield address


@contextmanager
def opened(browser: Any, url: str, fragment: str = "", **options: Any) -> Iterator[Any]:
    """The page, which must not complain and must ask nobody but its server."""
    context = browser.new_context(accept_downloads=True, **options)
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text))
    page.on("pageerror", lambda e: complaints.append(str(e)))
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(url + fragment)
    try:
        yield page
    finally:
        context.close()
    assert complaints == []
    assert [a for a in asked if not a.startswith((url, "data:", "blob:"))] == []


@pytest.fixture
def page(browser: Any, url: str) -> Iterator[Any]:
    with opened(browser, url) as shown:
        yield shown


def wait_until(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    """What a page tells its server is there a little later."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.02)


def ignore(page: Any, where: str) -> None:
    page.keyboard.press("i")
    page.select_option("#where", where)
    page.fill("#ignore-why", "house style")
    page.keyboard.press("Enter")


def paste(page: Any, *texts: str) -> None:
    for number, text in enumerate(texts, 1):
        if number > 1:
            page.click("#add")
        page.fill(f"#version-{number}", text)
    page.keyboard.press("Control+Enter")
    page.get_by_text("All checks are done.").wait_for()


def seed(seeds: Path, number: str) -> str:
    return next(seeds.glob(f"{number}_*.txt")).read_text(encoding="utf-8")


def cards(page: Any) -> Any:
    return page.locator("#cards .finding:not(.decided)")


def test_the_journey_of_an_editor(page: Any, seeds: Path, tmp_path: Path) -> None:
    paste(page, seed(seeds, "002"), seed(seeds, "000"))
    page.keyboard.press("j")
    first = cards(page).first
    assert "Tokaj" in first.locator("q.wrong").text_content()
    before = page.locator("#text").text_content()
    count = cards(page).count()
    right = first.locator(".better").text_content()
    page.keyboard.press("a")
    after = page.locator("#text").text_content()
    assert after != before and page.locator("#text ins").first.text_content() == right
    assert cards(page).count() == count - 1
    dismissed = cards(page).first.locator("q.wrong").first.text_content()
    page.keyboard.press("d")
    page.keyboard.type("it is right as it stands")
    page.keyboard.press("Enter")
    page.locator("#cards .finding.decided").nth(1).wait_for()  # the dialog tells of its end later
    assert cards(page).count() == count - 2
    page.reload()
    page.get_by_text("All checks are done.").wait_for()
    assert cards(page).count() == count - 2
    assert page.locator("#text").text_content() == after
    decided = page.locator("#cards .finding.decided")
    assert dismissed in decided.last.text_content()
    page.keyboard.press("u")
    assert cards(page).count() == count - 1
    page.keyboard.press("u")
    assert page.locator("#text").text_content() == before
    page.select_option("#form-of", "pdf")
    with page.expect_download() as download:
        page.click("#download")
    file = tmp_path / "report.pdf"
    download.value.save_as(file)
    assert len(PdfReader(file).pages) >= 1


def test_what_is_accepted_moves_the_other_marks(page: Any) -> None:
    paste(page, "😀 He thanked the the workers. The mayor opened the the bridge on Monday.")
    assert page.locator("#text mark").all_text_contents() == ["the the", "the the"]
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.press("a")
    assert page.locator("#text").text_content() == (
        "😀 He thanked the workers. The mayor opened the bridge on Monday."
    )
    assert page.locator("#found-h").text_content() == "Nothing is left to mend"


def test_a_rule_is_ignored_and_shown_again(page: Any) -> None:
    paste(page, "He thanked the the workers for the new bridge.")
    page.keyboard.press("j")
    ignore(page, "everywhere")
    cards(page).wait_for(state="detached")
    page.locator("#hidden-by button").click()
    assert cards(page).count() == 1


def test_what_was_done_is_kept_where_the_command_line_reads_it_and_undone(
    browser: Any, tmp_path: Path
) -> None:
    file, text = tmp_path / "known.toml", "Anna Qorblat thanked the the workers, said Anna Qorblat."
    with (
        Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store,
        served(app(store=store, baseline=file)) as url,
        opened(browser, url) as page,
    ):
        paste(page, text)
        page.fill("#who", "Eva")
        page.locator("#found-h").focus()
        page.keyboard.press("j")
        ignore(page, "story")
        cards(page).wait_for(state="detached")
        wait_until(file.exists)
        (entry,) = baseline.read(file)
        assert (entry.category, entry.quote, entry.who) == ("duplicated-word", None, "Eva")
        assert entry.story and entry.why == "house style"
        page.reload()
        page.get_by_text("All checks are done.").wait_for()
        assert cards(page).count() == 0
        page.keyboard.press("u")
        assert cards(page).count() == 1
        wait_until(lambda: baseline.read(file) == ())
        page.keyboard.press("n")
        cards(page).wait_for(state="detached")
        wait_until(lambda: [n.name for n in Names(store).list()] == ["the the"])
        wait_until(lambda: [v.verdict for v in Verdicts(store).of()] == ["dismissed"])
        page.keyboard.press("u")
        assert cards(page).count() == 1
        wait_until(lambda: not Names(store).list(all_forms=True) and not Verdicts(store).of())
        page.keyboard.press("a")
        wait_until(lambda: [v.verdict for v in Verdicts(store).of()] == ["accepted"])
        page.keyboard.press("u")
        wait_until(lambda: Verdicts(store).of() == [])
        assert page.locator("#undo").is_disabled()
        assert page.locator("#failed").text_content() == ""


def test_script_in_a_text_is_text(page: Any) -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> He thanked the the workers."
    paste(page, hostile)
    assert page.locator("#text").text_content() == hostile
    assert page.locator("#text img, #text script, #cards img").count() == 0


def test_what_cannot_be_read_is_said(page: Any) -> None:
    page.click("#form button.main")
    assert page.locator("#failed").text_content() == "Paste a text first."


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_anybody_can_read_it(browser: Any, url: str, scheme: str, width: int) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
    )
    page = context.new_page()
    page.goto(url)
    assert violations(page) == []
    assert not wide(page)
    paste(page, "He thanked the the workers. The mayor opened the the bridge on Monday.")
    page.keyboard.press("j")
    assert violations(page) == []
    assert not wide(page)
    context.close()
