"""An open document as a version, and the way back from the version to the document.

Findings count in the version's text. That of Markdown is without markup: there an offset is found
again in the document by aligning both (longest common subsequence).
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.errors import NotScored
from audit.ingest.extract import from_markdown
from audit.ingest.ignores import heeded
from audit.model import Version

MARKDOWN_CHARS = 20_000
"""Longest Markdown, in code points: aligning it takes 50 MB, and grows with the square."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a client shows: its address, its text and its number, which grows with each change."""

    uri: str
    text: str
    number: int | None
    language: str
    """What the client calls its language or markup, such as `plaintext`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document read as a version; `offsets` are those of the version's code points in the
    document, -1 for one that is not there; None if both texts are the same."""

    version: Version
    offsets: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """A span of the version in the document; None if its edges are not there."""
        if self.offsets is None:
            return start, end
        first, last = self.offsets[start], self.offsets[end - 1]
        return None if min(first, last) < 0 else (first, last + 1)


def read(document: Document, version_id: str) -> Source:
    """The document as the version of that id. Raises NotScored if it cannot be read."""
    if document.language == "html":
        raise NotScored(version_id, "a page; `mtaudit check` takes the article out of it")
    if document.language != "markdown":
        return Source(heeded(Version(version_id, document.text)))
    if len(document.text) > MARKDOWN_CHARS:
        why = f"Markdown longer than {MARKDOWN_CHARS:,} characters; use `mtaudit check`"
        raise NotScored(version_id, why)
    version = from_markdown(version_id, document.text, by_hand=True)
    return Source(version, _offsets(version.text, document.text))


def _offsets(text: str, within: str) -> tuple[int, ...]:
    from rapidfuzz.distance import LCSseq

    offsets = [-1] * len(text)
    for step in LCSseq.opcodes(text, within):
        if step.tag == "equal":
            for i in range(step.src_end - step.src_start):
                offsets[step.src_start + i] = step.dest_start + i
    return tuple(offsets)
