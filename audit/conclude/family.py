"""Which version descends from which, by copied text and by rare faults that versions share.

Method: the common errors of textual criticism (Lachmann 1850, Maas 1927). A fault that two versions
have at one place shows more than any number of right words that they share: two translators rarely
stumble over the same word in the same way. Two versions are kin if one is nearly a copy of the
other, or if they share several rare faults. Of two that are kin, the one that appeared first is the
parent. Where the times are unknown, the parent is the one whose faults the other has too, while the
other has faults of its own. Rows are resampled with replacement (bootstrap; Felsenstein 1985), and
a parent is named if most resamples name it.

Faults that anyone makes alone (spaces, capitals, another transliteration) show no descent and are
left out: see `Category.is_rare`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING

from audit.align.copies import SHINGLE, least_containment
from audit.language.spelling import plain_words
from audit.model import (
    CATEGORIES,
    AuditResult,
    Descent,
    FamilyTree,
    Finding,
    Reading,
    SharedFault,
    span_at,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KIN = 3
"""Fewest shared faults that make two versions kin. Of 660 pairs of independent systems that
translate one story (WMT21, WMT23) 42 share one, three share two, one shares three: what is hard in
the source trips several."""

SUPPORT = 0.7
"""Least share of resamples that name a parent: 70 % correspond to a true branch in 95 % of cases
(Hillis & Bull 1993)."""

OWN = 2.0
"""Without times, the child has at least so many times as many faults of its own as the parent has
that the child lacks, and at least so many more."""


def family_tree(result: AuditResult, *, seed: int, resamples: int) -> FamilyTree:
    """The family tree of the versions of an audited story, from their texts, rows and findings.

    The same seed gives the same tree.
    """
    shared = _shared_faults(result)
    named = tuple(s for _, s in shared if len(s.places) > 1)
    versions = [v.version.id for v in result.versions]
    if len(versions) < 2:
        why = "One version only."
        return FamilyTree(tuple(Descent(v, None, 0.0, why) for v in versions), named, why)
    evidence = _Evidence(result, shared, seed, resamples)
    descents = _without_circles([_descent(v, evidence) for v in versions])
    known = sum(d.parent is not None for d in descents)
    why = (
        f"{known} of {len(descents)} versions could be traced to another version of the story."
        if known
        else "The evidence is thin: no version shares its words, or enough rare faults, with a "
        "version that is known to be older."
    )
    return FamilyTree(descents, named, why)


def _shared_faults(result: AuditResult) -> list[tuple[str, SharedFault]]:
    """Each rare fault once, with its row and all versions that have it there.

    The same words of the same category in the same row are one fault; a garbled name is one fault
    wherever it stands. A fault of more than half of the versions (and of more than two) is left
    out: it may stand in their common source.
    """
    sentences = {v.version.id: v.sentences for v in result.versions}

    def row_of(version: str, offset: int) -> str | None:
        sentence = span_at(sentences[version], offset)
        return sentence.row if sentence else None

    found: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for f in result.findings:
        words = " ".join(plain_words(f.quote))
        row = row_of(f.version, f.start)
        category = CATEGORIES[f.category]
        if category.is_rare and words and row is not None:
            place = "" if category.is_of_names else row
            found[f.category, place, words].append(f)
    outlet = {v.version.id: v.version.outlet for v in result.versions}
    shared = []
    for (category_id, _, _), findings in sorted(found.items()):
        first = {f.version: f for f in reversed(findings)}
        if len(first) > max(2, len(result.versions) / 2):
            continue
        places = tuple(
            Reading(v, first[v].start, first[v].end, first[v].quote) for v in sorted(first)
        )
        outlets = tuple(dict.fromkeys(o for v in sorted(first) if (o := outlet[v])))
        row = row_of(places[0].version, places[0].start)
        shared.append((row or "", SharedFault(category_id, places, outlets)))
    return shared


_Shingles = Mapping[tuple[str, ...], str]
"""The row in which each shingle of a version begins."""


class _Evidence:
    """The evidence for each descent, in each resample of the rows."""

    def __init__(
        self,
        result: AuditResult,
        shared: Sequence[tuple[str, SharedFault]],
        seed: int,
        resamples: int,
    ) -> None:
        import numpy as np

        self.versions = [v.version.id for v in result.versions]
        self.published = {v.version.id: v.version.published for v in result.versions}
        self.rows = sorted({s.row for v in result.versions for s in v.sentences}) or [""]
        count = len(self.rows)
        draws = np.random.default_rng(seed).multinomial(count, [1 / count] * count, size=resamples)
        # the first line is the story itself, every row once
        self._times = np.vstack([np.ones(len(self.rows)), draws])
        self._faults = [(row, frozenset(p.version for p in s.places)) for row, s in shared]
        shingles = {v: self._by_row(result, v) for v in self.versions}
        self._copied = {
            (a, b): self._contained(shingles[a], shingles[b])
            for a, b in combinations(self.versions, 2)
        }

    def _by_row(self, result: AuditResult, version: str) -> _Shingles:
        """The row in which each shingle of a version begins."""
        found = result.version(version)
        words: list[str] = []
        rows: list[str] = []
        for s in found.sentences:
            here = plain_words(found.version.text[s.start : s.end])
            words += here
            rows += [s.row] * len(here)
        return {tuple(words[i : i + SHINGLE]): rows[i] for i in range(len(words) - SHINGLE + 1)}

    def _count(self, rows: Mapping[str, int]) -> NDArray[np.float64]:
        """How often something happens in each resample, from how often it does in each row."""
        import numpy as np

        counts: NDArray[np.float64] = self._times @ np.array(
            [rows.get(r, 0) for r in self.rows], dtype=np.float64
        )
        return counts

    def copied(self, a: str, b: str) -> NDArray[np.bool_]:
        """In which resamples one of two versions is nearly contained in the other."""
        return self._copied[min(a, b), max(a, b)]

    def _contained(self, ours: _Shingles, theirs: _Shingles) -> NDArray[np.bool_]:
        import numpy as np

        common = [ours[s] for s in ours.keys() & theirs.keys()]
        shorter = min(ours.values(), theirs.values(), key=len)
        total = self._count(Counter(shorter))
        share = self._count(Counter(common)) / np.maximum(1, total)
        copied: NDArray[np.bool_] = share >= least_containment(len(shorter))
        return copied

    def faults(self, with_: str, without: str | None, also: str | None) -> NDArray[np.float64]:
        """Rare faults that one version has, and another has not or has too, per resample."""
        rows = Counter(
            row
            for row, have in self._faults
            if with_ in have
            and (without is None or without not in have)
            and (also is None or also in have)
        )
        return self._count(rows)

    def parent(self, child: str, parent: str) -> NDArray[np.float64]:
        """How strong the evidence is that one version is the parent of another; 0 for none."""
        import numpy as np

        common = self.faults(child, None, parent)
        copied = self.copied(child, parent)
        kin = copied | (common >= KIN)
        first = _is_older(self.published[parent], self.published[child])
        if first is not None:
            ordered = np.full(len(kin), first)
        else:
            new, lost = self.faults(child, parent, None), self.faults(parent, child, None)
            ordered = (new >= OWN * lost) & (new >= lost + OWN)
        strength: NDArray[np.float64] = np.where(kin & ordered, common + 100.0 * copied, 0.0)
        return strength

    def kin(self, version: str) -> list[tuple[str, bool, int]]:
        """Versions that are kin to one, whether as copies, and how many faults they share."""
        found = []
        for other in self.versions:
            if other != version:
                common = int(self.faults(version, None, other)[0])
                copied = bool(self.copied(version, other)[0])
                if copied or common >= KIN:
                    found.append((other, copied, common))
        return sorted(found, key=lambda k: (not k[1], -k[2], k[0]))


def _descent(version: str, evidence: _Evidence) -> Descent:
    import numpy as np

    kin = evidence.kin(version)
    if not kin:
        return Descent(
            version, None, 0.0, "shares neither its words nor its faults with another version"
        )
    strength = np.stack([evidence.parent(version, other) for other, _, _ in kin])
    best = int(strength[:, 0].argmax())
    parent, copied, common = kin[best]
    if strength[best, 0] <= 0:
        other = _kinship(*kin[0][1:])
        why = f"{other} with {kin[0][0]}, but is not known to be the later one"
        return Descent(version, None, 0.0, why)
    named = (strength.argmax(axis=0) == best) & (strength[best] > 0)
    support = round(float(named[1:].mean()), 3)
    if support < SUPPORT:
        why = f"{_kinship(copied, common)} with {parent}, but only in {support:.0%} of resamples"
        return Descent(version, None, 0.0, why)
    return Descent(version, parent, support, f"{_kinship(copied, common)} with it")


def _kinship(copied: bool, common: int) -> str:
    faults = f"{common} rare fault{'' if common == 1 else 's'}"
    said = ["nearly all its words"] if copied else []
    return "shares " + " and ".join(said + ([faults] if common else []))


def _without_circles(descents: Sequence[Descent]) -> tuple[Descent, ...]:
    """The descents, without the least supported one of each circle."""
    parent = {d.version: d for d in descents}
    for start in sorted(parent):
        path: list[Descent] = []
        at: str | None = start
        while at is not None and at not in {d.version for d in path}:
            path.append(parent[at])
            at = parent[at].parent
        if at is not None:
            circle = path[[d.version for d in path].index(at) :]
            weakest = min(circle, key=lambda d: (d.support, d.version))
            why = f"{weakest.why}; but which came first is unknown"
            parent[weakest.version] = Descent(weakest.version, None, 0.0, why)
    return tuple(parent[d.version] for d in descents)


def _is_older(a: str | None, b: str | None) -> bool | None:
    """Whether the first of two ISO 8601 times is earlier; None if unknown."""
    x, y = _time(a), _time(b)
    if x is None or y is None or a is None or b is None:
        return None
    if min(len(a), len(b)) <= len("2024-05-14"):
        return None if x.date() == y.date() else x.date() < y.date()
    return None if x == y else x < y


def _time(published: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(published or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
