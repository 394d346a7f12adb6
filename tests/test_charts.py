"""Charts: the same picture every time, safe in any page, with the numbers beside."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import bigstory
import pytest
from story import RESULT

from audit.model import Descent
from audit.report.charts import (
    Night,
    charts,
    control_chart,
    descent,
    heat_strip,
    scores,
    surprisal_curves,
)
from audit.report.figures import Chart
from audit.report.view import prepare


def every() -> list[Chart]:
    view = prepare(RESULT)
    tree = [Descent(v.id, "a-herald" if v.letter == "D" else None, 0.8) for v in view.versions]
    nights = [Night(f"day {i}", 40 if i == 6 else 5, 200) for i in range(12)]
    return [
        *charts(view),
        *surprisal_curves(view).values(),
        descent(view, tree),
        control_chart("The Post", nights),
    ]


def test_the_same_data_give_the_same_svg() -> None:
    assert [c.svg() for c in every()] == [c.svg() for c in every()]


def test_charts_can_stand_in_one_page_together() -> None:
    ids: list[str] = []
    for chart in every():
        root = ET.fromstring(chart.svg())
        assert root.get("role") == "img"
        assert root.get("aria-label") == chart.alt
        for element in root.iter():
            assert "style" not in element.attrib
            assert not element.tag.endswith(("script", "style", "metadata"))
            ids += [element.attrib["id"]] if "id" in element.attrib else []
        links = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', chart.svg())
        own = {e.get("id") for e in root.iter()}
        assert {a or b for a, b in links} <= own
    assert len(ids) == len(set(ids))


def test_every_chart_has_its_numbers_and_words() -> None:
    for chart in every():
        assert chart.alt
        assert all(len(row) == len(chart.columns) for row in chart.rows)


def test_png_is_an_image() -> None:
    assert scores(prepare(RESULT)).png().startswith(b"\x89PNG")


def test_scores_tell_value_and_interval() -> None:
    assert scores(prepare(RESULT)).rows[-1][1:] == ("55.6", "49.1 to 62.1", "76")


def test_the_heat_strip_counts_rows_by_worst_fault() -> None:
    assert heat_strip(prepare(RESULT)).rows[-1][1:] == ("2", "2", "2", "1", "1")


def test_the_surprisal_curve_tells_every_sentence_with_its_faults() -> None:
    view = prepare(RESULT)
    curves = surprisal_curves(view)
    post = next(v for v in view.versions if v.id == "b-post")
    rows = curves[post.letter].rows
    assert [r[2] for r in rows] == [f"{n:.2f}" for n in post.result.surprisal if n is not None]
    assert rows[2][3].startswith("Garbled name (critical)")
    assert "‼ name" in curves[post.letter].svg()
    assert rows[0][3] == "none"


def test_what_no_model_has_read_has_no_curve() -> None:
    view = prepare(RESULT)
    unread = next(v for v in view.versions if not v.result.surprisal)
    assert unread.letter not in surprisal_curves(view)


def test_a_sentence_without_words_is_a_gap_and_not_a_zero() -> None:
    versions = tuple(
        replace(v, surprisal=(None, *v.surprisal[1:])) if v.surprisal else v
        for v in RESULT.versions
    )
    for curve in surprisal_curves(prepare(replace(RESULT, versions=versions))).values():
        assert curve.rows[0][2] == "no words"
        assert "nan" not in curve.svg()


def test_a_night_outside_the_limits_is_named() -> None:
    nights = [Night(f"day {i}", 40 if i == 6 else 5, 200) for i in range(12)]
    chart = control_chart("The Post", nights)
    assert [r[0] for r in chart.rows if r[-1] == "outside"] == ["day 6"]
    assert "day 6" in chart.svg()


def test_a_tree_with_a_circle_is_refused_or_drawn_but_never_endless() -> None:
    view = prepare(RESULT)
    tree = [Descent("a-herald", "b-post", 1.0), Descent("b-post", "a-herald", 1.0)]
    with pytest.raises(ValueError, match="circle"):
        descent(view, tree)


def test_hostile_labels_are_text() -> None:
    for chart in charts(prepare(bigstory.hostile())):
        svg = chart.svg()
        assert "<script" not in svg
        assert "<i>" not in svg
        assert "\u202e" not in svg
