"""Whether a text is fit to be scored."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from audit.config import Settings
from audit.errors import NotScored
from audit.model import Version

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

__all__ = ["check_scorable"]

SCRIPT_LETTERS = 20
"""From so many letters on, a text that is mostly not in Latin script is refused."""

LANGUAGE_LETTERS = 200
"""From so many letters on the language is identified; below, one foreign name decides it."""

OTHER_LANGUAGE = 0.7
ENGLISH = 0.01
"""A text is refused if another language has at least, and English at most, this probability.

Indonesian, so near to Malay, has .75; a list of names alone has no language above .25. Of 3,995
machine renderings into English of 100 letters and more the lowest has .15 for English.
"""

SAMPLE = 20_000
"""So many characters decide the language."""


def check_scorable(version: Version, settings: Settings) -> None:
    """Raise NotScored if a version is empty, binary, over-long or not English; say which."""
    text = version.text
    if len(text) > settings.max_chars:
        raise NotScored(
            version.id,
            f"{len(text):,} characters, more than max_chars = {settings.max_chars:,}; "
            "raise that setting or cut the text",
        )
    if not text.strip():
        raise NotScored(version.id, "empty")
    if "\0" in text:
        raise NotScored(version.id, f"binary data (character U+0000 at {text.index(chr(0))})")
    lone = next((i for i, c in enumerate(text) if "\ud800" <= c <= "\udfff"), None)
    if lone is not None:
        raise NotScored(version.id, f"damaged text (half a character at {lone})")
    if not any(c.isalnum() for c in text):
        raise NotScored(version.id, "empty: no word in it")
    _check_english(version)


def _check_english(version: Version) -> None:
    sample = version.text[:SAMPLE]
    letters = sum(c.isalpha() for c in sample)
    latin = sum(c.isalpha() and _is_latin(c) for c in sample)
    if letters >= SCRIPT_LETTERS and latin < letters / 2:
        raise NotScored(version.id, "not English (most letters are not Latin)")
    if latin >= LANGUAGE_LETTERS:
        only_latin = "".join(" " if c.isalpha() and not _is_latin(c) else c for c in sample)
        ranked = _identifier().rank(only_latin)
        language, probability = ranked[0]
        if probability >= OTHER_LANGUAGE and dict(ranked)["en"] <= ENGLISH:
            raise NotScored(
                version.id, f"not English (language {language}, probability {probability:.2f})"
            )


def _is_latin(c: str) -> bool:
    """Whether a letter lies in the Latin blocks of Unicode."""
    return c < "\u0250" or "\u1e00" <= c <= "\u1eff" or "\uff21" <= c <= "\uff5a"


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
