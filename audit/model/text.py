"""Versions of a story, and what segmentation cuts them into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SentenceKind = Literal["headline", "body"]


@dataclass(frozen=True, slots=True)
class Version:
    """One rendering of a story, as it was given."""

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or punctuation mark of a version."""

    start: int
    end: int
    text: str

    @property
    def is_word(self) -> bool:
        """Whether the token has a letter or a digit."""
        return any(c.isalnum() for c in self.text)

    @property
    def has_digit(self) -> bool:
        """Whether the token has a digit."""
        return any(c.isdigit() for c in self.text)


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
