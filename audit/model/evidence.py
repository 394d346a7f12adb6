"""What is measured about words and cells between their alignment and their detection: the records.

`audit.model` has those that the rest of the program speaks in, and the story that holds these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Heard:
    """The versions that count as witnesses of a cell, copies once.

    `key` is the one that stands for all of them; `likeness` how alike they say it among themselves,
    0 to 1, None for fewer than two.
    """

    witnesses: tuple[str, ...]
    key: str | None
    likeness: float | None


@dataclass(frozen=True, slots=True)
class Retelling:
    """A cell read by a language model right after its key witness's cell, and that one after it.

    `own` holds the surprisal of every token of the cell in nats, `theirs` that of the witness's.
    """

    own: tuple[float, ...]
    theirs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Probability that a careful reader marks a word: as any fault, and as a serious one."""

    any: float
    serious: float


Confusion = Literal["function", "form", "spelling"]
"""Another word of a closed class; another form or kin of the same stem; one letter apart."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A word that the language model would rather have read: `text` instead of `quote`.

    `gain` is how many nats less surprising it is after what stands before it.
    """

    start: int
    end: int
    quote: str
    text: str
    gain: float
