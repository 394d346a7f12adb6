"""GitHub annotations: one workflow command a finding, shown beside the text in a pull request."""

from __future__ import annotations

from collections.abc import Mapping

from audit.model import CATEGORIES, AuditResult, Finding, Severity, by_importance
from audit.report.passages import clip, visible
from audit.report.places import Places

_COMMAND: dict[Severity, str] = {"minor": "notice", "major": "warning", "critical": "error"}
_QUOTE = 120


def render(result: AuditResult, *, files: Mapping[str, str] | None = None) -> str:
    """One line a finding, the most important first; suspicions last, if they are shown.

    `files` maps version ids to the paths of their texts; without one the id stands for the path.
    """
    places = Places(result)
    suspected = frozenset(result.suspicions)
    return "".join(
        _line(
            f,
            _COMMAND["minor" if f in suspected else f.severity],
            places,
            (files or {}).get(f.version, f.version),
        )
        + "\n"
        for f in sorted(by_importance(result.shown), key=suspected.__contains__)
    )


def _line(finding: Finding, command: str, places: Places, file: str) -> str:
    line, column = places.line_column(finding.version, finding.start)
    end_line, end_column = places.line_column(finding.version, finding.end)
    where = {"file": visible(file), "line": line, "endLine": end_line}
    if line == end_line:
        # GitHub takes columns only for a place within one line, and the end inclusive.
        where |= {"col": column, "endColumn": max(column, end_column - 1)}
    where["title"] = f"{CATEGORIES[finding.category].label} ({finding.confidence:.0%})"
    properties = ",".join(f"{k}={_property(str(v))}" for k, v in where.items())
    message = f"“{_short(finding.quote)}”: {visible(finding.message)}"
    if finding.suggestion is not None:
        todo = f"write “{_short(finding.suggestion)}”" if finding.suggestion else "delete it"
        message += f"; {todo}"
    return f"::{command} {properties}::{_data(message)}"


def _short(text: str) -> str:
    return clip(visible(text), _QUOTE)


def _data(text: str) -> str:
    """Escaped as in GitHub's toolkit (packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
