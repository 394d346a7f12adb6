"""Findings that belong together: contradictions with their sides, names with their forms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from audit.model import CATEGORIES, AuditResult, Finding
from audit.report.passages import visible

_Key = TypeVar("_Key")
_TAIL = re.compile(r"\b[a-z]+\.$")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to put it, and the versions that do."""

    text: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Versions that say different things at one place, each wording with its versions."""

    findings: tuple[Finding, ...]
    sides: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """The forms of one name. `preferred` is what the findings suggest; None if they do not."""

    preferred: str | None
    forms: tuple[Wording, ...]
    findings: tuple[Finding, ...]


def wordings(readings: Iterable[tuple[str, str]]) -> tuple[Wording, ...]:
    """Group (version, quote) pairs by quote, the most frequent first; case and spaces ignored."""
    first: dict[str, str] = {}
    versions: dict[str, set[str]] = defaultdict(set)
    for version, quote in readings:
        key = " ".join(quote.split()).casefold()
        first.setdefault(key, visible(quote))
        versions[key].add(version)
    found = [Wording(first[k], tuple(sorted(v))) for k, v in versions.items()]
    return tuple(sorted(found, key=lambda w: (-len(w.versions), w.versions)))


def witnesses(finding: Finding) -> tuple[Wording, ...]:
    """What the witnesses of a finding have, grouped by wording."""
    return wordings((w.version, w.quote) for w in finding.witnesses)


def contradictions(result: AuditResult) -> tuple[Contradiction, ...]:
    """Findings about the same places made one; in order of importance."""
    chosen = [f for f in result.worst if CATEGORIES[f.category].is_contradiction]
    places = [
        {(f.version, f.start, f.end), *((w.version, w.start, w.end) for w in f.witnesses)}
        for f in chosen
    ]
    return tuple(Contradiction(group, _sides(group)) for group in _linked(chosen, places) if group)


def names(result: AuditResult) -> tuple[Name, ...]:
    """Findings about forms of the same name made one; forms with the versions that use them."""
    # What ends with a lower-case word and a full stop is part of a sentence, not a name.
    chosen = [
        f
        for f in result.worst
        if CATEGORIES[f.category].is_of_names and not _TAIL.search(f.suggestion or "")
    ]
    keys = [
        {q.casefold() for q in (f.quote, f.suggestion, *(w.quote for w in f.witnesses)) if q}
        for f in chosen
    ]
    return tuple(_name(result, group) for group in _linked(chosen, keys))


def _linked(findings: Sequence[Finding], keys: Sequence[set[_Key]]) -> list[tuple[Finding, ...]]:
    groups: list[tuple[list[Finding], set[_Key]]] = []
    for finding, key in zip(findings, keys, strict=True):
        touching = [g for g in groups if g[1] & key]
        merged = (
            [f for g in touching for f in g[0]] + [finding],
            key.union(*(g[1] for g in touching)),
        )
        at = groups.index(touching[0]) if touching else len(groups)
        groups = [g for g in groups if g not in touching]
        groups.insert(at, merged)
    return [tuple(g[0]) for g in groups]


def _sides(group: Sequence[Finding]) -> tuple[Wording, ...]:
    said = [(f.version, f.quote) for f in group]
    said += [(w.version, w.quote) for f in group for w in f.witnesses]
    return wordings(said)


def _name(result: AuditResult, group: tuple[Finding, ...]) -> Name:
    suggested = [f.suggestion for f in group if f.suggestion]
    forms = {q for f in group for q in (f.quote, *suggested, *(w.quote for w in f.witnesses))}
    used = [
        (v.version.id, form)
        for form in sorted(forms)
        for v in result.versions
        if re.search(rf"(?<!\w){re.escape(form)}(?!\w)", v.version.text)
    ]
    preferred = max(suggested, key=lambda s: (suggested.count(s), s)) if suggested else None
    return Name(visible(preferred) if preferred else None, wordings(used), group)
