"""Which of the known languages a version is written in."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from audit.errors import NotScored
from audit.language import find
from audit.model import Language, Version

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

SCRIPT_LETTERS = 20
"""From so many letters on, a text that is mostly not in Latin script is refused."""

LANGUAGE_LETTERS = 200
"""From so many letters on the language is identified; below, one foreign name decides it."""

OTHER_LANGUAGE = 0.7
DECLARED = 0.01
"""A text is refused if another language has at least, and the declared one (English, if none is) at
most, this probability.

Indonesian, so near to Malay, has .75; a list of names alone has no language above .25. Of 3,995
machine renderings into English of 100 letters and more the lowest has .15 for English.
"""

FUNCTION_WORDS = 0.25
"""A text of which at least this share are function words of the declared language is in it.

Of 1,150 English news texts (`newsroom`, `native`, `clusters`, `humanpair`, `wmt23heen`) the lowest
has .31; of texts in the other languages of wordfreq the highest has .13 of English (Hungarian). It
spares the .4 s that it takes to load what identifies languages.
"""

SAMPLE = 20_000
"""So many characters decide the language."""


_WORD = re.compile(r"[^\W\d_]+")


def identify(version: Version) -> Language:
    """The language of a version: the one that it declares if there is a pack for it, else English.

    Raises NotScored if the text shows that it is written in another one.
    """
    language = find(version.language) or find()
    assert language is not None
    sample = version.text[:SAMPLE]
    letters = sum(c.isalpha() for c in sample)
    latin = sum(c.isalpha() and _is_latin(c) for c in sample)
    if letters >= SCRIPT_LETTERS and latin < letters / 2:
        raise NotScored(version.id, f"not {language.name} (most letters are not Latin)")
    if latin >= LANGUAGE_LETTERS and _function_words(sample, language) < FUNCTION_WORDS:
        only_latin = "".join(" " if c.isalpha() and not _is_latin(c) else c for c in sample)
        ranked = _identifier().rank(only_latin)
        code, probability = ranked[0]
        declared = dict(ranked).get(language.code, 1.0)
        if probability >= OTHER_LANGUAGE and declared <= DECLARED:
            raise NotScored(
                version.id,
                f"not {language.name} (language {code}, probability {probability:.2f})",
            )
    return language


def _function_words(sample: str, language: Language) -> float:
    """The share of the words of a text that are function words of a language."""
    words = _WORD.findall(sample)
    return sum(map(language.is_function_word, words)) / len(words) if words else 0.0


def _is_latin(c: str) -> bool:
    """Whether a letter lies in the Latin blocks of Unicode."""
    return c < "\u0250" or "\u1e00" <= c <= "\u1eff" or "\uff21" <= c <= "\uff5a"


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
