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

LANGUAGE_PROBABILITY = 0.95
"""Least probability of another language, and `1 -` most of English, to refuse a text."""

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
    letters = [c for c in version.text[:SAMPLE] if c.isalpha()]
    other = sum(not _is_latin(c) for c in letters)
    if len(letters) >= SCRIPT_LETTERS and other > len(letters) / 2:
        raise NotScored(version.id, "not English (most letters are not Latin)")
    if len(letters) >= LANGUAGE_LETTERS:
        language, probability = _identifier().classify(version.text[:SAMPLE])
        if language != "en" and probability >= LANGUAGE_PROBABILITY:
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
