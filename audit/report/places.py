"""Where a finding lies, as renderers say it: line, column, row; which come on the first screen."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

from audit.model import SEVERITIES, AuditResult, Finding, span_at

WORST = 5
"""Faults on the first screen."""


def first_screen(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The faults to show first, the gravest: one a category and version if enough.

    What is alike at several places or in several versions is one fault, as grave as its worst
    place and, among equals, as sure as its places are together: a name garbled throughout comes
    before a slip. By that order alone, one kind of fault in one version would fill the screen and
    hide what is wrong with the others. `findings` come in order of importance.
    """
    by_category: dict[str, list[list[Finding]]] = defaultdict(list)
    for f in findings:
        known = by_category[f.category]
        alike = next((fault for fault in known if any(_alike(f, g) for g in fault)), None)
        if alike is None:
            known.append([f])
        else:
            alike.append(f)
    faults = sorted(
        (fault for known in by_category.values() for fault in known),
        key=lambda fault: (
            -max(SEVERITIES.index(f.severity) for f in fault),
            -sum(f.confidence for f in fault),
        ),
    )
    foremost: dict[tuple[str, str], Finding] = {}
    for fault in faults:
        foremost.setdefault((fault[0].version, fault[0].category), fault[0])
    rest = [f[0] for f in faults if foremost[f[0].version, f[0].category] is not f[0]]
    return tuple([*foremost.values(), *rest][:WORST])


def _alike(one: Finding, other: Finding) -> bool:
    """Whether two findings of a category are one fault.

    They are if their words are the same, or if the same words in them are corrected alike.
    """
    if one.quote.casefold() == other.quote.casefold():
        return True
    if not one.suggestion or not other.suggestion:
        return False
    pairs = ((one.quote, other.quote), (one.suggestion, other.suggestion))
    return all(_within(a, b) for a, b in pairs) or all(_within(b, a) for a, b in pairs)


def _within(part: str, whole: str) -> bool:
    """Whether a text stands in another as whole words, case set aside."""
    return f" {part.casefold()} " in f" {whole.casefold()} "


class Places:
    """Line, column and row of offsets in the versions of one result."""

    def __init__(self, result: AuditResult) -> None:
        self._line_starts: dict[str, list[int]] = {}
        self._texts = {v.version.id: v.version.text for v in result.versions}
        self._sentences = {v.version.id: v.sentences for v in result.versions}

    def line_column(self, version: str, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; columns count code points."""
        starts = self._line_starts.get(version)
        if starts is None:
            starts = [0, *(i + 1 for i, c in enumerate(self._texts[version]) if c == "\n")]
            self._line_starts[version] = starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def row(self, version: str, offset: int) -> str | None:
        """Id of the row whose sentence holds the offset; None outside scored sentences."""
        sentence = span_at(self._sentences[version], offset)
        return sentence.row if sentence else None
