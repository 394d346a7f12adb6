"""From the mended texts, which all stages read, back to the texts as they were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from audit.conclude.merge import identified
from audit.model import (
    AuditResult,
    Consensus,
    FamilyTree,
    Finding,
    Reading,
    Repaired,
    Residue,
    SentenceRisk,
    VersionResult,
)

__all__ = ["as_given", "given_finding"]


def as_given(result: AuditResult, repaired: Mapping[str, Repaired]) -> AuditResult:
    """The result with the versions as they were given, and offsets that count in their texts."""
    if not repaired:
        return result
    named = identified(given_finding(f, repaired) for f in result.found)
    suspected = len(result.findings) + len(result.suspicions)
    return replace(
        result,
        versions=tuple(_version(v, repaired.get(v.version.id)) for v in result.versions),
        findings=named[: len(result.findings)],
        suspicions=named[len(result.findings) : suspected],
        suppressed=tuple(
            replace(s, finding=f) for s, f in zip(result.suppressed, named[suspected:], strict=True)
        ),
        consensus=tuple(_consensus(c, repaired) for c in result.consensus),
        family=result.family and _family(result.family, repaired),
    )


def _version(result: VersionResult, mended: Repaired | None) -> VersionResult:
    if mended is None:
        return result

    def risk(s: SentenceRisk) -> SentenceRisk:
        start, end = mended.given_span(s.start, s.end)
        return replace(s, start=start, end=end)

    def residue(r: Residue) -> Residue:
        start, end = mended.given_span(r.start, r.end)
        return replace(r, start=start, end=end)

    return replace(
        result,
        version=mended.given,
        sentences=tuple(map(risk, result.sentences)),
        residue=tuple(map(residue, result.residue)),
    )


def given_finding(finding: Finding, repaired: Mapping[str, Repaired]) -> Finding:
    """A finding of mended texts as one of the texts as they were given."""
    witnesses = tuple(_reading(w, repaired) for w in finding.witnesses)
    mended = repaired.get(finding.version)
    if mended is None:
        return replace(finding, witnesses=witnesses)
    start, end = mended.given_span(finding.start, finding.end)
    quote = mended.given.text[start:end]
    return replace(finding, start=start, end=end, quote=quote, witnesses=witnesses)


def _reading(reading: Reading, repaired: Mapping[str, Repaired]) -> Reading:
    mended = repaired.get(reading.version)
    if mended is None:
        return reading
    start, end = mended.given_span(reading.start, reading.end)
    return replace(reading, start=start, end=end, quote=mended.given.text[start:end])


def _consensus(consensus: Consensus, repaired: Mapping[str, Repaired]) -> Consensus:
    if consensus.reading is None:
        return consensus
    return replace(consensus, reading=_reading(consensus.reading, repaired))


def _family(tree: FamilyTree, repaired: Mapping[str, Repaired]) -> FamilyTree:
    shared = (
        replace(s, places=tuple(_reading(p, repaired) for p in s.places)) for s in tree.shared
    )
    return replace(tree, shared=tuple(shared))
