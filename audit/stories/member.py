"""What the index keeps of an article: one plain row, and how it is made."""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from audit.language import find
from audit.language.spelling import fold, is_capitalised, plain_words
from audit.model import Language
from audit.model.article import Article
from audit.stories.lead import whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COMMON = 6.5
"""Zipf frequency at which a word weighs nothing; each step down to 0 weighs one more. A fixed
weight, unlike an inverse document frequency, does not change with what else is in the index: two
articles are as near tonight as they were last night. 5.5 to 7.5 were tried: docs/stories.md."""

MOST_WORDS = 1_000
"""Words of an article that are read."""

MOST_TERMS = 256
"""Words, and names, that are kept of an article: the rarest."""

SHINGLE = 5
"""Words in a shingle of the MinHash signature."""

HASHES = 64
"""Numbers in a signature: the share of shingles in common is known to ± .06."""

SCHEME = "affine32"
"""The way of hashing, which signatures that were kept have to have in common."""

_WORD = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’ʼ]s?$")
_START = re.compile(r"[.!?:;•|\n“\"‘(]\s?$")
"""What comes before a word whose capital says nothing."""


@dataclass(frozen=True, slots=True)
class Member:
    """An article in the index. All bytes are little-endian arrays without a header.

    `words` and `names` are pairs of term hash (uint32) and weight (float32), heaviest first; each
    list has length 1. `vector` is the lead's (float32), `signature` the MinHash one (uint32).
    `time` is when the article was published, where that is known.
    """

    article: str
    story: str
    digest: str
    language: str
    time: datetime | None
    fetched: datetime
    words: bytes
    names: bytes
    vector: bytes
    signature: bytes


def member_of(article: Article, vector: NDArray[np.float32]) -> Member:
    """The row of an article that belongs to no story yet."""
    language = find(article.language) or find()
    assert language is not None
    text = whole(article)
    words, names = _terms(text)
    names -= language.words("calendar") | language.words("titles")
    return Member(
        article=article.id,
        story="",
        digest=article.digest,
        language=(article.language or language.code).lower().partition("-")[0],
        time=article.published and min(article.published, article.fetched),
        fetched=article.fetched,
        words=_weighed(words, language),
        names=_weighed(names, language),
        vector=vector.astype("<f4").tobytes(),
        signature=_signature(text),
    )


def _terms(text: str) -> tuple[set[str], set[str]]:
    """The folded words of a text, and those with a capital where none is due."""
    words: set[str] = set()
    names: set[str] = set()
    for count, m in enumerate(_WORD.finditer(text)):
        if count == MOST_WORDS:
            break
        word = _POSSESSIVE.sub("", m.group())
        folded = fold(word)
        words.add(folded)
        begins = m.start() == 0 or _START.search(text, max(0, m.start() - 2), m.start())
        if is_capitalised(word) and not begins:
            names.add(folded)
    return words, names


def _weighed(terms: Iterable[str], language: Language) -> bytes:
    """The heaviest terms, in the form of `Member.words`."""
    weights: Mapping[int, float] = {
        crc32(t.encode()): weight
        for t in sorted(terms)
        if (weight := COMMON - language.zipf(t)) > 0
    }
    kept = sorted(weights, key=lambda t: (-weights[t], t))[:MOST_TERMS]
    length = sum(weights[t] ** 2 for t in kept) ** 0.5
    import numpy as np

    pairs = np.array(
        [(t, weights[t] / length) for t in kept], dtype=[("term", "<u4"), ("weight", "<f4")]
    )
    return pairs.tobytes()


def _signature(text: str) -> bytes:
    """MinHash of the shingles of a text (Broder 1997); of its words if it is shorter than one."""
    from datasketch import MinHash

    words = plain_words(text)[:MOST_WORDS]
    last = max(1, len(words) - SHINGLE + 1)
    sketch = MinHash(HASHES, hashfunc=crc32, scheme=SCHEME)
    sketch.update_batch([" ".join(words[i : i + SHINGLE]).encode() for i in range(last)])
    signature: bytes = sketch.hashvalues.astype("<u4").tobytes()
    return signature
