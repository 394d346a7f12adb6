"""JSON: the bulk line, `report.json` (the same with texts and rows), findings as JSON lines.

`docs/report.schema.json` is the contract; `SCHEMA` is its version and rises only when a reader of
the old form would break. Numbers are written unrounded, so that `loads(dumps(r)) == r`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from audit.errors import InputError
from audit.model import (
    CATEGORIES,
    AuditResult,
    Consensus,
    Descent,
    FamilyTree,
    Finding,
    Measure,
    Reading,
    Residue,
    Score,
    SecondReading,
    SentenceRisk,
    SharedFault,
    Skipped,
    Suppressed,
    Suppression,
    Version,
    VersionResult,
)

SCHEMA = 1

_META = ("title", "url", "outlet", "published", "language")
_REPEATED = re.compile(r"#\d+$")


def to_dict(result: AuditResult, *, full: bool = True) -> dict[str, Any]:
    """The result as plain dicts and lists; unless `full`, without texts and rows, and without
    suspicions that the profile does not show."""
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "story": result.story,
        "versions": [_version(v, full=full) for v in result.versions],
        "findings": [finding_to_dict(f) for f in result.findings],
        "skipped": [{"stage": s.stage, "why": s.why} for s in result.skipped],
        "signature": result.signature,
        "profile": result.profile,
    }
    if full or result.profile == "everything":
        record["suspicions"] = [finding_to_dict(f) for f in result.suspicions]
    if full or result.suppressed:
        record["suppressed"] = [_written_suppressed(s) for s in result.suppressed]
    if result.second_reading is not None:
        record["second_reader"] = asdict(result.second_reading)
    if full:
        record["rows"] = _rows(result)
        record["consensus"] = [_consensus(c) for c in result.consensus]
        record["family"] = _family(result.family) if result.family else None
    return record


def finding_to_dict(finding: Finding) -> dict[str, Any]:
    """One finding; `measure` and `threshold` map a measure's name to its value and threshold."""
    names = _distinct(m.name for m in finding.measures)
    return {
        "id": finding.id,
        "version": finding.version,
        "start": finding.start,
        "end": finding.end,
        "quote": finding.quote,
        "category": finding.category,
        "severity": finding.severity,
        "confidence": float(finding.confidence),
        "message": finding.message,
        "suggestion": finding.suggestion,
        "witnesses": [_place(w) for w in finding.witnesses],
        "measure": {n: float(m.value) for n, m in zip(names, finding.measures, strict=True)},
        "threshold": {n: float(m.threshold) for n, m in zip(names, finding.measures, strict=True)},
        "rule": finding.rule,
    }


def line(record: Mapping[str, Any]) -> bytes:
    """One JSON lines record with its line end, in UTF-8.

    Raises ValueError if a number is not finite: JSON has no way to write it.
    """
    return (_encodable(record) + "\n").encode()


def bulk_line(result: AuditResult) -> bytes:
    """The line of the bulk output for one story."""
    return line(to_dict(result, full=False))


def dumps(result: AuditResult) -> str:
    """The text of `report.json`."""
    return _encodable(to_dict(result), indent=1) + "\n"


def loads(text: str, source: str = "report.json") -> AuditResult:
    """The result that `dumps` wrote.

    Raises InputError naming `source` if the text is not such a report.
    """
    try:
        record = json.loads(text)
    except ValueError as e:
        raise InputError(source, f"not valid JSON: {e}") from e
    found = record.get("schema") if isinstance(record, dict) else None
    if found != SCHEMA:
        raise InputError(source, f"not a report of schema {SCHEMA} (its schema: {found!r})")
    try:
        result = _result(record)
    except (KeyError, TypeError, ValueError) as e:
        raise InputError(
            source,
            f"not a complete report ({type(e).__name__}: {e}); bulk lines carry no texts and "
            "cannot be loaded back, report.json can",
        ) from e
    if unknown := sorted({f.category for f in result.found} - CATEGORIES.keys()):
        raise InputError(source, f"findings of unknown categories: {', '.join(unknown)}")
    return result


def render(result: AuditResult) -> str:
    """The text of `report.json`."""
    return dumps(result)


def render_lines(result: AuditResult) -> str:
    """One finding a line, each with the id of its story; suspicions last, if they are shown."""
    suspected = frozenset(result.suspicions)
    return "".join(
        _encodable({"story": result.story, **finding_to_dict(f), "suspicion": f in suspected})
        + "\n"
        for f in result.shown
    )


def _encodable(record: Mapping[str, Any], indent: int | None = None) -> str:
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:
        # A lone surrogate in an article (JSON input may hold one) has no UTF-8 form.
        return json.dumps(record, allow_nan=False, indent=indent)
    return text


def _distinct(names: Iterable[str]) -> list[str]:
    """Names with repeated ones numbered `name#2`, `name#3`: merged findings may repeat a name."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result


def _written_suppressed(suppressed: Suppressed) -> dict[str, Any]:
    by = suppressed.by
    return {
        "finding": finding_to_dict(suppressed.finding),
        "who": by.who,
        "why": by.why,
        "at": by.at and by.at.isoformat(),
        "until": by.until and by.until.isoformat(),
        "source": by.source,
    }


def _version(v: VersionResult, *, full: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": v.version.id,
        "score": float(v.score.value),
        "interval": [float(v.score.low), float(v.score.high)],
        "words": v.score.words,
        "compared": float(v.compared),
        "mt_likelihood": _number(v.mt_likelihood),
        "fluency": _number(v.fluency),
        "sentences": [
            {"start": s.start, "end": s.end, "risk": float(s.risk), "row": s.row}
            for s in v.sentences
        ],
    }
    if full:
        record |= {key: getattr(v.version, key) for key in _META}
        record |= {
            "text": v.version.text,
            "mt_marks": list(v.mt_marks),
            "surprisal": [_number(n) for n in v.surprisal],
            "readability": {k: float(x) for k, x in v.readability.items()},
            "residue": [{"start": r.start, "end": r.end, "kind": r.kind} for r in v.residue],
        }
    return record


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _rows(result: AuditResult) -> list[dict[str, Any]]:
    cells: dict[str, dict[str, list[list[int]]]] = {}
    for v in result.versions:
        for s in v.sentences:
            cells.setdefault(s.row, {}).setdefault(v.version.id, []).append([s.start, s.end])
    return [{"id": row, "cells": by_version} for row, by_version in cells.items()]


def _place(r: Reading) -> dict[str, Any]:
    return {"version": r.version, "start": r.start, "end": r.end, "quote": r.quote}


def _reading(r: dict[str, Any]) -> Reading:
    return Reading(r["version"], r["start"], r["end"], r["quote"])


def _consensus(c: Consensus) -> dict[str, Any]:
    reading = _place(c.reading) if c.reading else None
    return {"row": c.row, "reading": reading, "support": float(c.support), "why": c.why}


def _family(tree: FamilyTree) -> dict[str, Any]:
    return {
        "why": tree.why,
        "descents": [
            {"version": d.version, "parent": d.parent, "support": float(d.support), "why": d.why}
            for d in tree.descents
        ],
        "shared": [
            {
                "category": s.category,
                "places": [_place(p) for p in s.places],
                "outlets": list(s.outlets),
            }
            for s in tree.shared
        ],
    }


def _tree(f: dict[str, Any]) -> FamilyTree:
    return FamilyTree(
        tuple(Descent(d["version"], d["parent"], d["support"], d["why"]) for d in f["descents"]),
        tuple(
            SharedFault(s["category"], tuple(_reading(p) for p in s["places"]), tuple(s["outlets"]))
            for s in f["shared"]
        ),
        f["why"],
    )


def _result(record: dict[str, Any]) -> AuditResult:
    return AuditResult(
        story=record["story"],
        versions=tuple(_version_result(v) for v in record["versions"]),
        findings=tuple(finding_from_dict(f) for f in record["findings"]),
        skipped=tuple(Skipped(s["stage"], s["why"]) for s in record["skipped"]),
        signature=record["signature"],
        consensus=tuple(
            Consensus(
                c["row"], _reading(c["reading"]) if c["reading"] else None, c["support"], c["why"]
            )
            for c in record.get("consensus", ())
        ),
        family=_tree(family) if (family := record.get("family")) else None,
        suspicions=tuple(finding_from_dict(f) for f in record.get("suspicions", ())),
        profile=record.get("profile", "editor"),
        suppressed=tuple(_suppressed(f) for f in record.get("suppressed", ())),
        second_reading=SecondReading(**reading)
        if (reading := record.get("second_reader"))
        else None,
    )


def _suppressed(s: dict[str, Any]) -> Suppressed:
    until = s["until"] and date.fromisoformat(s["until"])
    at = s["at"] and datetime.fromisoformat(s["at"])
    by = Suppression(s["who"], s["why"], at, s["source"], until)
    return Suppressed(finding_from_dict(s["finding"]), by)


def _version_result(v: dict[str, Any]) -> VersionResult:
    low, high = v["interval"]
    return VersionResult(
        version=Version(id=v["id"], text=v["text"], **{key: v[key] for key in _META}),
        score=Score(v["score"], low, high, v["words"]),
        sentences=tuple(
            SentenceRisk(s["start"], s["end"], s["risk"], s["row"]) for s in v["sentences"]
        ),
        residue=tuple(Residue(v["id"], r["start"], r["end"], r["kind"]) for r in v["residue"]),
        mt_likelihood=v["mt_likelihood"],
        mt_marks=tuple(v["mt_marks"]),
        fluency=v["fluency"],
        surprisal=tuple(v.get("surprisal", ())),
        readability=dict(v["readability"]),
        compared=v.get("compared", 1.0),
    )


def finding_from_dict(f: dict[str, Any]) -> Finding:
    """The finding that `finding_to_dict` wrote. Raises KeyError if a part is missing."""
    return Finding(
        version=f["version"],
        start=f["start"],
        end=f["end"],
        quote=f["quote"],
        category=f["category"],
        severity=f["severity"],
        confidence=f["confidence"],
        message=f["message"],
        rule=f["rule"],
        measures=_measures(f["measure"], f["threshold"]),
        suggestion=f["suggestion"],
        witnesses=tuple(_reading(w) for w in f["witnesses"]),
        id=f["id"],
    )


def _measures(values: dict[str, float], thresholds: dict[str, float]) -> tuple[Measure, ...]:
    return tuple(Measure(_REPEATED.sub("", n), x, thresholds[n]) for n, x in values.items())
