"""SARIF 2.1.0 (OASIS, 2020), for code-review tools and archives of findings."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from audit.model import (
    CATEGORIES,
    AuditResult,
    Finding,
    Reading,
    Severity,
    Suppression,
    one_line,
)
from audit.report.places import Places
from audit.report.view import web_address
from audit.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
LEVEL: dict[Severity, str] = {"minor": "note", "major": "warning", "critical": "error"}


def render(result: AuditResult, *, files: Mapping[str, str] | None = None) -> str:
    """The findings as a SARIF log; columns and offsets count Unicode code points.

    Suspicions are in it only if the profile shows them, as notes. What is known to be no fault is
    in it with its suppression (§3.35).

    `files` maps version ids to the paths or addresses of their texts; a version without one is
    named by its address, or by its id.
    """
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(result, files or {})]}
    return json.dumps(log, indent=1) + "\n"


def _run(result: AuditResult, files: Mapping[str, str]) -> dict[str, Any]:
    known = tuple(s.finding for s in result.suppressed)
    rules = sorted({f.rule for f in (*result.shown, *known)})
    suspected = frozenset(result.suspicions)
    places = Places(result)
    uris = {
        v.version.id: _uri(v.version.id, v.version.url, files.get(v.version.id))
        for v in result.versions
    }
    index = {v.version.id: i for i, v in enumerate(result.versions)}
    prints = _fingerprints((*result.shown, *known))

    def of(finding: Finding, suppressions: list[dict[str, Any]]) -> dict[str, Any]:
        record = _result(finding, finding in suspected, rules, places, uris, index, prints[finding])
        # either all results have it or none (§3.27.23)
        return record | {"suppressions": suppressions}

    results = [
        *(of(f, []) for f in result.shown),
        *(of(s.finding, [_suppression(s.by)]) for s in result.suppressed),
    ]
    return {
        "tool": {
            "driver": {
                "name": "mtaudit",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(r, (*result.shown, *known)) for r in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "artifacts": [
            {
                "location": {"uri": uris[v.version.id]},
                "description": {"text": v.version.title or v.version.id},
                "properties": {
                    "score": v.score.value,
                    "words": v.score.words,
                    "compared": v.compared,
                },
            }
            for v in result.versions
        ],
        "results": results,
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": f"Not checked: {s.stage}: {s.why}"}}
                    for s in result.skipped
                ],
            }
        ],
        "properties": {"story": result.story, "signature": result.signature},
    }


def _fingerprints(findings: Iterable[Finding]) -> dict[Finding, str]:
    """What findings are known by from run to run: of several alike, the first in the text is the
    first, whether it is suppressed or not."""
    seen: Counter[str] = Counter()
    prints = {}
    for f in sorted(findings, key=lambda f: (f.version, f.start, f.end)):
        key = "|".join((f.version, f.rule, one_line(f.quote.casefold())))
        seen[key] += 1
        prints[f] = _digest(f"{key}|{seen[key]}")
    return prints


def _suppression(by: Suppression) -> dict[str, Any]:
    return {
        "kind": "inSource" if by.is_in_text else "external",
        "status": "accepted",
        "justification": by.why,
        "properties": {
            "who": by.who,
            "at": by.at and by.at.isoformat(),
            "until": by.until and by.until.isoformat(),
            "source": by.source,
        },
    }


def _rule(rule: str, findings: Iterable[Finding]) -> dict[str, Any]:
    first = next(f for f in findings if f.rule == rule)
    category = CATEGORIES[first.category]
    return {
        "id": rule,
        "name": "".join(part.capitalize() for part in rule.split("-")),
        "shortDescription": {"text": category.label},
        "fullDescription": {"text": category.meaning},
        "defaultConfiguration": {"level": LEVEL[first.severity]},
        "properties": {"category": category.id},
    }


def _result(
    finding: Finding,
    is_suspicion: bool,
    rules: list[str],
    places: Places,
    uris: dict[str, str],
    index: dict[str, int],
    fingerprint: str,
) -> dict[str, Any]:
    here = Reading(finding.version, finding.start, finding.end, finding.quote)
    record: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": LEVEL["minor" if is_suspicion else finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": _place(here, places, uris, index)}],
        "partialFingerprints": {"mtaudit/v1": fingerprint},
        "rank": round(100 * finding.confidence, 2),
        "properties": {
            "id": finding.id,
            "category": finding.category,
            "severity": finding.severity,
            "confidence": finding.confidence,
            "measures": [
                {"name": m.name, "value": m.value, "threshold": m.threshold}
                for m in finding.measures
            ],
        },
    }
    if is_suspicion:
        record["properties"]["suspicion"] = True
    if finding.witnesses:
        record["relatedLocations"] = [
            {
                "id": n,
                "message": {"text": f"Here: {w.quote}"},
                "physicalLocation": _place(w, places, uris, index),
            }
            for n, w in enumerate(finding.witnesses, 1)
        ]
    if finding.suggestion is not None:
        record["fixes"] = [_fix(finding, finding.suggestion, places, uris, index)]
    return record


def _place(
    reading: Reading, places: Places, uris: dict[str, str], index: dict[str, int]
) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": uris[reading.version], "index": index[reading.version]},
        "region": {**_region(reading, places), "snippet": {"text": reading.quote}},
    }


def _region(reading: Reading, places: Places) -> dict[str, int]:
    line, column = places.line_column(reading.version, reading.start)
    end_line, end_column = places.line_column(reading.version, reading.end)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
        "charOffset": reading.start,
        "charLength": reading.end - reading.start,
    }


def _fix(
    finding: Finding,
    suggestion: str,
    places: Places,
    uris: dict[str, str],
    index: dict[str, int],
) -> dict[str, Any]:
    here = Reading(finding.version, finding.start, finding.end, finding.quote)
    return {
        "description": {"text": f"Write “{suggestion}”." if suggestion else "Delete it."},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": uris[here.version], "index": index[here.version]},
                "replacements": [
                    {
                        "deletedRegion": _region(here, places),
                        "insertedContent": {"text": suggestion},
                    }
                ],
            }
        ],
    }


def _uri(version: str, url: str | None, file: str | None) -> str:
    """The file, or the web address where it is a plain one, or the id as a relative reference."""
    if file is not None and web_address(file) is None:
        path = PurePath(file)
        scheme = "file://" if path.is_absolute() else ""
        return scheme + quote(path.as_posix(), errors="replace")  # a ":" is escaped as well
    url = file or url
    if web_address(url) and url and url.isascii() and " " not in url:
        return url
    # A leading ./ keeps an id such as "javascript:x" or "//host" from being an address.
    return "./" + quote(version, safe="", errors="replace")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
