"""Markdown: the summary and all findings, with article text that stays text."""

from __future__ import annotations

from pathlib import Path

import bigstory
import pytest
from hypothesis import given
from hypothesis import strategies as st
from story import RESULT

from audit.report import markdown

GOLDEN = Path(__file__).parent / "golden"


def test_the_report_is_as_kept() -> None:
    assert markdown.render(RESULT) == (GOLDEN / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain prose, with 3.5 % (really)!", "plain prose, with 3.5 % (really)!"),
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("[x](javascript:y)", r"\[x\](javascript:y)"),
        ("<script>", "&lt;script&gt;"),
        ("&lt;", "&amp;lt;"),
        ("https://x.example", r"https\://x.example"),
        ("www.x.example", r"www\.x.example"),
        ("a | b", r"a \| b"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("two\nlines", "two lines"),
        ("\\", "\\\\"),
    ],
)
def test_what_markdown_would_act_on_is_escaped(text: str, escaped: str) -> None:
    assert markdown.escape(text) == escaped


@given(st.text())
def test_no_tag_and_no_line_break_survives(text: str) -> None:
    escaped = markdown.escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert "\n" not in escaped


def test_tables_keep_their_columns_whatever_the_text() -> None:
    lines = markdown.render(bigstory.hostile()).splitlines()
    tables = [line.replace(r"\|", "") for line in lines if line.startswith("|")]
    assert {line.count("|") for line in tables} == {3, 8, 9}


def test_hostile_text_stays_text() -> None:
    made = markdown.render(bigstory.hostile())
    assert "<script" not in made
    assert "](" not in made.replace("\\](", "")
    assert "\u202e" not in made
