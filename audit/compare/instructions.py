"""Sentences that speak to a language model instead of a reader ("ignore all instructions")."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from audit.model import Language, Sentence

_HIDDEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Marks that nobody sees and that may part a word."""

_CODE = re.compile(r"[<>{}\[\]\\|`^~#]|([=*_/:-])\1\1|://|[^\W_]{28}|\b(?=\w*\d)(?=\w*[a-z])\w{16}")
"""Marks of code and of borders between texts, addresses, and runs of letters that are no word."""

FOREIGN = 0.5
"""Share of unknown words in lower case from which a sentence is not in the page's language …"""

FEWEST = 3
"""… if it has at least so many."""


def is_instruction(sentence: Sentence, language: Language) -> bool:
    """Whether a sentence speaks to a language model, by the table `instructions`."""
    pattern = _pattern(language, "patterns")
    return pattern is not None and bool(pattern.search(_HIDDEN.sub("", sentence.text)))


def may_be_instruction(sentence: Sentence, language: Language) -> bool:
    """Whether a sentence might speak to a language model: a wide net, which also takes news.

    It takes what speaks of the work of a reader of texts or asks for something, what is written in
    another language, in mixed alphabets or with marks of code, and what hides something.
    """
    text = sentence.text
    if is_instruction(sentence, language) or _HIDDEN.search(text) or _CODE.search(text):
        return True
    pattern = _pattern(language, "suspects")
    if pattern is not None and pattern.search(text):
        return True
    words = [t.text for t in sentence.tokens if t.is_word]
    if any(map(_is_disguised, words)):
        return True
    low = [w for w in words if w.islower() or not w.isascii()]
    unknown = sum(not language.is_word(w.lower()) for w in low)
    return len(low) >= FEWEST and unknown >= FOREIGN * len(low)


@cache
def _pattern(language: Language, name: str) -> re.Pattern[str] | None:
    patterns = language.table("instructions").get(name)
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE) if patterns else None


def _is_disguised(word: str) -> bool:
    """Whether a word mixes alphabets, or has letters that stand for others (Unicode TS 39)."""
    letters = [c for c in word if c.isalpha()]
    alphabets = {unicodedata.name(c, "").split(" ")[0] for c in letters}
    return len(alphabets) > 1 or any(unicodedata.normalize("NFKC", c) != c for c in letters)
