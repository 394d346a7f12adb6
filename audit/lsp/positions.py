"""Offsets in code points, as findings have them, to the positions that a client counts in."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, Range
from pygls.workspace import PositionCodec

_LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a line in the protocol; Python's `splitlines` knows more."""


class Lines:
    """The lines of a document; a position's character counts in the units of the codec."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        self._text = text
        self._codec = codec
        self._starts = [0, *(m.end() for m in _LINE_END.finditer(text))]

    def position(self, offset: int) -> Position:
        """The position of an offset in code points, 0 to the length of the text."""
        line = bisect_right(self._starts, offset) - 1
        before = self._text[self._starts[line] : offset]
        return Position(line=line, character=self._codec.client_num_units(before))

    def range(self, start: int, end: int) -> Range:
        """The range between two offsets."""
        return Range(start=self.position(start), end=self.position(end))
