"""PDF: tagged (PDF/UA-1), for print and for the file; page 1 is the summary alone.

Text of articles reaches typst only as JSON data, never as markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from audit.errors import StageUnavailable
from audit.model import CATEGORIES, SEVERITIES, AuditResult
from audit.report import words
from audit.report.drawn import Drawn, draw
from audit.report.figures import Chart
from audit.report.groups import Wording
from audit.report.html import SIGN
from audit.report.passages import Run, clip
from audit.report.shown import Fault, VersionView, View

if TYPE_CHECKING:
    import typst

Paper = Literal["a4", "letter"]

MAX_FINDINGS = 200
"""Findings printed, the most important ones; the PDF says how many it leaves out."""
MAX_CELLS = 600
"""Cells of rows printed: about 60 pages."""

_TYPST_PAPER: dict[Paper, str] = {"a4": "a4", "letter": "us-letter"}
_QUOTE = 140
_WITNESSES = 3
_LONG_WORD = re.compile(r"\S{24}(?=\S)")


def render(result: AuditResult, *, paper: Paper = "a4") -> bytes:
    """The report of one story as a PDF file.

    Raises StageUnavailable if the typst package is not installed.
    """
    return page(draw(result), paper)


def page(drawn: Drawn, paper: Paper = "a4") -> bytes:
    """The report of a drawn result as a PDF file.

    Raises StageUnavailable if the typst package is not installed.
    """
    try:
        import typst
    except ImportError as e:
        raise StageUnavailable("PDF needs the package typst; pip install typst") from e
    data = {**_data(drawn), "paper": _TYPST_PAPER[paper]}
    pdf = typst.compile(
        _template(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        font_paths=_fonts(),
        pdf_standards=["ua-1"],
    )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _template() -> bytes:
    return (files("audit.report") / "templates" / "report.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Fonts of this package, of matplotlib, and the one for Chinese, Japanese and Korean.

    Fonts of the system are left out: the same result gives the same pages everywhere.
    """
    import matplotlib as mpl
    import typst
    from noto_cjk_sans_jp_regular import FONT_PATH

    with as_file(files("audit.report") / "fonts") as own:
        folders = [own, Path(mpl.get_data_path(), "fonts", "ttf"), Path(FONT_PATH).parent]
        return typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(f) for f in folders],
        )


def _data(drawn: Drawn) -> dict[str, Any]:
    view = drawn.view
    rows, left = _rows(view)
    data = {
        "story": view.story,
        "verdict": [{"text": p.text, "role": p.role} for p in view.verdict],
        "caveats": view.caveats,
        "versions": [_version(view, v) for v in view.versions],
        "worst": [
            {**_fault(view, f), "also": [v.letter for v in view.also(f)]} for f in view.worst
        ],
        "unchecked": view.unchecked,
        "unread": view.unread,
        "signature": view.signature,
        "rows": rows,
        "left_rows": left,
        "suspicions": [
            _fault(view, f)
            for v in view.versions
            for f in view.suspicions_of(v)
            if f.number <= MAX_FINDINGS and view.profile != "errors"
        ],
        "suspected": view.suspected if view.suspicions else "",
        "left_findings": max(0, len(view.faults) - MAX_FINDINGS),
        "contradictions": [
            {
                "label": view.fault[c.findings[0]].category.label,
                "row": view.fault[c.findings[0]].row,
                "sides": [_wording(view, s) for s in c.sides],
            }
            for c in view.contradictions
        ],
        "names": [
            {"preferred": n.preferred, "forms": [_wording(view, w) for w in n.forms]}
            for n in view.names
        ],
        "family": _family(view),
        "method": words.METHOD,
        "limits": words.LIMITS,
        "severities": [
            {"key": s, "sign": SIGN[s], "meaning": words.SEVERITY[s]} for s in reversed(SEVERITIES)
        ],
        "glossary": [
            *words.GLOSSARY.items(),
            *((c.label, c.meaning) for c in CATEGORIES.values()),
        ],
    }
    figures = {
        "charts": [_chart(c) for c in drawn.charts],
        "curves": [_chart(c) for c in drawn.curves.values()],
        "descent": _chart(drawn.descent) if drawn.descent else None,
    }
    return {**_breakable(data), **figures}


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "title": chart.title,
        "alt": chart.alt,
        "columns": chart.columns,
        "rows": chart.rows,
        "svg": chart.svg(),
    }


def _family(view: View) -> dict[str, Any] | None:
    tree = view.tree
    if tree is None:
        return None
    return {
        "known": tree.is_known,
        "why": tree.why,
        "reasons": [{"why": w, "letters": view.letters(v)} for w, v in tree.reasons],
        "shared": [
            {
                "label": s.label,
                "quote": s.quote,
                "letters": view.letters(s.versions),
                "outlets": s.outlets,
            }
            for s in tree.shared
        ],
    }


def _version(view: View, version: VersionView) -> dict[str, Any]:
    score = version.result.score
    return {
        "letter": version.letter,
        "name": version.name,
        "note": version.note,
        "title": version.title,
        "published": version.published,
        "url": version.url,
        "score": f"{score.value:.1f}",
        "low": f"{score.low:.1f}",
        "high": f"{score.high:.1f}",
        "words": f"{score.words:,}",
        "compared": version.compared,
        "counts": [[s, n] for s, n in version.counts.items() if n],
        "total": version.tally,
        "mt": clip(version.mt, 60),
        "reads": version.reads,
        "basis": version.basis,
        "marks": version.marks,
        "findings": [_fault(view, f) for f in view.faults_of(version) if f.number <= MAX_FINDINGS],
    }


def _fault(view: View, fault: Fault) -> dict[str, Any]:
    f = fault.finding
    return {
        "number": fault.number,
        "severity": f.severity,
        "label": fault.category.label,
        "percent": fault.percent,
        "disputed": fault.disputed,
        "letter": fault.version.letter,
        "name": fault.version.name,
        "quote": clip(fault.quote, _QUOTE),
        "message": clip(fault.message, 3 * _QUOTE),
        "context": _runs(view, fault.context, tags=False),
        "row": fault.row,
        "line": fault.line,
        "column": fault.column,
        "witnesses": [_wording(view, w) for w in fault.witnesses[:_WITNESSES]],
        "more": max(0, len(fault.witnesses) - _WITNESSES),
        "suggestion": None if fault.suggestion is None else clip(fault.suggestion, _QUOTE),
        "asks": fault.says_what_to_do,
        "rule": f.rule,
        "measures": [
            f"{m.name.replace('_', ' ')} {m.value:.3g}, threshold {m.threshold:.3g}"
            for m in f.measures
        ],
    }  # fmt: skip


def _rows(view: View) -> tuple[list[dict[str, Any]], int]:
    """Rows to print, and how many are left out."""
    rows: list[dict[str, Any]] = []
    cells = 0
    for row in view.rows:
        present = [c for c in row.cells if c is not None]
        cells += len(present)
        if cells > MAX_CELLS:
            break
        said = [
            {
                "letter": c.version.letter,
                "runs": _runs(view, c.runs, tags=True),
                "lacks": ", ".join(c.missing),
                "agreed": "" if c.support is None else f"{c.support:.0%}".replace("%", " %"),
            }
            for c in present
        ]
        absent = [v.letter for v, c in zip(view.versions, row.cells, strict=True) if c is None]
        rows.append({"number": row.number, "cells": said, "absent": ", ".join(absent)})
    return rows, len(view.rows) - len(rows)


def _runs(view: View, runs: Sequence[Run], *, tags: bool) -> list[dict[str, Any]]:
    return [
        {
            "text": r.text,
            "severity": r.severity,
            "alone": r.alone,
            "tags": [
                {"severity": f.severity, "text": f"{SIGN[f.severity]} {view.fault[f].category.tag}"}
                for f in r.ending
            ]
            if tags
            else [],
        }
        for r in runs
    ]


def _wording(view: View, wording: Wording) -> dict[str, str]:
    return {"text": clip(wording.text, _QUOTE), "letters": view.letters(wording.versions)}


def _breakable(value: Any) -> Any:
    """All strings of a value, words longer than a line given places to break."""
    if isinstance(value, str):
        return _LONG_WORD.sub("\\g<0>\u200b", value)
    if isinstance(value, dict):
        return {k: _breakable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_breakable(v) for v in value]
    return value
