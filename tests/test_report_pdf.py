"""The PDF report: pages, tags, fonts, and article text that stays text."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import bigstory
import pypdf
import pytest
from story import RESULT

from audit.model import AuditResult
from audit.report import html, pdf
from audit.report.formats import Reports


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text(page: Any) -> str:
    return re.sub(r"[\s\u200b]+", " ", page.extract_text())


def names(outline: list[Any]) -> list[str]:
    return [n for x in outline for n in (names(x) if isinstance(x, list) else [x.title])]


@pytest.fixture(scope="module")
def small() -> pypdf.PdfReader:
    return read(pdf.render(RESULT))


@pytest.fixture(scope="module")
def hostile() -> pypdf.PdfReader:
    return read(pdf.render(bigstory.hostile()))


def test_the_file_is_tagged_and_says_what_it_is(small: pypdf.PdfReader) -> None:
    root = small.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert small.metadata is not None
    assert small.metadata.title == "Audit of veldin-dam"
    assert b"pdfuaid" in root["/Metadata"].get_data()


def kinds(node: Any) -> set[str]:
    node = node.get_object()
    found = {str(node["/S"])} if "/S" in node else set()
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object()
        if isinstance(child, dict):
            found |= kinds(child)
    return found


def test_the_tag_tree_has_headings_tables_with_heads_and_figures(small: pypdf.PdfReader) -> None:
    tags = kinds(small.trailer["/Root"]["/StructTreeRoot"])
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/P", "/L"} <= tags


def test_all_fonts_are_embedded(small: pypdf.PdfReader, hostile: pypdf.PdfReader) -> None:
    for reader in (small, hostile):
        fonts = [
            f.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            for p in reader.pages
            for f in p["/Resources"].get("/Font", {}).values()
        ]
        assert fonts
        assert all({"/FontFile2", "/FontFile3"} & set(f.get_object()) for f in fonts)


def test_page_one_is_the_summary_alone(small: pypdf.PdfReader) -> None:
    first = text(small.pages[0])
    shown = [
        "The Herald (100.0 of 100)",
        "49.1 to 62.1",
        "Ilsa Markety",
        "Java was not found",
        "seed 1",
    ]
    for said in shown:
        assert said in first
    assert text(small.pages[1]).split("Findings by version")[0] != text(small.pages[1])
    assert "Findings by version" not in first


def test_pages_are_counted_and_headed(small: pypdf.PdfReader) -> None:
    for n, page in enumerate(small.pages, 1):
        assert f"page {n} of {len(small.pages)}" in text(page)
        assert n == 1 or "Translation audit · veldin-dam" in text(page)


def test_the_outline_leads_to_every_part(small: pypdf.PdfReader) -> None:
    found = names(small.outline)
    parts = ["Findings by version", "Side by side", "Contradictions", "Charts", "Glossary"]
    assert [p for p in parts if p in found] == parts


def test_fifteen_versions_still_fit_on_page_one() -> None:
    many = read(pdf.render(bigstory.story(15)))
    first = text(many.pages[0])
    assert all(f"Outlet {n}" in first for n in range(1, 16))
    assert "Signature" in first
    assert "Findings by version" in text(many.pages[1])


def test_paper_can_be_letter(small: pypdf.PdfReader) -> None:
    assert round(float(small.pages[0].mediabox.width)) == 595
    letter = read(pdf.render(RESULT, paper="letter"))
    assert round(float(letter.pages[0].mediabox.width)) == 612


def test_the_same_result_gives_the_same_bytes() -> None:
    assert pdf.render(RESULT) == pdf.render(RESULT)


def test_reports_that_share_their_charts_are_those_made_alone() -> None:
    shared = Reports(RESULT)
    assert shared.render("html").decode() == html.render(RESULT)
    assert shared.render("pdf") == pdf.render(RESULT)


def test_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_FINDINGS", 4)
    monkeypatch.setattr(pdf, "MAX_CELLS", 9)
    said = " ".join(text(p) for p in read(pdf.render(RESULT)).pages)
    assert "The 7 least important findings are left out here" in said
    assert "6 more rows are left out here" in said


def test_hostile_text_is_printed_as_text(hostile: pypdf.PdfReader) -> None:
    said = " ".join(text(p) for p in hostile.pages)
    for literal in ('#eval("1")', "$x^2$", "<script>alert('x')</script>", "#panic()", "U+202E"):
        assert literal in said
    links = [a.get_object() for p in hostile.pages for a in p.get("/Annots", [])]
    assert not any("/URI" in a.get("/A", {}) for a in links)


def test_other_scripts_are_printed_in_their_letters(hostile: pypdf.PdfReader) -> None:
    said = " ".join(text(p) for p in hostile.pages)
    for word in ("漢字", "한국어", "Привет", "Ελλάδα"):
        assert word in said
    used = {
        str(f.get_object()["/BaseFont"]).split("+")[-1]
        for p in hostile.pages
        for f in p["/Resources"]["/Font"].values()
    }
    assert any("Arabic" in f for f in used)


def test_emoji_are_drawn_and_not_boxed() -> None:
    waved = replace(RESULT, story="\U0001f30a \U0001faf6 \U0001f6a8")
    page = read(pdf.render(waved)).pages[0]
    used = {
        str(f.get_object()["/BaseFont"]).split("+")[-1]
        for f in page["/Resources"]["/Font"].values()
    }
    assert any("NotoEmoji" in f for f in used)
    assert not any("LastResort" in f for f in used)


def test_an_empty_result_gives_a_file() -> None:
    assert "no version to judge" in text(
        read(pdf.render(AuditResult("x", (), (), (), ""))).pages[0]
    )
