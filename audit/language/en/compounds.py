"""Tokens of several words or with figures, read as wordfreq reads them (Speer 2022).

wordfreq takes .1 s to load. Words of Latin letters, figures and the marks inside them are read here
instead; `tests/test_frequencies.py` holds both to the same frequencies. What else there may be goes
to wordfreq itself.
"""

from __future__ import annotations

import re
from math import prod

__all__ = ["parts_of", "share_of_digits", "with_zeros"]

_LATIN = re.compile(r"[a-z0-9ß-öø-ɏ.,:;'’-]*")
_VOWELS = "aeiouyháéíóúàèìòùâêîôûåïöœ"
_PART = re.compile(
    rf"(?!\w\w?'[{_VOWELS}])\w+"
    r"(?:(?<=\d)[.,;'’](?=\d)\w+|(?<!\d)[.:'’](?=[^\W\d])\w+)*"
    r"|\w\w?'"
)
"""A word by Unicode's rules (UAX 29) for these characters; of "l'arc" the article is one."""

_FIGURE = re.compile(r"\d[\d.,]+")

_FIRST_DIGIT = (0.009, 0.300, 0.175, 0.124, 0.096, 0.078, 0.066, 0.057, 0.050, 0.045)
"""How often a figure begins with 0, 1, …: Benford's law, and a guess for leading zeros."""

_PRESENT = (2019, 2039)
"""Years that are written most; before them a year is rarer by _PER_YEAR_BEFORE, in powers of ten,
than the next, after them by _PER_YEAR_AFTER than the one before."""
_PEAK = -1.9185
_PER_YEAR_BEFORE = 0.0083
_PER_YEAR_AFTER = 0.2
_NO_YEAR = 0.1
"""Share of figures of four digits that are no year."""


def parts_of(token: str) -> list[str]:
    """The words of a token, in lower case with straight apostrophes."""
    folded = token.casefold()
    if not _LATIN.fullmatch(folded):
        from wordfreq.tokens import lossy_tokenize

        parts: list[str] = lossy_tokenize(token, "en")
        return parts
    return [part.strip("'").replace("’", "'") for part in _PART.findall(folded)]


def with_zeros(part: str) -> str:
    """The part as lists have it: a figure of several digits is a row of zeros."""
    return _FIGURE.sub(lambda m: re.sub(r"\d", "0", m[0]), part)


def share_of_digits(part: str) -> float:
    """The share of the figures of this form that have these digits."""
    figures = (n for m in _FIGURE.findall(part) for n in re.findall(r"\d+", m))
    return prod(map(_share, figures))


def _share(digits: str) -> float:
    by_first: float = _FIRST_DIGIT[int(digits[0])] / 10 ** (len(digits) - 1)
    if len(digits) != 4:
        return by_first
    year = int(digits)
    begin, end = _PRESENT
    rarer = _PER_YEAR_BEFORE * max(begin - year, 0) + _PER_YEAR_AFTER * max(year - end, 0)
    as_year: float = 10 ** (_PEAK - rarer)
    return as_year + _NO_YEAR * by_first
