"""What is read from a version once: words, names, quantities, quotations, verb groups."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Literal

Kind = Literal[
    "count",
    "percent",
    "money",
    "year",
    "period",
    "month",
    "weekday",
    "day",
    "decade",
    "time",
    "fraction",
    "label",
]
Bound = Literal["exact", "about", "over", "under", "vague"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of running text, as names are compared by it.

    `bare` is the text without a possessive ending, `folded` that without case and accents.
    """

    start: int
    end: int
    text: str
    bare: str
    folded: str


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a name: a run of capitalised words, titles left out.

    `sentence` is the index of its sentence in the version. `parts` are the folded words of the
    name, particles ("de", "von") left out.
    """

    version: str
    sentence: int
    words: tuple[Word, ...]
    parts: tuple[str, ...]

    @property
    def start(self) -> int:
        """Where the name begins."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where the name ends, a possessive ending left out."""
        return self.words[-1].start + len(self.words[-1].bare)

    @property
    def span(self) -> tuple[int, int]:
        """Start and end."""
        return self.start, self.end

    def without_first(self, count: int) -> Mention:
        """The same name without its first words: of "State Antony Blinken" "Antony Blinken"."""
        left = list(self.parts)
        for word in self.words[:count]:
            if left and left[0] == word.folded:
                del left[0]
        return replace(self, words=self.words[count:], parts=tuple(left))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text. `start`, `end` cover its figure and scale word ("1.5 million").

    `low` and `high` are the values it may have in base units of `unit` (metres, minutes of the day,
    seconds); equal for a single value. `step` is the rounding its digits show, `factor` what brings
    its unit to base units. `unit` is a family of units, the currencies that may be meant
    ("SEK|NOK"), how a time is told (by a clock, in UTC or in another zone), a label's letters, or
    the stem of the noun counted; `measured` says that it is a family, whose units are converted
    into each other. `lead` and `trail` say how many characters before and after belong to its unit.
    `weak` numbers ("one", "first", "half") often do not count at all; they confirm, but
    contradict nothing unless the same noun follows on the other side.
    """

    start: int
    end: int
    low: float
    high: float
    kind: Kind
    bound: Bound
    unit: str
    step: float
    weak: bool = False
    factor: float = 1.0
    measured: bool = False
    lead: int = 0
    trail: int = 0

    @property
    def span(self) -> tuple[int, int]:
        """Start and end."""
        return self.start, self.end

    @property
    def whole(self) -> tuple[int, int]:
        """Start and end with the unit."""
        return self.start - self.lead, self.end + self.trail

    @property
    def plain(self) -> float:
        """The value as it is written, in its own unit."""
        return self.low / self.factor


@dataclass(frozen=True, slots=True)
class Quotation:
    """A pair of marks: [start, end) with the marks, [inner_start, inner_end) without."""

    start: int
    end: int
    inner_start: int
    inner_end: int


@dataclass(frozen=True, slots=True)
class LoneMark:
    """A mark without its partner, or turned the wrong way, at [start, end)."""

    start: int
    end: int
    kind: Literal["unclosed", "unopened", "turned"]


@dataclass(frozen=True)
class Quotes:
    """The quotations of a version and the marks that make none."""

    quotations: tuple[Quotation, ...]
    faults: tuple[LoneMark, ...]

    def covers(self, start: int, end: int) -> bool:
        """Whether [start, end) lies inside a quotation."""
        starts, reached = self._reach
        begun = bisect_right(starts, start)
        return begun > 0 and end <= reached[begun - 1]

    @cached_property
    def _reach(self) -> tuple[list[int], list[int]]:
        """Where quotations begin, in order, and how far those begun by then reach at most."""
        inner = sorted((q.inner_start, q.inner_end) for q in self.quotations)
        return [start for start, _ in inner], list(accumulate((end for _, end in inner), max))


@dataclass(frozen=True, slots=True)
class VerbGroup:
    """A verb group: half-open token range, the verb's own index, what its forms say.

    `tense` is present, past, none (infinitives, participles) or a modal; `sure` is false where the
    form alone may be a noun, an adjective or a participle.
    """

    start: int
    end: int
    verb: int
    tense: str
    perfect: bool = False
    progressive: bool = False
    passive: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a version's sentences are made of; tuples are parallel to the sentences.

    `forms` are the tokens in lower case with straight apostrophes. `written` counts how each form
    is written inside sentences, where a capital is not due to its place. `paragraphs` holds the
    indices of the sentences of each paragraph.
    """

    forms: tuple[tuple[str, ...], ...]
    words: tuple[tuple[Word, ...], ...]
    names: tuple[Mention, ...]
    quantities: tuple[tuple[Quantity, ...], ...]
    verb_groups: tuple[Mapping[int, VerbGroup], ...]
    quotes: Quotes
    written: Mapping[str, Mapping[str, int]]
    paragraphs: tuple[tuple[int, ...], ...]
