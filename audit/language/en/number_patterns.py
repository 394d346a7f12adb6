"""The words and patterns by which numbers, sums, dates and times are read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from audit.language.en.names import MONTHS
from audit.language.en.tables import table

_FILES = ("numbers", "currencies", "units", "zones")


_DATA = {key: value for name in _FILES for key, value in table(name).items()}


def _values(name: str, first: int, factor: int = 1) -> dict[str, int]:
    return {w: n * factor for n, w in enumerate(_DATA[name].split(), start=first)}


UNITS = _values("units", 0) | _values("tens", 2, 10)
ORDINALS = _values("ordinals", 1) | _values("ordinal_tens", 2, 10)
DECADES = _values("decades", 2, 10)
SCALES: dict[str, float] = _DATA["scales"]
VAGUE: dict[str, tuple[float, float]] = _DATA["vague"]
MEASURES: dict[str, tuple[str, float]] = {
    word: (family, factor)
    for family, entries in _DATA["measures"].items()
    for word, factor in entries.items()
}
FAMILIES = frozenset(_DATA["measures"])
ZONES: dict[str, tuple[float, float]] = _DATA["zones"] | _DATA["zone_names"]
CURRENCIES: dict[str, str] = _DATA["currencies"]
CURRENCY_WORDS: dict[str, str] = _DATA["currency_words"]
FEASTS = frozenset(_DATA["feasts"].split())
RACES = frozenset(_DATA["races"].split())
PEOPLE = frozenset(_DATA["people"].split())
MONTH_LEADS = frozenset(_DATA["month_leads"].split())
CLEAR_MONTH_LEADS = frozenset(_DATA["clear_month_leads"].split())
LIKE_NAMES = frozenset(_DATA["months_like_names"].split())
MONTH_NUMBERS = {
    form: float(n) for n, m in enumerate(MONTHS, start=1) for form in (m, m[:3], m[:4])
}
POUNDS = "pounds"
"""A currency or a unit of mass: money only where a scale word or a price is near."""

METRES_OR_MILLIONS = "m"
"""Unit of a figure whose "m" may be either; it is compared with nothing else."""


def _any(forms: Iterable[str]) -> str:
    """A pattern for any of these forms, long ones first."""
    return "|".join(re.escape(f) for f in sorted(forms, key=len, reverse=True))


_CODES = _any(c for c in CURRENCIES if c.isalpha())
_ISO_CODES = _any(c for c in CURRENCIES if len(c) == 3 and c.isalpha())
_SIGNS = _any(c for c in CURRENCIES if not c.isalpha())
_UNIT_WORDS = (
    _any(w for w in CURRENCY_WORDS if w.isalpha()) + "|" + _any(_DATA["measures"]["length"])
)
_ZONE = _any(z for z in ZONES if z.isupper()) + "|" + _any(_DATA["unclear_zones"].split())

_FIGURE = (
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?(?!\d)|\d{1,3}(?:[\u00a0\u202f]\d{3})+(?!\d)"
    rf"|(?:(?<=[$€£¥₹₽])|(?<![\d,.] )(?<!\d)(?=[\d ]+ (?:{_UNIT_WORDS})s?\b))"
    r"\d{1,3}(?: \d{3})+(?!\d)"
    r"|(?<!\d,)(?<!\d)\d{1,3},\d{1,2}(?!\d|,\d)"
    r"|\d{1,3}(?:\.\d{3}){2,}(?!\d)|\d+(?:\.\d+)?"
)
TOKEN = re.compile(
    rf"(?P<clock>(?<![\d:])\d{{1,2}}\s?[:.]\s?[0-5]\d(?:\s?[ap]\.?m\b\.?)|(?<![\d:])\d{{1,2}}\s?:\s?[0-5]\d(?![\d:])"
    rf"|(?<![\d.,:])(?:[01]\d|2[0-3])[0-5]\d(?=\s?(?:{_ZONE}|hrs|hours)\b))"
    rf"|(?P<label>\b(?!(?:{_CODES})\d)[A-Za-z]+-?\d+[A-Za-z]?\b)"
    rf"|(?P<figure>{_FIGURE})(?P<tail>(?:st|nd|rd|th|s|k|m|mn|bn|tn|D)\b|['’]s\b)?"
    r"|(?P<word>[A-Za-z]+(?:['’]s)?)"
    r"|(?P<sign>%|[$€£¥₹₽₩₺₪₴])"
    r"|(?P<mark>\S)"
)
OVER = re.compile(
    r"(?:more than|over|at least|above|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|upwards of|"
    r"no (?:less|fewer) than|not less than|as many as|a good|beyond|greater than)\W*(?:an? )?$"
)
ABOUT = re.compile(
    r"(?:about|around|approximately|roughly|some|circa|ca\.?|approx\.?|estimated|close to|"
    r"in the region of|an average of|~|≈)\W*(?:an? |at )?$"
)
UNDER = re.compile(
    r"(?:less than|fewer than|under|below|nearly|almost|up to|not quite|no more than|at most|"
    r"just short of|within)\W*(?:an? )?$"
)
CURRENCY_BEFORE = re.compile(rf"(?:(?P<sign>{_SIGNS})|\b(?P<code>{_CODES})\.?)[ \u00a0]?$")
CURRENCY_AFTER = re.compile(
    r"^[ \u00a0-](?:(?P<of>[A-Z][\w.]*(?: [A-Z]\w*)?) )?"
    rf"(?P<word>{_any(CURRENCY_WORDS)})(?:s|es)?\b",
    re.I,
)
CODE_AFTER = re.compile(rf"^[ \u00a0]?(?:(?P<sign>[€£₽₺₪₴])|(?P<code>{_ISO_CODES})\b)")
PERCENT = re.compile(r"^(?: ?%|[ -](?:percent|per cent|percentage points?|pct)\b)", re.I)
YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|from|until|till|by|of|before|after|to|between|and|early|late|mid|year|"
    r"years|during|for|the|spring|summer|autumn|winter|fall|" + "|".join(MONTHS) + r")[ -]"
    r"|[(\[–-]|\d, |(?:" + "|".join(MONTHS) + r"),? |^)$",
    re.I,
)
YEAR_RANGE = re.compile(r"\b(?:1\d|20)\d\d ?[–-] ?$")
AGE_BEFORE = re.compile(r"(?:\b[Aa]ged? (?:of )?|[A-Z]\w+(?:,| \() ?)$")
AGE_AFTER = re.compile(r"[ -]years?[ -]olds?\b")
MONTH_BEFORE = re.compile(
    r"\b(?:" + "|".join(f"{m}|{m[:4]}\\.?|{m[:3]}\\.?" for m in MONTHS) + r") (?:the )?$", re.I
)
MONTH_AFTER = re.compile(r"^(?: of)? (?:" + "|".join(MONTHS) + r")\b", re.I)
NUMBER_BEFORE = re.compile(r"\d(?:st|nd|rd|th)?(?: of|,)? $")
NUMBER_AFTER = re.compile(r"^\.?,? \d")
ZONE_AFTER = re.compile(
    rf"^[ \u00a0]?\(?(?:(?P<code>{_ZONE})\b"
    r"|(?P<local>(?i:local)(?: [Tt]ime)?)\b"
    r"|(?:in )?(?P<named>[A-Z][\w.]*)(?: (?:[Ss]tandard|[Dd]aylight|[Ss]ummer|[Mm]ean))? [Tt]ime\b)"
)
HALF_DAY = re.compile(r"^ ?[ap]\.? ?m\b\.?|^\.|^ ?o['’]clock", re.I)
METRES_AFTER = re.compile(r"[ -](?:high|tall|long|deep|wide|away|above|below|thick|apart)\b")
HALF_MORE = re.compile(r" and a half\b", re.I)
HOUR_AFTER = re.compile(r"^ ?(?P<half>[ap])\.? ?m\b\.?|^ ?o['’]clock", re.I)
