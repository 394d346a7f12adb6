"""What a comment in a text says to leave alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment `<!-- mtaudit: ignore … -->` of a file (`audit.ingest.ignores`).

    It holds for what begins in the span from `start` to `end` of the version's text. `place` is
    the file and line it stands in. `rules` has the ids as written, none if the comment is not
    understood. `comment` is its own span where it is part of the text.
    """

    place: str
    start: int
    end: int
    rules: tuple[str, ...]
    why: str
    comment: tuple[int, int] | None = None

    def covers(self, start: int) -> bool:
        """Whether it holds for what begins at an offset."""
        return self.start <= start < self.end
