"""How English words are made of others: compounds, prefixes, endings, spelling conventions."""

from __future__ import annotations

from audit.language.en.lexicon import is_english, is_function_word, words, zipf

__all__ = ["completed", "is_adverb", "is_formed", "is_inflection", "is_plural"]

PREFIXED = 2.5
SUFFIXED = 3.0
COMPOUNDED = 4.0
"""Zipf frequencies from which a listed word may have a prefix, have a suffix, or be in a compound:
rarer and shorter ones are found in many a misspelling."""

PART = 4
"""Fewest letters of a word that another is made of."""

_CONVENTIONS = (("ae", "e"), ("oe", "e"), ("ou", "o"), ("ll", "l"), ("gement", "gment"))
"""British and American spellings that differ by a letter: colour, travelled, judgement."""


def is_formed(word: str) -> bool:
    """Whether a word is a compound, or a listed word with a prefix or suffix."""
    if len(word) < PART + 2:
        return False
    for prefix in words("prefixes"):
        rest = word.removeprefix(prefix)
        if rest != word and _is_part(rest, PREFIXED):
            return True
    for suffix in words("suffixes"):
        stem = word.removesuffix(suffix)
        if stem != word and _is_part(stem, SUFFIXED):
            return True
    return any(
        _is_part(word[:k], COMPOUNDED)
        and _is_part(word[k:], COMPOUNDED)
        and not is_function_word(word[:k])
        for k in range(PART, len(word) - PART + 1)
    )


def _is_part(word: str, frequency: float) -> bool:
    return len(word) >= PART and is_english(word, rare=False) and zipf(word) > frequency


def is_inflection(a: str, b: str) -> bool:
    """Whether two words one edit apart differ as grammar or spelling conventions make them differ.

    Of two words of one length only a pair with swapped letters counts as different words; so do
    two function words only if they are "as" and "was".
    """
    if not (a.isalpha() and b.isalpha()):
        return True
    if len(a) == len(b):
        singular = a.removesuffix("s"), b.removesuffix("s")
        return sorted(a) != sorted(b) or {w[-2:] for w in singular} == {"re", "er"}
    short, long = sorted((a, b), key=len)
    if long[:-1] == short and long[-1] in "sdreyn" and not is_function_word(long):
        return True
    if long[0] in "ae" and long[1:] == short:
        return True
    if any(long.replace(x, y, 1) == short for x, y in _CONVENTIONS):
        return True
    return is_function_word(a) and is_function_word(b) and {a, b} != {"as", "was"}


def is_plural(word: str) -> bool:
    """Whether a word is a listed one with a plural's s."""
    return word.endswith("s") and is_english(word.rstrip("s"))


def is_adverb(word: str) -> bool:
    """Whether a listed word is an adverb in -ly that stands in no name."""
    stem = word.removesuffix("ly")
    return (
        stem != word
        and len(stem) > PART
        and is_english(stem, rare=False)
        and is_english(word, rare=False)
        and word not in words("ly_names")
    )


def completed(word: str, following: str) -> str | None:
    """The "and" that was cut short to "an", as a function word with a consonant follows it."""
    cut = word == "an" and is_function_word(following) and following[0] not in "aeiou"
    return "and" if cut else None
