"""A text that was mended before it was read, and the way back to the text that was given."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from audit.model.text import Version

RepairKind = Literal["code", "glued", "invisible"]


@dataclass(frozen=True, slots=True)
class Repair:
    """A place of a version's given text, and the `text` that was read in its stead.

    `kind`: page code, two words run together, or characters that a reader does not see.
    """

    start: int
    end: int
    text: str
    kind: RepairKind


@dataclass(frozen=True)
class Repaired:
    """A version as it was given, with its repairs in text order; they do not overlap."""

    given: Version
    repairs: tuple[Repair, ...]

    @cached_property
    def read(self) -> Version:
        """The version with its mended text, which all stages read."""
        parts, at = [], 0
        for r in self.repairs:
            parts += [self.given.text[at : r.start], r.text]
            at = r.end
        return replace(self.given, text="".join(parts) + self.given.text[at:])

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The place of each repair in the mended text."""
        found, shift = [], 0
        for r in self.repairs:
            start = r.start + shift
            found.append((start, start + len(r.text)))
            shift += len(r.text) - (r.end - r.start)
        return tuple(found)

    def given_span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the mended text lies in the given one.

        A repair of which the span holds a part is taken whole. An empty span stands for the
        deleted text there, if there is some.
        """
        if start == end:
            gone = [r for r, s in zip(self.repairs, self.spans, strict=True) if s == (start, end)]
            if gone:
                return gone[0].start, gone[-1].end
            at = self._given(start)[0]
            return at, at
        return self._given(start)[0], self._given(end - 1)[1]

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.spans]

    def _given(self, at: int) -> tuple[int, int]:
        """Where the character at `at` of the mended text lies in the given one."""
        k = bisect_right(self._starts, at) - 1
        if k < 0:
            return at, at + 1
        r, end = self.repairs[k], self.spans[k][1]
        if at < end:
            return r.start, r.end
        return r.end + at - end, r.end + at - end + 1
