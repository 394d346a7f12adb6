"""Where a finding lies, as renderers say it: line, column, row; which come on the first screen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from audit.model import AuditResult, Finding

WORST = 5
"""Faults on the first screen."""


def first_screen(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Of findings in order of importance those to show first: one a category and version if enough.

    What several places or versions have alike counts once. By severity alone, one kind of fault
    in one version would fill the screen and hide what is wrong with the others.
    """
    distinct: dict[tuple[str, str], Finding] = {}
    for f in findings:
        distinct.setdefault((f.category, f.quote.casefold()), f)
    foremost: dict[tuple[str, str], Finding] = {}
    for f in distinct.values():
        foremost.setdefault((f.version, f.category), f)
    rest = [f for f in distinct.values() if foremost[f.version, f.category] is not f]
    return tuple([*foremost.values(), *rest][:WORST])


class Places:
    """Line, column and row of offsets in the versions of one result."""

    def __init__(self, result: AuditResult) -> None:
        self._line_starts: dict[str, list[int]] = {}
        self._texts = {v.version.id: v.version.text for v in result.versions}
        self._sentences = {
            v.version.id: sorted((s.start, s.end, s.row) for s in v.sentences)
            for v in result.versions
        }

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
        sentences = self._sentences[version]
        i = bisect_right(sentences, offset, key=lambda s: s[0]) - 1
        return sentences[i][2] if i >= 0 and offset < sentences[i][1] else None
