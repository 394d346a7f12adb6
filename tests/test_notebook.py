"""What a notebook shows of a result, and its table."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from story import RESULT
from test_report_html import Tags

from audit.report.table import to_frame


def shown(html: str) -> str:
    return re.sub(r"\s+", " ", Tags(html).text)


def test_a_cell_shows_verdict_ranking_and_the_worst_faults() -> None:
    text = shown(RESULT._repr_html_())
    for version in RESULT.versions:
        assert f"{version.score.value:.1f}" in text
    assert "Ilsa Markety" in text
    assert re.search(r"Write “?Ilse Marchetti”?. ‼ critical · Garbled name · 96 % sure", text)
    assert "11 faults in all" in text
    assert all(s.why in text for s in RESULT.skipped)


def test_a_cell_asks_nothing_of_the_network_and_styles_nothing_but_itself() -> None:
    html = RESULT._repr_html_()
    assert re.findall(r"<script|src=|href=|url\(|@import", html) == []
    (style,) = re.findall(r"<style>(.*?)</style>", html, flags=re.S)
    rules = re.findall(r"([^{}]+)\{", style.replace("@media (prefers-color-scheme: dark) {", ""))
    assert rules
    for rule in rules:
        parts = re.sub(r"\([^)]*\)", "", rule).split(",")
        assert [part for part in parts if not part.strip().startswith(".mtaudit")] == []


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_texts_are_inert(hostile: str) -> None:
    finding = replace(RESULT.findings[1], quote=hostile, message=hostile, suggestion=hostile)
    skipped = tuple(replace(s, why=hostile) for s in RESULT.skipped)
    result = replace(RESULT, findings=(finding,), skipped=skipped)
    html = result._repr_html_()
    assert {tag for tag, _ in Tags(html).tags} & {"script", "img"} == set()
    assert hostile in Tags(html).text


def test_a_result_without_findings_is_shown() -> None:
    html = replace(RESULT, findings=(), suspicions=())._repr_html_()
    assert "No fault was found" in shown(html)


def test_the_table_of_a_result_is_that_of_the_reports() -> None:
    pd.testing.assert_frame_equal(RESULT.to_frame(), to_frame(RESULT))
