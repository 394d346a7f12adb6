"""Recognise page furniture: what a page has around an article and a scraper brings along.

Patterns are data (`data/residue.toml`) and general: no outlet, no person, no story.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Found", "Line", "find_residue"]


class Line(NamedTuple):
    """A line of a version without the white space around it; offsets into the version's text."""

    start: int
    end: int
    text: str


class Found(NamedTuple):
    """A span of a line that is page furniture."""

    start: int
    end: int
    kind: str


def find_residue(lines: Sequence[Line]) -> list[tuple[Found, ...]]:
    """For each line of a version, the spans that are page furniture, in text order."""
    return [() for _ in lines]
