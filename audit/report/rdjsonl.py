"""reviewdog's format: one diagnostic a line (reviewdog.proto of github.com/reviewdog/reviewdog).

Its columns count bytes of UTF-8 from 1, and the end of a range stands after the last byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from audit.model import AuditResult, Finding, Severity, by_importance
from audit.report.places import Places

_SEVERITY: dict[Severity, str] = {"minor": "INFO", "major": "WARNING", "critical": "ERROR"}


def render(result: AuditResult, *, files: Mapping[str, str] | None = None) -> str:
    """One line a finding, the most important first; suspicions last, as INFO, if they are shown.

    `files` maps version ids to the paths of their texts; without one the id stands for the path.
    """
    places = Places(result)
    texts = {v.version.id: v.version.text for v in result.versions}
    suspected = frozenset(result.suspicions)
    lines = []
    for f in sorted(by_importance(result.shown), key=suspected.__contains__):
        severity = _SEVERITY["minor" if f in suspected else f.severity]
        path = (files or {}).get(f.version, f.version)
        record = _diagnostic(f, severity, path, places, texts[f.version])
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return "".join(lines)


def _diagnostic(
    finding: Finding, severity: str, path: str, places: Places, text: str
) -> dict[str, Any]:
    def position(offset: int) -> dict[str, int]:
        line, column = places.line_column(finding.version, offset)
        before = text[offset - column + 1 : offset]
        return {"line": line, "column": len(before.encode(errors="surrogatepass")) + 1}

    where = {"start": position(finding.start), "end": position(finding.end)}
    record: dict[str, Any] = {
        "message": finding.message,
        "location": {"path": path, "range": where},
        "severity": severity,
        "source": {"name": "mtaudit"},
        "code": {"value": finding.rule},
    }
    if finding.suggestion is not None:
        record["suggestions"] = [{"range": where, "text": finding.suggestion}]
    return record
