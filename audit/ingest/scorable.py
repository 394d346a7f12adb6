"""Whether a text is fit to be scored."""

from __future__ import annotations

from audit.config import Settings
from audit.errors import NotScored
from audit.language.identify import identify
from audit.model import Language, Version

__all__ = ["check_scorable"]


def check_scorable(version: Version, settings: Settings) -> Language:
    """The language of a version that can be scored.

    Raises NotScored if it is empty, binary, over-long or in a language that is not known.
    """
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
    return identify(version)
