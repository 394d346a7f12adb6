"""An open document as a version, and the way back from the version to the document.

Findings count in the version's text. That of Markdown is without markup: there an offset is found
again in the document by aligning both (longest common subsequence). That of a page is the article
in it, whose lines are looked for among what the page shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.errors import NotScored
from audit.ingest.extract import from_html, from_markdown
from audit.ingest.ignores import heeded
from audit.lsp.page import places_in_page
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
    """A document read as a version; `places` are the spans in the document of the version's code
    points, None for one that is not there; None as a whole if both texts are the same."""

    version: Version
    places: Sequence[tuple[int, int] | None] | None = None

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """A span of the version in the document; None if its edges are not there."""
        if self.places is None:
            return start, end
        first, last = self.places[start], self.places[end - 1]
        if first is None or last is None or last[1] < first[0]:
            return None
        return first[0], last[1]


def read(document: Document, version_id: str) -> Source:
    """The document as the version of that id. Raises NotScored if it cannot be read."""
    if document.language == "html":
        version = from_html(version_id, document.text, version_id, by_hand=True)
        return Source(version, places_in_page(version.text, document.text))
    if document.language != "markdown":
        return Source(heeded(Version(version_id, document.text)))
    if len(document.text) > MARKDOWN_CHARS:
        why = f"Markdown longer than {MARKDOWN_CHARS:,} characters; use `mtaudit check`"
        raise NotScored(version_id, why)
    version = from_markdown(version_id, document.text, by_hand=True)
    return Source(version, _places(version.text, document.text))


def _places(text: str, within: str) -> Sequence[tuple[int, int] | None]:
    from rapidfuzz.distance import LCSseq

    places: list[tuple[int, int] | None] = [None] * len(text)
    for step in LCSseq.opcodes(text, within):
        if step.tag == "equal":
            for i in range(step.src_end - step.src_start):
                at = step.dest_start + i
                places[step.src_start + i] = (at, at + 1)
    return places
