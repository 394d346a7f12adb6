"""Whether a text is fit to be scored."""

from __future__ import annotations

import re

from audit.config import Settings
from audit.errors import NotScored
from audit.language.identify import identify
from audit.model import Language, Version

__all__ = ["check_scorable"]


def check_scorable(version: Version, settings: Settings) -> Language:
    """The language of a version that can be scored.

    Raises NotScored if it is empty, binary, over-long, in a language that is not known, or a page
    that stands in place of an article.
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
    language = identify(version)
    if wall := _wall(text, language):
        raise NotScored(version.id, f"{wall}, not an article; give the article's own text")
    return language


def _wall(text: str, language: Language) -> str | None:
    """What stands in place of the article: a consent wall or a page that stops the reader."""
    walls = language.table("residue").get("walls")
    if not walls:
        return None
    topic, reader = (re.compile(walls[k]) for k in ("topic", "reader"))
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|[\r\n]+", text) if s.strip()]
    words = [len(s.split()) for s in sentences]
    asking = 0
    topics: set[str] = set()
    for sentence, count in zip(sentences, words, strict=True):
        if reader.search(sentence) and (found := topic.findall(sentence)):
            asking += count
            topics.update(t.lower() for t in found)
    if len(topics) >= walls["topics"] and asking >= walls["share"] * sum(words):
        return "a page that asks for consent"
    stops = "|".join(walls["stop"])
    if sum(words) <= walls["stop_words"] and re.search(stops, text, re.IGNORECASE):
        return "a page that keeps the reader out"
    return None
