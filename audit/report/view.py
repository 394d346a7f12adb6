"""Prepare, once, what HTML, PDF and Markdown show of a result."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from audit.language import DEFAULT, find
from audit.model import (
    CATEGORIES,
    SEVERITIES,
    AuditResult,
    Finding,
    VersionResult,
    by_importance,
    touched,
)
from audit.report import groups, passages
from audit.report.basis import bases
from audit.report.lineage import lineage
from audit.report.passages import Run, clip, visible
from audit.report.places import Places
from audit.report.readings import readings
from audit.report.second_reader import said
from audit.report.shown import CellView, Fault, RowView, VersionView, View
from audit.report.verdict import caveats, verdict
from audit.report.words import count, kept_out

_CONTEXT = 160
_STRETCH = 400
_NAME = 60
_EXTENSION = re.compile(r"(?<=.)\.(?:txt|md|html?)(?:\.gz)?$", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def prepare(result: AuditResult) -> View:
    """Gather what reports show of a result."""
    versions = _versions(result)
    by_id = {v.id: v for v in versions}
    rows = _rows(result, versions)
    numbers = {r.id: r.number for r in rows}
    faults = _faults(result, result.worst, by_id, numbers)
    suspicions = _faults(result, by_importance(result.suspicions), by_id, numbers)
    return View(
        story=visible(result.story),
        verdict=verdict(versions, faults),
        caveats=(*caveats(versions), *_left_out(result)),
        versions=versions,
        faults=faults,
        suspicions=tuple(replace(f, is_suspicion=True) for f in suspicions),
        profile=result.profile,
        rows=rows,
        contradictions=groups.contradictions(result),
        names=groups.names(result),
        tree=lineage(result.family),
        unchecked=unchecked(result, versions, {v.id: v.letter for v in versions}),
        signature=visible(result.signature),
    )


def _left_out(result: AuditResult) -> tuple[str, ...]:
    left = [visible(said(result.second_reading))] if result.second_reading else []
    if result.profile == "errors":
        left.append("Only serious faults are shown; the scores count minor ones as well.")
    if result.suppressed:
        left.append(
            f"{count(len(result.suppressed), 'finding')} known to be no fault left out, also of "
            "the scores; they stand under what was not checked."
        )
    return tuple(left)


def letter(index: int) -> str:
    """A, B, …, Z, AA, AB, … for 0, 1, …"""
    high, low = divmod(index, 26)
    return (letter(high - 1) if high else "") + chr(ord("A") + low)


def anchor(finding: Finding) -> str:
    """A fragment for links to a finding: its id where that is plain, else a digest of it."""
    if _PLAIN_ID.fullmatch(finding.id):
        return f"f-{finding.id}"
    key = f"{finding.id}|{finding.rule}|{finding.version}|{finding.start}|{finding.end}"
    return f"f-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def web_address(url: str | None) -> str | None:
    """The address if it is a plain http or https one, else None."""
    if not url or visible(url) != url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _versions(result: AuditResult) -> tuple[VersionView, ...]:
    outlets = Counter(v.version.outlet for v in result.versions)
    stems = Counter(_stem(v.version.id) for v in result.versions)
    found = Counter((f.version, f.severity) for f in result.findings)
    suspected = Counter(f.version for f in result.suspicions)
    reads = readings(result)
    basis = bases(result)
    views = []
    for i, r in enumerate(result.ranked):
        v = r.version
        shown_id = clip(visible(v.id), _NAME)
        outlet = clip(visible(v.outlet), _NAME) if v.outlet else None
        name = _stem(v.id) if stems[_stem(v.id)] == 1 else v.id
        name, note = clip(visible(name), _NAME), outlet
        if outlet and outlets[v.outlet] == 1:
            name, note = outlet, shown_id
        views.append(
            VersionView(
                id=v.id,
                shown_id=shown_id,
                letter=letter(i),
                name=name,
                note=note,
                title=clip(visible(v.title), 3 * _NAME) if v.title else None,
                url=web_address(v.url),
                published=visible(v.published) if v.published else None,
                language=v.language if v.language and v.language.isalpha() else DEFAULT,
                result=r,
                counts={s: found[v.id, s] for s in reversed(SEVERITIES)},
                mt=_likelihood(r),
                reads=reads.get(v.id),
                marks=_marks(r),
                basis=_sentence(basis[v.id]) if v.id in basis else None,
                suspected=suspected[v.id],
                sought="serious fault" if result.profile == "errors" else "fault",
            )
        )
    return tuple(views)


def _stem(version_id: str) -> str:
    """The id without the extension of a file that it was made from."""
    return _EXTENSION.sub("", version_id)


def _likelihood(result: VersionResult) -> str:
    marks = visible("; ".join(result.mt_marks))
    if result.mt_likelihood is None:
        return f"unknown: {marks}" if marks else "unknown"
    return f"{100 * result.mt_likelihood:.0f} %"


def _marks(result: VersionResult) -> str | None:
    if result.mt_likelihood is None or not result.mt_marks:
        return None
    marks = visible("; ".join(result.mt_marks))
    return f"Machine-translation likelihood {_likelihood(result)}: {marks}."


def _rows(result: AuditResult, versions: tuple[VersionView, ...]) -> tuple[RowView, ...]:
    spans: dict[str, dict[str, list[tuple[int, int]]]] = {}
    at: dict[str, list[float]] = {}
    for v in result.versions:
        for i, s in enumerate(v.sentences):
            spans.setdefault(s.row, {}).setdefault(v.version.id, []).append((s.start, s.end))
            at.setdefault(s.row, []).append(i / len(v.sentences))
    ordered = sorted(spans, key=lambda r: (sum(at[r]) / len(at[r]), r))
    found = {v.id: result.of_version(v.id) for v in versions}
    agreed = {c.row: {c.reading.version: c.support} for c in result.consensus if c.reading}
    return tuple(
        RowView(n, row, _cells(spans[row], versions, found, agreed.get(row, {})))
        for n, row in enumerate(ordered, 1)
    )


def _cells(
    spans: Mapping[str, list[tuple[int, int]]],
    versions: tuple[VersionView, ...],
    found: Mapping[str, AuditResult],
    support: Mapping[str, float],
) -> tuple[CellView | None, ...]:
    texts = {v.id: v.result.version.text for v in versions}
    whole = {v: (texts[v], (s[0][0], s[-1][1])) for v, s in spans.items()}
    language = find(versions[0].result.version.language)
    differing = passages.differences(whole, language)
    cells: list[CellView | None] = []
    for view in versions:
        v = view.id
        if v not in whole:
            cells.append(None)
            continue
        cut = passages.runs(
            texts[v], whole[v][1], found[v].findings, differing[v].alone, found[v].suspicions
        )
        worst = max((r.severity for r in cut if r.severity), key=SEVERITIES.index, default=None)
        cells.append(CellView(view, cut, differing[v].missing, support.get(v), worst))
    return tuple(cells)


def _faults(
    result: AuditResult,
    findings: Sequence[Finding],
    versions: Mapping[str, VersionView],
    rows: Mapping[str, int],
) -> tuple[Fault, ...]:
    """Findings in order of importance, or suspicions, as reports show them."""
    places = Places(result)
    faults = []
    for number, f in enumerate(findings, 1):
        view = versions[f.version]
        line, column = places.line_column(f.version, f.start)
        row = places.row(f.version, f.start)
        suggestion = f.suggestion
        faults.append(
            Fault(
                number=number,
                anchor=anchor(f),
                finding=f,
                category=CATEGORIES[f.category],
                version=view,
                quote=visible(f.quote),
                message=_sentence(visible(f.message)),
                context=_context(view.result, f),
                row=rows[row] if row is not None else None,
                line=line,
                column=column,
                witnesses=groups.witnesses(f),
                suggestion=None if suggestion is None else visible(suggestion),
            )
        )
    return tuple(faults)


def _context(result: VersionResult, finding: Finding) -> tuple[Run, ...]:
    """A finding in its surroundings, very long stretches shortened."""
    text = result.version.text
    start, end = _around(result, finding)
    first, last = _within(text, start, end, finding)
    cut = [
        replace(r, text=clip(r.text, _STRETCH))
        for r in passages.runs(text, (first, last), (finding,))
    ]
    if first > start:
        cut[0] = replace(cut[0], text="… " + cut[0].text)
    if last < end:
        cut[-1] = replace(cut[-1], text=cut[-1].text + " …")
    return tuple(cut)


def _within(text: str, start: int, end: int, finding: Finding) -> tuple[int, int]:
    """Not more than `_CONTEXT` characters to each side of a finding, cut between words."""
    if finding.start - start > _CONTEXT:
        start = finding.start - _CONTEXT
        start = min((m.end() for m in _SPACE.finditer(text, start, finding.start)), default=start)
    if end - finding.end > _CONTEXT:
        end = finding.end + _CONTEXT
        end = max((m.start() for m in _SPACE.finditer(text, finding.end, end)), default=end)
    return start, end


def _sentence(text: str) -> str:
    """The text with a capital in front and a full stop behind."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _around(result: VersionResult, finding: Finding) -> tuple[int, int]:
    """The sentences that a finding touches, or else its line."""
    sentences, text = result.sentences, result.version.text
    met = touched(sentences, finding.start, finding.end)
    if met:
        start = min(sentences[met[0]].start, finding.start)
        end = max(sentences[met[-1]].end, finding.end)
    else:
        start = text.rfind("\n", 0, finding.start) + 1
        end = text.find("\n", finding.end)
        end = len(text) if end < 0 else end
    return start, end


def unchecked(
    result: AuditResult, versions: tuple[VersionView, ...], called: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """What did not take part and why, stage by stage; versions by what they are `called`."""
    rest = [
        (
            "suppressed",
            f"{called[s.finding.version]}, {CATEGORIES[s.finding.category].label.lower()}, "
            f"“{visible(clip(s.finding.quote, _NAME))}”: {visible(kept_out(s.by))}",
        )
        for s in result.suppressed
    ]
    rest += [(visible(s.stage), visible(s.why)) for s in result.skipped]
    kinds = Counter(r.kind for v in versions for r in v.result.residue)
    if kinds:
        listed = ", ".join(f"{visible(k)} {n}" for k, n in sorted(kinds.items()))
        total = count(sum(kinds.values()), "passage")
        rest.append(("page residue", f"{total} not scored as language ({listed})"))
    unknown = [called[v.id] for v in versions if v.result.mt_likelihood is None]
    if unknown:
        rest.append(("machine-translation likelihood", f"unknown for {', '.join(unknown)}"))
    return tuple(rest)
