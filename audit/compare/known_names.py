"""Names that the settings list as spelled rightly: no finding may object to one.

A known name stands for itself, for each of its capitalised words and for each run of its words,
with or without a possessive ending, in any case, with hyphens or spaces between its parts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from audit.language.spelling import fold, words_in
from audit.model import Language

__all__ = ["KnownNames"]


class KnownNames:
    """The setting `names`, as one policy for all detectors.

    "Nursultan Nazarbayev" covers "Nursultan", "Nazarbayev’s" and "NAZARBAYEV". "Theresa May" covers
    "May" but not "may", which is a word. "Ursula von der Leyen" covers "von der Leyen" but not
    "der".
    """

    def __init__(self, names: Iterable[str], language: Language) -> None:
        self._language = language
        self._written = tuple(map(_stripped, names))
        self._names = tuple(map(_parts, self._written))

    def covers(self, text: str) -> bool:
        """Whether a text is a known name or a part of one."""
        if not self._names:
            return False
        found = _parts(text)
        return any(self._is_part(found, name) for name in self._names)

    def forbids(self, text: str, new: str) -> bool:
        """Whether to write `new` for `text` would change a known name or do away with one.

        What brings a known name to its known spelling is allowed: "nazarbayev" to "Nazarbayev".
        """
        if self.covers(text):
            mends = self._spells(new) and not self._spells(text)
            return not (mends and _folded(text) == _folded(new))
        lost = Counter(_folded(text)) - Counter(_folded(new))
        return any(self.covers(part) and fold(part) in lost for part in _parts(text))

    def _is_part(self, found: tuple[str, ...], name: tuple[str, ...]) -> bool:
        """Whether these words are a run of a name's, one of them a word that names somebody."""
        small = all(part.islower() for part in name)
        return any(
            all(map(self._is_same, found, name[i:]))
            and any(small or not part.islower() for part in name[i : i + len(found)])
            for i in range(len(name) - len(found) + 1)
        )

    def _is_same(self, ours: str, theirs: str) -> bool:
        is_common = ours.islower() and not theirs.islower() and self._language.is_word(ours)
        return fold(ours) == fold(theirs) and not is_common

    def _spells(self, text: str) -> bool:
        """Whether a text stands so, letter by letter, in a known name."""
        whole = re.compile(rf"(?<!\w){re.escape(_stripped(text))}(?!\w)")
        return any(map(whole.search, self._written))


def _stripped(text: str) -> str:
    """A text from its first word to its last, whose possessive ending is left out."""
    words = words_in(text)
    return text[words[0].start : words[-1].start + len(words[-1].bare)] if words else ""


def _parts(text: str) -> tuple[str, ...]:
    """The words of a text, possessive endings left out, taken apart at hyphens."""
    return tuple(part for w in words_in(text) for part in w.bare.split("-") if part)


def _folded(text: str) -> list[str]:
    return [fold(part) for part in _parts(text)]
