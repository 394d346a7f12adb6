"""Where a finding lies, as renderers say it: line, column, row."""

from __future__ import annotations

from bisect import bisect_right

from audit.model import AuditResult


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
