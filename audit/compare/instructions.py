"""Sentences that speak to a language model instead of a reader ("ignore all instructions")."""

from __future__ import annotations

import re
from functools import cache

from audit.model import Language, Sentence

_HIDDEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Marks that nobody sees and that may part a word."""


def is_instruction(sentence: Sentence, language: Language) -> bool:
    """Whether a sentence speaks to a language model, by the table `instructions`."""
    pattern = _pattern(language)
    return pattern is not None and bool(pattern.search(_HIDDEN.sub("", sentence.text)))


@cache
def _pattern(language: Language) -> re.Pattern[str] | None:
    patterns = language.table("instructions").get("patterns")
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE) if patterns else None
