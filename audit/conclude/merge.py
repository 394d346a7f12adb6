"""Make one finding of several that speak of one fault, set suspicions apart, give lasting ids.

What is less certain than a bar of confidence is a suspicion: kept, but shown apart, and never in a
score.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from audit.model import SEVERITIES, Finding, Measure, Reading, Suppressed

T = TypeVar("T", Measure, Reading)

SUSPICION = 0.3
"""Confidence below which a finding is a suspicion. An open contradiction, of which one side is
wrong but not known which, has .3 to .5. What is shown is right more than two times in three on
`newsroom`, the benchmark set of real pages (docs/benchmarks.md)."""

SHARED = 0.5
"""Two findings speak of one fault if they share at least this part of the shorter span …"""

RATIO = 4
"""… and the longer is at most so many times as long: a typo inside a sentence that is broken as a
whole stays a fault of its own."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The findings of a story, its suspicions and what is suppressed, each by version and place."""

    findings: tuple[Finding, ...]
    suspicions: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()


def merge(findings: Iterable[Finding], bar: float) -> Merged:
    """Merge overlapping findings; sort by version and place; set `id`.

    What is less certain than `bar` is a suspicion. Suspicions are merged with each other alone: one
    that speaks of a finding's fault is dropped and adds nothing to that finding.
    """
    certain: list[Finding] = []
    doubtful: list[Finding] = []
    for f in findings:
        (certain if f.confidence >= bar else doubtful).append(f)
    found = _merged(certain)
    of_version: defaultdict[str, list[Finding]] = defaultdict(list)
    for f in found:
        of_version[f.version].append(f)
    suspected = [
        s for s in _merged(doubtful) if not any(same_fault(f, s) for f in of_version[s.version])
    ]
    named = identified([*found, *suspected])
    return Merged(named[: len(found)], named[len(found) :])


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a fault, sorted by version and place.

    What rests on more than the word model's doubt, then the more severe, then the more confident
    finding gives the merged one its category, message and rule; measures and witnesses are united,
    and a missing suggestion is taken from the other.
    """
    merged: list[Finding] = []
    reaching: list[int] = []
    for f in sorted(findings, key=lambda f: (f.version, f.start, f.end, f.rule)):
        # what ends before this one starts overlaps none of those that follow
        reaching = [k for k in reaching if _reaches(merged[k], f)]
        twin = next((k for k in reaching if same_fault(merged[k], f)), None)
        if twin is None:
            reaching.append(len(merged))
            merged.append(f)
        else:
            merged[twin] = _united(merged[twin], f)
    merged.sort(key=lambda f: (f.version, f.start, f.end))
    return merged


def _reaches(a: Finding, b: Finding) -> bool:
    return a.version == b.version and a.end > b.start


def same_fault(a: Finding, b: Finding) -> bool:
    """Whether two findings of one version speak of one fault."""
    shared = min(a.end, b.end) - max(a.start, b.start)
    short, long = sorted((a.end - a.start, b.end - b.start))
    return shared > 0 and shared >= SHARED * short and long <= RATIO * short


def _united(a: Finding, b: Finding) -> Finding:
    main, other = sorted(
        (a, b),
        key=lambda f: (
            f.rests_on_doubt,
            -SEVERITIES.index(f.severity),
            -f.confidence,
            f.start,
            f.rule,
        ),
    )
    suggestion = main.suggestion
    if suggestion is None and (main.start, main.end) == (other.start, other.end):
        suggestion = other.suggestion
    return replace(
        main,
        confidence=max(a.confidence, b.confidence),
        suggestion=suggestion,
        measures=_union(main.measures, other.measures),
        witnesses=_union(main.witnesses, other.witnesses),
    )


def _union(first: tuple[T, ...], second: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(first + second))


def identified(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with ids that depend on what they say, not on where: they survive edits
    elsewhere in the text. Of several alike the first that is given is the first."""
    seen: Counter[tuple[str, str, str]] = Counter()
    out = []
    for f in findings:
        key = (f.version, f.category, f.quote)
        digest = hashlib.sha256("\x1f".join((*key, str(seen[key]))).encode()).hexdigest()
        seen[key] += 1
        out.append(replace(f, id=digest[:12]))
    return tuple(out)
