"""The names that an article is learned from: full names in running text."""

from __future__ import annotations

from audit.annotate.names import find_names
from audit.language.spelling import is_mostly_capitalised, words_in
from audit.model import Language, Version
from audit.segment.repair import repaired
from audit.segment.sentences import segment

LONGEST = 5
"""Words of the longest name that is learned: more are mostly two names or a title."""


def full_names(version: Version, language: Language) -> frozenset[str]:
    """The names of two words and more in the sentences of a version, as they are written.

    A family name alone may be anybody's and is covered by the full name. Headlines, and
    sentences that are written like them, are left out: their capitals say nothing.
    """
    mended = repaired((version,), language)
    read = mended[version.id].read if version.id in mended else version
    sentences = tuple(
        s
        for s in segment(read, language)[0]
        if s.kind == "body" and not is_mostly_capitalised(words_in(s.text))
    )
    words = {read.id: tuple(words_in(s.text, s.start) for s in sentences)}
    mentions = find_names({read.id: sentences}, words, language)[read.id]
    return frozenset(
        " ".join(read.text[m.start : m.end].split())
        for m in mentions
        if 1 < len(m.words) <= LONGEST
    )
