"""Findings as DataFrame, CSV and Parquet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from story import RESULT

from audit.report.table import COLUMNS, to_csv, to_frame, to_parquet

GOLDEN = Path(__file__).parent / "golden"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_is_as_kept() -> None:
    with (GOLDEN / "findings.csv").open(encoding="utf-8", newline="") as kept:
        assert to_csv(RESULT) == kept.read()


def test_frame_has_one_row_a_finding_with_typed_columns() -> None:
    frame = to_frame(RESULT)
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["id"]) == [f.id for f in RESULT.findings]
    assert frame["confidence"].mean() == pytest.approx(
        sum(f.confidence for f in RESULT.findings) / len(RESULT.findings)
    )
    spot = frame[frame["id"] == "f02"].iloc[0]
    assert (spot["line"], spot["column"], spot["row"], spot["quote"]) == (
        *(3, 16, "r3", "Ilsa Markety"),
    )


def test_action_tells_replace_delete_and_review_apart() -> None:
    action = to_frame(RESULT).set_index("id")["action"]
    assert (action["f01"], action["f02"], action["f09"]) == ("review", "replace", "delete")


def test_a_story_without_findings_keeps_the_columns() -> None:
    empty = replace(RESULT, findings=())
    assert next(csv.reader([to_csv(empty)])) == list(COLUMNS)
    assert rows(to_csv(empty)) == []
    assert len(to_frame(empty)) == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_csv_cell_starts_a_formula(start: str) -> None:
    hostile = start + "HYPERLINK(1)"
    finding = replace(
        RESULT.findings[0], quote=hostile, message=hostile, suggestion=hostile, id=hostile
    )
    result = replace(RESULT, story=hostile, findings=(finding,))
    (row,) = rows(to_csv(result))
    assert {row[c] for c in ("story", "id", "quote", "message", "suggestion")} == {"'" + hostile}
    assert to_frame(result)["quote"][0] == hostile


def test_csv_keeps_quotes_commas_and_line_ends_in_their_cell() -> None:
    quote = 'he said "a, b"\r\nand left\r'
    result = replace(RESULT, findings=(replace(RESULT.findings[0], quote=quote),))
    (row,) = rows(to_csv(result))
    assert row["quote"] == quote


def test_parquet_holds_the_frame() -> None:
    back = pd.read_parquet(io.BytesIO(to_parquet(RESULT)))
    pd.testing.assert_frame_equal(back, to_frame(RESULT), check_dtype=False)
