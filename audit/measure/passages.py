"""Cuts a text into passages: sentences that a language model reads in one go.

In a passage every sentence is read after the one before it, and each only once: as what is asked
about and as what the next one is read after. So how a sentence is read depends on its passage up to
it. Passages end where the text says so and not at a count from its beginning (content-defined
chunking: Muthitacharoen et al. 2001), so that two texts that share some paragraphs share passages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from audit.model import Sentence

LONGEST = 180
"""Most tokens of a passage of several sentences. Each passage reads the sentence before it once
more; attention to a longer row costs more for each of its ids."""
ENDS = 16
"""One sentence in so many ends its passage."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences of one text, one after another, and the text of the one before them."""

    context: str
    sentences: tuple[Sentence, ...]

    def contexts(self) -> list[str]:
        """The text of the sentence before each one; empty at the beginning of a text."""
        return [self.context, *(s.text for s in self.sentences[:-1])]

    def keys(self, read_as: Callable[[Sentence], str]) -> list[bytes]:
        """What the reading of each sentence is kept by: all that it depends on but the model.

        `read_as` says as what a sentence is read.
        """
        digest = hashlib.blake2b(_bytes(self.context), digest_size=16)
        found = []
        for s in self.sentences:
            text = _bytes(s.text)
            digest.update(b"%s\0%d " % (_bytes(read_as(s)), len(text)) + text)
            found.append(digest.digest())
        return found


def passages(sentences: Sequence[Sentence], before: str = "") -> Iterator[Passage]:
    """The passages of sentences that stand one after another, `before` the text before them."""
    own: list[Sentence] = []
    size = 0
    for s in sentences:
        if own and (size + len(s.tokens) > LONGEST or _ends(own[-1])):
            yield Passage(before, tuple(own))
            before, own, size = own[-1].text, [], 0
        own.append(s)
        size += len(s.tokens)
    if own:
        yield Passage(before, tuple(own))


def _ends(sentence: Sentence) -> bool:
    return hashlib.blake2b(_bytes(sentence.text), digest_size=1).digest()[0] % ENDS == 0


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
