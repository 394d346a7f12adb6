"""Versions of a story, and what segmentation cuts them into."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from audit.model.ignore import Ignore

SentenceKind = Literal["headline", "item", "body"]
"""A headline or subhead, an item of a list, or running text."""


@dataclass(frozen=True, slots=True)
class Version:
    """One rendering of a story, as it was given.

    `ignores` says what its author marked as no fault; only of a file that a person gives by hand,
    never of a page or a feed. Versions are equal whatever they ignore.
    """

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None
    ignores: tuple[Ignore, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or punctuation mark of a version."""

    start: int
    end: int
    text: str

    @property
    def is_word(self) -> bool:
        """Whether the token has a letter or a digit."""
        return self.text.isalnum() or any(map(str.isalnum, self.text))

    @property
    def has_digit(self) -> bool:
        """Whether the token has a digit."""
        return any(map(str.isdigit, self.text))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a version that is scored as language.

    `index` counts the version's sentences from 0 in text order.
    """

    version: str
    index: int
    start: int
    end: int
    text: str
    kind: SentenceKind
    tokens: tuple[Token, ...]

    @property
    def is_terse(self) -> bool:
        """Whether it needs no verb, no capital and no stop: a headline or an item of a list."""
        return self.kind != "body"


@dataclass(frozen=True, slots=True)
class Residue:
    """A span of a version that is page furniture; `kind` says which (byline, caption, …)."""

    version: str
    start: int
    end: int
    kind: str


Place = tuple[str, int]
"""A version's id and the index of one of its sentences."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one version has at one place."""

    version: str
    start: int
    end: int
    quote: str


class Span(Protocol):
    """A stretch of a version: a token, a sentence, a scored sentence, a finding, a reading."""

    @property
    def start(self) -> int:
        """Offset of its first character."""

    @property
    def end(self) -> int:
        """Offset after its last character."""


AnySpan = TypeVar("AnySpan", bound=Span)


def touched(spans: Sequence[Span], start: int, end: int) -> range:
    """The indices of the spans that share a character with `start` to `end`.

    `spans` stand in text order and do not overlap, as the sentences of a version do.
    """
    first = bisect_right(spans, start, key=lambda s: s.end)
    return range(first, bisect_left(spans, end, first, key=lambda s: s.start))


def span_at(spans: Sequence[AnySpan], offset: int) -> AnySpan | None:
    """The span, of such as `touched` takes, that holds an offset; None if none does."""
    return next((spans[i] for i in touched(spans, offset, offset + 1)), None)
