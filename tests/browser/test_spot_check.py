"""The spot check as an editor works with it: in a browser, by the keyboard."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from pypdf import PdfReader
from served import QUICK, app, served
from test_report_in_chromium import violations, wide

from audit import baseline
from audit.store.database import Store
from audit.store.names import Names
from audit.store.verdicts import Verdicts


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(app()) as address:
        yield address


NOT_LOADED = "Failed to load resource: the server responded with a status of 4"


@contextmanager
def opened(
    browser: Any, url: str, fragment: str = "", refused: bool = False, **options: Any
) -> Iterator[Any]:
    """The page, which must not complain and must ask nobody but its server. If what it asks is
    `refused`, the browser says so in the console."""
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
    assert [c for c in complaints if not (refused and c.startswith(NOT_LOADED))] == []
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


def test_a_rule_is_ignored_and_shown_again(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "known.toml"  # what is ignored everywhere is ignored in other tests too
    with served(app(baseline=file)) as url, opened(browser, url) as page:
        paste(page, "He thanked the the workers for the new bridge.")
        page.keyboard.press("j")
        ignore(page, "everywhere")
        cards(page).wait_for(state="detached")
        wait_until(file.exists)
        page.locator("#hidden-by button").click()
        assert cards(page).count() == 1
        page.close()  # what was begun is ended all the same
        wait_until(lambda: baseline.read(file) == ())


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


def test_nothing_was_pasted(page: Any) -> None:
    page.click("#form button.main")
    assert page.locator("#failed").text_content() == "Paste a text first."


TEXT = "The mayor opened the the bridge on Monday. He thanked the workers for it."
TITLE = "<img src=x onerror=alert(1)> opens the bridge"
PAGE = (
    f"<!doctype html><html><head><title>{escape(TITLE)}</title></head><body><nav>Menu</nav>"
    f"<article><h1>{escape(TITLE)}</h1><p>{TEXT * 3}</p></article></body></html>"
)


def check(page: Any) -> None:
    page.click("#form button.main")
    page.get_by_text("All checks are done.").wait_for()


def drop(page: Any, name: str, data: bytes) -> None:
    carried = page.evaluate_handle(
        """([name, bytes]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array(bytes)], name));
          return carried;
        }""",
        [name, list(data)],
    )
    page.dispatch_event("#form", "drop", {"dataTransfer": carried})


def test_files_are_dropped_and_removed(page: Any) -> None:
    drop(page, "page.html", PAGE.encode())
    drop(page, "other.txt", b"Something else.")
    page.get_by_label("Remove other.txt").click()
    assert page.locator("#versions li").count() == 1
    check(page)
    shown = page.locator("#text").text_content()
    assert "the the bridge" in shown and "Menu" not in shown and "<p>" not in shown


def test_a_file_in_another_encoding_is_opened(page: Any) -> None:
    text = "The mayor’s café – “The Bridge” – opened on on Monday, he said."
    file = {"name": "old.txt", "mimeType": "text/plain", "buffer": text.encode("cp1252")}
    page.set_input_files("#files", [file])
    check(page)
    assert page.locator("#text").text_content() == text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("scan.pdf", b"%PDF-1.7", "scan.pdf: not scored: a PDF document, not text"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "photo.jpg: not scored: a JPEG image, not text"),
        ("<img src=x onerror=alert(1)>.txt", b"a\0", "<img src=x onerror=alert(1)>.txt: not sco"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    browser: Any, url: str, name: str, data: bytes, said: str
) -> None:
    with opened(browser, url, refused=True) as page:
        drop(page, name, data)
        page.click("#form button.main")
        page.get_by_text(said).wait_for()
        assert page.locator("#ask").is_visible() and page.locator("main img").count() == 0


def test_a_paste_that_is_too_long_is_refused_and_stays(browser: Any, url: str) -> None:
    with opened(browser, url, refused=True) as page:
        for text in ("x " * 2_500_000, "A. B. " * 30_000):
            page.evaluate("t => { document.querySelector('#version-1').value = t; }", text)
            page.click("#form button.main")
            page.locator("#failed", has_text="`mtaudit bulk`").wait_for()
            assert page.evaluate("document.querySelector('#version-1').value.length") == len(text)


@pytest.fixture
def news() -> Iterator[str]:
    """The address of a server on loopback that has one page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/a?b=%3Cscript%3E"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.encode() if found else b"")

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_page_is_asked_for_by_its_address_or_by_a_link(browser: Any, news: str) -> None:
    address = f"{news}/a?b=%3Cscript%3E"
    settings = QUICK.model_copy(update={"allow_private": True})
    with served(app(settings)) as url:
        with opened(browser, url, refused=True) as page:
            page.fill("#version-1", f" {news}/none ")
            page.click("#form button.main")
            page.get_by_text(f"{news}/none: ").wait_for()
            assert "404" in page.locator("#failed").text_content()
            page.fill("#version-1", address)
            check(page)
            assert "the the bridge" in page.locator("#text").text_content()
            assert TITLE in page.locator("#text").text_content()
            assert page.locator("#failed").text_content() == ""
        with opened(browser, url, f"#url={quote(address, safe='')}") as page:
            assert page.input_value("#version-1") == address
            check(page)
            assert "the the bridge" in page.locator("#text").text_content()


def test_an_address_inside_is_refused_in_words(browser: Any, url: str, news: str) -> None:
    with opened(browser, url, f"#url={news}/a", refused=True) as page:
        page.click("#form button.main")
        page.get_by_text("private address").wait_for()


def test_suspicions_are_behind_a_switch(page: Any, seeds: Path) -> None:
    paste(page, seed(seeds, "002"), seed(seeds, "000"))
    suspected, before = int(page.locator("#suspected").text_content()), cards(page).count()
    assert suspected > 0
    assert page.locator("#text mark.suspicion").count() == 0
    page.check("#suspicions")
    assert cards(page).count() == before + suspected
    assert page.locator("#text mark.suspicion").count() > 0
    page.uncheck("#suspicions")
    assert cards(page).count() == before


def test_the_clean_text_and_the_findings_are_copied(browser: Any, url: str) -> None:
    with opened(browser, url, permissions=["clipboard-read", "clipboard-write"]) as page:
        paste(page, f"{TEXT} She came to the the market.")
        page.keyboard.press("j")
        page.keyboard.press("a")
        page.click("#copy-text")
        page.get_by_text("the text copied").wait_for()
        clean = f"{TEXT.replace('the the', 'the')} She came to the the market."
        assert page.evaluate("navigator.clipboard.readText()") == clean
        page.click("#copy-findings")
        page.get_by_text("the findings copied").wait_for()
        lines = page.evaluate("navigator.clipboard.readText()").splitlines()
        assert len(lines) == 1 and "“the the”" in lines[0] and "Write “the”." in lines[0]


def test_on_a_narrow_screen_the_card_at_hand_is_seen(browser: Any, url: str, seeds: Path) -> None:
    with opened(browser, url, viewport={"width": 320, "height": 800}) as page:
        paste(page, seed(seeds, "002"), seed(seeds, "000"))
        for _ in range(3):
            page.keyboard.press("j")
            seen = page.evaluate(
                """() => {
                  const at = document.activeElement.getBoundingClientRect();
                  return at.top >= 0 && at.top < innerHeight;
                }"""
            )
            assert seen


def test_versions_are_called_as_they_were_given(page: Any, seeds: Path) -> None:
    drop(page, "harbour.txt", seed(seeds, "002").encode())
    page.click("#add")
    page.fill("#version-2", seed(seeds, "000"))
    check(page)
    assert page.locator("#tabs button").all_text_contents() == ["harbour", "Text 2"]
    assert "Text 2" in page.locator("#cards").text_content()
    assert re.search(r"text-[0-9a-f]", page.locator("body").text_content()) is None


def test_a_page_of_another_origin_reaches_nothing(browser: Any, news: str, tmp_path: Path) -> None:
    call = """async ([url, mode]) => {
      const body = JSON.stringify({ name: "Péter Magyar" });
      const headers = mode === "cors" ? { "content-type": "application/json" } : {};
      try {
        const answer = await fetch(url + "/api/names", { method: "POST", mode, headers, body });
        return answer.type;
      } catch (e) { return "failed"; }
    }"""
    with (
        Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store,
        served(app(store=store)) as url,
    ):
        page = browser.new_page()
        page.goto(f"{news}/a?b=%3Cscript%3E")
        assert page.evaluate(call, [url, "cors"]) == "failed"
        page.evaluate(call, [url, "no-cors"])
        page.set_content(f"<iframe src='{url}'></iframe><script src='{url}/openapi.json'></script>")
        page.wait_for_timeout(200)
        assert page.frames[1].url in ("", "about:blank", "chrome-error://chromewebdata/")
        page.close()
        assert Names(store).list(all_forms=True) == []


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
