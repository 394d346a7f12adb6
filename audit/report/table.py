"""Findings, and suspicions if the profile shows them, as a table: pandas DataFrame, CSV, Parquet.

Columns, one row a finding:

| column | meaning |
|---|---|
| story | id of the story |
| version, outlet, url | the version that has the fault; its outlet and address, where known |
| id | id of the finding, the same in every format |
| line, column | place in the version's text, counted from 1, columns in code points |
| start, end | the same place as offsets in code points |
| quote | the text at that place |
| category, severity, confidence | what kind of fault, how bad, how sure (0 to 1) |
| message | what is wrong |
| action | `replace` (by `suggestion`), `delete`, or `review` where no remedy is known |
| suggestion | what to write instead of `quote` |
| witnesses | other readings, as `version: words`, one a line |
| row | the row of aligned sentences in which the fault lies; empty in residue |
| rule | the detector |
| measures | measured values, as `name value (threshold value)`, one a line |
| suspicion | whether it is a suspicion, which only the profile `everything` shows |

Empty cells are missing values. The DataFrame and Parquet hold texts as they are. In CSV a text
that a spreadsheet would run as a formula has an apostrophe put before it.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from audit.model import AuditResult, Finding
from audit.report.places import Places

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "story",
    "version",
    "outlet",
    "url",
    "id",
    "line",
    "column",
    "start",
    "end",
    "quote",
    "category",
    "severity",
    "confidence",
    "message",
    "action",
    "suggestion",
    "witnesses",
    "row",
    "rule",
    "measures",
    "suspicion",
)
_TYPES = {
    "line": "int64",
    "column": "int64",
    "start": "int64",
    "end": "int64",
    "confidence": "float64",
    "suspicion": "bool",
}
"""Types of the columns that are not texts."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet run a cell (OWASP, CSV Injection)."""


def to_frame(result: AuditResult) -> pd.DataFrame:
    """One row a finding, with `COLUMNS`; texts have pandas' string type."""
    import pandas as pd

    frame = pd.DataFrame(_records(result), columns=list(COLUMNS))
    return frame.astype({c: _TYPES.get(c, "string") for c in COLUMNS})


def to_csv(result: AuditResult) -> str:
    """CSV with a header line; safe to open in a spreadsheet."""
    frame = to_frame(result)
    for column in frame.columns:
        if column not in _TYPES:
            frame[column] = frame[column].map(_safe, na_action="ignore")
    # Every text is quoted: pandas by itself would leave a lone carriage return bare.
    return str(frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC))


def to_parquet(result: AuditResult) -> bytes:
    """Parquet, the texts as they are."""
    buffer = io.BytesIO()
    to_frame(result).to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _safe(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell


def _records(result: AuditResult) -> list[dict[str, object]]:
    places = Places(result)
    suspected = frozenset(result.suspicions)
    return [{**_record(result, f, places), "suspicion": f in suspected} for f in result.shown]


def _record(result: AuditResult, finding: Finding, places: Places) -> dict[str, object]:
    version = result.version(finding.version)
    line, column = places.line_column(finding.version, finding.start)
    action = {None: "review", "": "delete"}.get(finding.suggestion, "replace")
    return {
        "story": result.story,
        "version": finding.version,
        "outlet": version.version.outlet,
        "url": version.version.url,
        "id": finding.id,
        "line": line,
        "column": column,
        "start": finding.start,
        "end": finding.end,
        "quote": finding.quote,
        "category": finding.category,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": finding.message,
        "action": action,
        "suggestion": finding.suggestion or None,
        "witnesses": "\n".join(f"{w.version}: {w.quote}" for w in finding.witnesses) or None,
        "row": places.row(finding.version, finding.start),
        "rule": finding.rule,
        "measures": "\n".join(
            f"{m.name} {m.value:g} (threshold {m.threshold:g})" for m in finding.measures
        )
        or None,
    }
