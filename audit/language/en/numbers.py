"""Quantities in running text: figures, words for numbers, dates, ages, units.

A quantity is a range of values (a point mostly) in base units, of a kind, with how it is bounded
("about", "more than") and the noun it counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import resources

from audit.language.en.lexicon import words
from audit.language.en.names import MONTHS, WEEKDAYS
from audit.language.spelling import fold
from audit.model import Bound, Kind, Quantity

_DATA = tomllib.loads(
    resources.files("audit.language.en").joinpath("data/numbers.toml").read_text("utf-8")
)


def _values(name: str, first: int, factor: int = 1) -> dict[str, int]:
    return {w: n * factor for n, w in enumerate(_DATA[name].split(), start=first)}


_UNITS = _values("units", 0) | _values("tens", 2, 10)
_ORDINALS = _values("ordinals", 1) | _values("ordinal_tens", 2, 10)
_DECADES = _values("decades", 2, 10)
_SCALES: dict[str, float] = _DATA["scales"]
_VAGUE: dict[str, tuple[float, float]] = _DATA["vague"]
_MEASURES: dict[str, tuple[str, float]] = {
    word: (family, factor)
    for family, entries in _DATA["measures"].items()
    for word, factor in entries.items()
}
_FAMILIES = frozenset(_DATA["measures"])
_ZONES: dict[str, tuple[float, float]] = _DATA["zones"]
_CURRENCIES: dict[str, str] = _DATA["currencies"]
_CURRENCY_WORDS: dict[str, str] = _DATA["currency_words"]
_FEASTS = frozenset(_DATA["feasts"].split())
_RACES = frozenset(_DATA["races"].split())
_PEOPLE = frozenset(_DATA["people"].split())
_MONTH_LEADS = frozenset(_DATA["month_leads"].split())
_CLEAR_MONTH_LEADS = frozenset(_DATA["clear_month_leads"].split())
_LIKE_NAMES = frozenset(_DATA["months_like_names"].split())
_MONTH_NUMBERS = {
    form: float(n) for n, m in enumerate(MONTHS, start=1) for form in (m, m[:3], m[:4])
}
POUNDS = "pounds"
"""A currency or a unit of mass: money only where a scale word or a price is near."""

METRES_OR_MILLIONS = "m"
"""Unit of a figure whose "m" may be either; it is compared with nothing else."""


def _any(forms: Iterable[str]) -> str:
    """A pattern for any of these forms, long ones first."""
    return "|".join(re.escape(f) for f in sorted(forms, key=len, reverse=True))


_CODES = _any(c for c in _CURRENCIES if c.isalpha())
_ISO_CODES = _any(c for c in _CURRENCIES if len(c) == 3 and c.isalpha())
_SIGNS = _any(c for c in _CURRENCIES if not c.isalpha())
_UNIT_WORDS = (
    _any(w for w in _CURRENCY_WORDS if w.isalpha()) + "|" + _any(_DATA["measures"]["length"])
)
_ZONE = _any(z for z in _ZONES if z.isupper()) + "|" + _any(_DATA["unclear_zones"].split())

_FIGURE = (
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?(?!\d)|\d{1,3}(?:[\u00a0\u202f]\d{3})+(?!\d)"
    rf"|(?:(?<=[$€£¥₹₽])|(?<![\d,.] )(?<!\d)(?=[\d ]+ (?:{_UNIT_WORDS})s?\b))"
    r"\d{1,3}(?: \d{3})+(?!\d)"
    r"|(?<!\d,)(?<!\d)\d{1,3},\d{1,2}(?!\d|,\d)"
    r"|\d{1,3}(?:\.\d{3}){2,}(?!\d)|\d+(?:\.\d+)?"
)
_TOKEN = re.compile(
    rf"(?P<clock>(?<![\d:])\d{{1,2}}\s?[:.]\s?[0-5]\d(?:\s?[ap]\.?m\b\.?)|(?<![\d:])\d{{1,2}}\s?:\s?[0-5]\d(?![\d:])"
    rf"|(?<![\d.,:])(?:[01]\d|2[0-3])[0-5]\d(?=\s?(?:{_ZONE}|hrs|hours)\b))"
    rf"|(?P<label>\b(?!(?:{_CODES})\d)[A-Za-z]+-?\d+[A-Za-z]?\b)"
    rf"|(?P<figure>{_FIGURE})(?P<tail>(?:st|nd|rd|th|s|k|m|mn|bn|tn|D)\b|['’]s\b)?"
    r"|(?P<word>[A-Za-z]+(?:['’]s)?)"
    r"|(?P<sign>%|[$€£¥₹₽₩₺₪₴])"
    r"|(?P<mark>\S)"
)
_OVER = re.compile(
    r"(?:more than|over|at least|above|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|upwards of|"
    r"no (?:less|fewer) than|not less than|as many as|a good|beyond|greater than)\W*(?:an? )?$"
)
_ABOUT = re.compile(
    r"(?:about|around|approximately|roughly|some|circa|ca\.?|approx\.?|estimated|close to|"
    r"in the region of|an average of|~|≈)\W*(?:an? |at )?$"
)
_UNDER = re.compile(
    r"(?:less than|fewer than|under|below|nearly|almost|up to|not quite|no more than|at most|"
    r"just short of|within)\W*(?:an? )?$"
)
_CURRENCY_BEFORE = re.compile(rf"(?:(?P<sign>{_SIGNS})|\b(?P<code>{_CODES})\.?)[ \u00a0]?$")
_CURRENCY_AFTER = re.compile(
    r"^[ \u00a0-](?:(?P<of>[A-Z][\w.]*(?: [A-Z]\w*)?) )?"
    rf"(?P<word>{_any(_CURRENCY_WORDS)})(?:s|es)?\b",
    re.I,
)
_CODE_AFTER = re.compile(rf"^[ \u00a0]?(?:(?P<sign>[€£₽₺₪₴])|(?P<code>{_ISO_CODES})\b)")
_PERCENT = re.compile(r"^(?: ?%|[ -](?:percent|per cent|percentage points?|pct)\b)", re.I)
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|from|until|till|by|of|before|after|to|between|and|early|late|mid|year|"
    r"years|during|for|the|spring|summer|autumn|winter|fall|" + "|".join(MONTHS) + r")[ -]"
    r"|[(\[–-]|\d, |(?:" + "|".join(MONTHS) + r"),? |^)$",
    re.I,
)
_YEAR_RANGE = re.compile(r"\b(?:1\d|20)\d\d ?[–-] ?$")
_AGE_BEFORE = re.compile(r"(?:\b[Aa]ged? (?:of )?|[A-Z]\w+(?:,| \() ?)$")
_AGE_AFTER = re.compile(r"[ -]years?[ -]olds?\b")
_MONTH_BEFORE = re.compile(
    r"\b(?:" + "|".join(f"{m}|{m[:4]}\\.?|{m[:3]}\\.?" for m in MONTHS) + r") (?:the )?$", re.I
)
_MONTH_AFTER = re.compile(r"^(?: of)? (?:" + "|".join(MONTHS) + r")\b", re.I)
_NUMBER_BEFORE = re.compile(r"\d(?:st|nd|rd|th)?(?: of|,)? $")
_NUMBER_AFTER = re.compile(r"^\.?,? \d")
_ZONE_AFTER = re.compile(
    rf"^[ \u00a0]?\(?(?:(?P<code>{_ZONE})\b"
    r"|(?P<local>(?i:local)(?: [Tt]ime)?)\b"
    r"|(?:in )?(?P<named>[A-Z][\w.]*)(?: (?:[Ss]tandard|[Dd]aylight|[Ss]ummer|[Mm]ean))? [Tt]ime\b)"
)
_HALF_DAY = re.compile(r"^ ?[ap]\.? ?m\b\.?|^\.|^ ?o['’]clock", re.I)
_METRES_AFTER = re.compile(r"[ -](?:high|tall|long|deep|wide|away|above|below|thick|apart)\b")
_HALF_MORE = re.compile(r" and a half\b", re.I)
_HOUR_AFTER = re.compile(r"^ ?(?P<half>[ap])\.? ?m\b\.?|^ ?o['’]clock", re.I)


def quantities(text: str, offset: int) -> tuple[Quantity, ...]:
    """The numbers of a text that begins at `offset` of its version, in text order."""
    return tuple(_scan(text, offset))


def _scan(text: str, offset: int) -> Iterator[Quantity]:
    tokens = list(_TOKEN.finditer(text))
    i = 0
    while i < len(tokens):
        token = tokens[i]
        found: tuple[Quantity, int] | None = None
        if token["clock"]:
            found = _clock(text, token), i + 1
        elif token["label"]:
            found = _label(token), i + 1
        elif token["figure"]:
            found = _figure(text, tokens, i)
        elif token["word"]:
            found = _worded(text, tokens, i)
        if found is None:
            i += 1
            continue
        q, i = found
        measured = q.unit in _FAMILIES or q.unit == METRES_OR_MILLIONS
        yield replace(q, start=q.start + offset, end=q.end + offset, measured=measured)


def _clock(text: str, token: re.Match[str]) -> Quantity:
    digits = re.findall(r"\d+", token["clock"])
    hour, minute = map(int, digits if len(digits) > 1 else (digits[0][:2], digits[0][2:]))
    half = re.search(r"([ap])\.?m", token["clock"]) or _HOUR_AFTER.match(text[token.end() :])
    minutes = _minutes(hour, minute, half[1] if half else None)
    end = token.start() + len(token["clock"].rstrip(". "))
    return _time(text, token.start(), end, minutes)


def _time(text: str, start: int, end: int, minutes: float) -> Quantity:
    """A time of the day, brought to UTC where its zone is known."""
    found = _HALF_DAY.match(text[end:])
    rest = end + (found.end() if found else 0)
    zone = _ZONE_AFTER.match(text[rest:])
    if zone is None:
        return Quantity(start, end, minutes, minutes, "time", "exact", "clock", 1)
    trail = rest + zone.end() - end
    name = zone["code"] or zone["named"] or zone["local"]
    hours = _ZONES.get(name) or (None if zone["code"] else _ZONES.get(name.lower().strip(".")))
    if hours is None:
        unit = f"{fold(name).split()[0]} time"
        return Quantity(start, end, minutes, minutes, "time", "exact", unit, 1, trail=trail)
    low, high = (minutes - 60 * h for h in sorted(hours, reverse=True))
    return Quantity(start, end, low, high, "time", "exact", "UTC", 1, trail=trail)


def _minutes(hour: int, minute: int, half: str | None) -> float:
    if half and half.lower() == "p" and hour < 12:
        hour += 12
    if half and half.lower() == "a" and hour == 12:
        hour = 0
    return hour * 60.0 + minute


def _label(token: re.Match[str]) -> Quantity:
    letters, digits = re.match(r"([A-Za-z]+)-?(\d+)", token["label"]).groups()  # type: ignore[union-attr]
    value = float(digits)
    start = token.start() + token["label"].index(digits)
    return Quantity(start, token.end(), value, value, "label", "exact", fold(letters), 1)


def _figure(text: str, tokens: list[re.Match[str]], i: int) -> tuple[Quantity, int]:
    token = tokens[i]
    digits = _plain_digits(tokens, i)
    value, step = float(digits), _step(digits)
    tail = (token["tail"] or "").lower().lstrip("'’")
    if tail in ("st", "nd", "rd", "th"):
        return _ordinal(text, tokens, i, i + 1, value)
    if tail == "s":
        return _decade(token, value), i + 1
    if tail == "m" and not _is_million(text, token):
        return _metres(text, token, value, step), i + 1
    half_more = _HALF_MORE.match(text[token.end() :])
    if half_more and not tail:
        value, i = value + 0.5, i + 3
    scale, last = _scale(tokens, i + 1, tail)
    start, end = token.start(), tokens[last - 1].end()
    if last == i + 1 and not tail:
        half = _HOUR_AFTER.match(text[end:])
        if half and value <= 24:
            minutes = _minutes(int(value), 0, half.groupdict().get("half"))
            return _time(text, start, end, minutes), last
        if value <= 31 and (_MONTH_BEFORE.search(text[:start]) or _MONTH_AFTER.match(text[end:])):
            return Quantity(start, end, value, value, "day", "exact", "", 1), last
    if _is_year(text, token, value) and last == i + 1 and not tail:
        return Quantity(start, end, value, value, "year", "exact", "", 1), last
    return _count(text, start, end, value * scale, step * scale, last, tail == "d")


def _is_million(text: str, token: re.Match[str]) -> bool:
    """Whether "1.5m" is money or counts something; else it may be metres."""
    before, after = text[: token.start()], text[token.end() :]
    if _CURRENCY_BEFORE.search(before) or _CURRENCY_AFTER.match(after):
        return True
    noun = re.match(r" (?:[a-z]+ly |new |more |other )?([a-z]+)\b", after)
    if not noun or noun[1] in words("stopwords") or noun[1] in _RACES:
        return False
    return noun[1] in _PEOPLE or noun[1].endswith("s") or after.startswith(" of the ")


def _metres(text: str, token: re.Match[str], value: float, step: float) -> Quantity:
    """A figure with an "m" that stands for metres, or for metres or millions."""
    start, end = token.span()
    sure = _METRES_AFTER.match(text[end:])
    unit, bound = "length" if sure else METRES_OR_MILLIONS, _bound(text[:start])
    return Quantity(start, end, value, value, "count", bound, unit, step)


def _plain_digits(tokens: list[re.Match[str]], i: int) -> str:
    """The digits of a figure without grouping; "272.000" is 272 thousand unless a scale follows."""
    figure: str = tokens[i]["figure"].replace(" ", "")
    if re.fullmatch(r"\d+,\d{1,2}", figure):
        return figure.replace(",", ".")
    grouped = re.fullmatch(r"\d{1,3}(?:\.\d{3})+", figure) and (
        figure.endswith("0") or figure.count(".") > 1
    )
    scaled = i + 1 < len(tokens) and (tokens[i + 1]["word"] or "").lower() in _SCALES
    return re.sub(r"[,.\u00a0\u202f]" if grouped and not scaled else r"[,\u00a0\u202f]", "", figure)


def _step(digits: str) -> float:
    if "." in digits:
        return float(10.0 ** -len(digits.split(".")[1]))
    return float(10 ** (len(digits) - len(digits.rstrip("0")))) if digits.strip("0") else 1.0


def _is_year(text: str, token: re.Match[str], value: float) -> bool:
    after = text[token.end() :]
    if re.match(r" (?:BC|AD|BCE|CE)\b", after) or _YEAR_RANGE.search(text[: token.start()]):
        return True
    if not (1000 <= value <= 2100 and len(token["figure"]) == 4):
        return False
    if (
        _PERCENT.match(after)
        or _CURRENCY_AFTER.match(after)
        or re.match(
            r" [a-z]*(?:people|metres|"
            r"meters|miles|kilometers|kilometres|troops|soldiers|residents|cases|deaths)\b",
            after,
        )
    ):
        return False
    before = text[: token.start()]
    if _CURRENCY_BEFORE.search(before) or _bound(before) != "exact":
        return bool(re.search(r"(?:around|about) $", before)) and value >= 1500
    return bool(_YEAR_BEFORE.search(before)) or not re.match(r" [a-z]", after)


def _decade(token: re.Match[str], value: float) -> Quantity:
    start, end = token.start(), token.end()
    if value >= 1000:
        width = 99 if value % 100 == 0 else 9
        return Quantity(start, end, value, value + width, "period", "exact", "", 1)
    return Quantity(start, end, value, value, "decade", "exact", "", 1)


def _ordinal(
    text: str, tokens: list[re.Match[str]], first: int, last: int, value: float
) -> tuple[Quantity, int]:
    start, end = tokens[first].start(), tokens[last - 1].end()
    after = text[end:]
    if re.match(r"[ -]centur", after):
        low = (value - 1) * 100
        return Quantity(start, end, low, low + 100, "period", "exact", "", 1), last
    worded = not tokens[first]["figure"]
    dated = bool(_MONTH_BEFORE.search(text[:start]) or _MONTH_AFTER.match(after))
    weak = worded and value <= 3 and not dated
    return Quantity(start, end, value, value, "day", "exact", _noun(after), 1, weak), last


def _scale(tokens: list[re.Match[str]], i: int, tail: str) -> tuple[float, int]:
    scale = float(_SCALES.get(tail, 1)) if tail in ("k", "m", "mn", "bn", "tn") else 1.0
    while i < len(tokens) and tokens[i]["word"]:
        word = tokens[i]["word"].lower()
        if len(word) == 1 or (word not in _SCALES):
            break
        scale *= _SCALES[word]
        i += 1
    return scale, i


def _worded(text: str, tokens: list[re.Match[str]], i: int) -> tuple[Quantity, int] | None:
    word = tokens[i]["word"].lower()
    start = tokens[i].start()
    named = _calendar(text, tokens[i]) or _noon(text, tokens[i])
    if named is not None:
        return named, i + 1
    if word in _DECADES:
        value = float(_DECADES[word])
        return Quantity(start, tokens[i].end(), value, value, "decade", "exact", "", 1), i + 1
    if word in _VAGUE:
        low, high = _VAGUE[word]
        end = tokens[i].end()
        return Quantity(start, end, low, high, "count", "vague", _noun(text[end:]), 1), i + 1
    if word == "both":
        noun = _noun(text[tokens[i].end() :])
        return Quantity(start, tokens[i].end(), 2, 2, "count", "exact", noun, 1, True), i + 1
    parsed = _number_words(tokens, i)
    if parsed is None:
        return None
    value, last, ordinal = parsed
    end = tokens[last - 1].end()
    if ordinal:
        before = tokens[i - 1]["word"].lower() if i and tokens[i - 1]["word"] else ""
        if before in ("a", "one", "two") and value in (3, 4, 5):
            return Quantity(start, end, value, value, "fraction", "exact", "", 1, True), last
        return _ordinal(text, tokens, i, last, value)
    step = _step(str(int(value))) if value >= 100 else 1.0
    found, last = _count(text, start, end, value, step, last, False)
    if value <= 1:
        found = replace(found, weak=True)
    return found, last


def _calendar(text: str, token: re.Match[str]) -> Quantity | None:
    """A month or a weekday; a month that may be a name or a verb only where its place shows it."""
    word = token["word"].lower().removesuffix("'s").removesuffix("’s")
    if not token["word"][0].isupper():
        return None
    before, after = text[: token.start()], text[token.end() :]
    lead = re.search(r"([A-Za-z]+)[ -]$", before)
    first = lead[1].lower() if lead else ""
    end = token.start() + len(word)
    if word in WEEKDAYS and first not in _FEASTS:
        value = float(WEEKDAYS.index(word))
        return Quantity(token.start(), end, value, value, "weekday", "exact", "", 1)
    number = _MONTH_NUMBERS.get(word)
    if number is None:
        return None
    dated = _NUMBER_BEFORE.search(before) or _NUMBER_AFTER.match(after)
    leads = _MONTH_LEADS if word in _LIKE_NAMES else _MONTH_LEADS | _CLEAR_MONTH_LEADS
    if not dated and (first not in leads or word not in MONTHS):
        return None
    return Quantity(token.start(), end, number, number, "month", "exact", "", 1)


def _noon(text: str, token: re.Match[str]) -> Quantity | None:
    """Noon and midnight where they are a time of the day and not a part of it."""
    hours = {"noon": 12, "midday": 12, "midnight": 0}.get(token["word"].lower())
    before, after = text[: token.start()], text[token.end() :]
    if hours is None or not (re.search(r"\bat $", before) or _ZONE_AFTER.match(after)):
        return None
    return _time(text, token.start(), token.end(), hours * 60.0)


def _number_words(tokens: list[re.Match[str]], i: int) -> tuple[float, int, bool] | None:
    """Value, index after the last token, and whether it is an ordinal; None if no number."""
    total, current, seen, ordinal = 0.0, 0.0, False, False
    first = i
    while i < len(tokens):
        word = (tokens[i]["word"] or tokens[i]["mark"] or "").lower()
        if word in _UNITS and (current % 100 == 0 or (current % 10 == 0 and _UNITS[word] < 10)):
            current += _UNITS[word]
            seen = True
        elif word in _SCALES and len(word) > 2 and (seen or _unit_before(tokens, i)):
            current = (current or _unit_before(tokens, i)) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
            seen = True
        elif word in _ORDINALS and (current % 10 == 0 or not seen):
            current += _ORDINALS[word]
            seen = ordinal = True
            i += 1
            break
        elif word in ("and", "-") and seen and i > first and _continues(tokens, i):
            pass
        elif word == "and" and seen and _words(tokens, i + 1, 2) == ["a", "half"]:
            after = _words(tokens, i + 3, 1)
            if not (after and after[0] in _SCALES) and _words(tokens, i - 1, 1)[0] in _SCALES:
                break
            current += 0.5
            i += 2
        else:
            break
        i += 1
    return (total + current, i, ordinal) if seen else None


def _words(tokens: list[re.Match[str]], first: int, count: int) -> list[str]:
    """The forms of some tokens that are words, in lower case."""
    return [(t["word"] or "").lower() for t in tokens[first : first + count]]


def _unit_before(tokens: list[re.Match[str]], i: int) -> float:
    """What "a", "half" and "half a" before a scale word stand for; 0 if nothing is there."""
    words = [(t["word"] or "").lower() for t in tokens[max(0, i - 2) : i]]
    if words[-1:] == ["half"] or words in (["half", "a"], ["half", "an"]):
        return 0.5
    return 1.0 if words[-1:] in (["a"], ["an"]) else 0.0


def _continues(tokens: list[re.Match[str]], i: int) -> bool:
    """Whether "and" or a hyphen stands inside a number: "two hundred and six", "twenty-five"."""
    before = (tokens[i - 1]["word"] or "").lower()
    after = (tokens[i + 1]["word"] or "").lower() if i + 1 < len(tokens) else ""
    if tokens[i]["mark"]:
        return _UNITS.get(before, 0) >= 20 and (after in _UNITS or after in _ORDINALS)
    return before in _SCALES and after in _UNITS


def _count(
    text: str, start: int, end: int, value: float, step: float, last: int, dimension: bool
) -> tuple[Quantity, int]:
    before, after = text[:start], text[end:]
    bound = _bound(before)
    kind: Kind = "count"
    factor = 1.0
    lead = trail = 0
    unit = "dimen" if dimension else _noun(after)
    currency = _currency(before, after, scaled=step >= 1e5 or value >= 1e6)
    if _PERCENT.match(after):
        kind, unit = "percent", "percent"
    elif currency:
        kind, (unit, lead, trail) = "money", currency
    else:
        measure = _measure(after)
        if measure:
            unit, factor, trail = measure
        elif _AGE_AFTER.match(after) or (
            value < 120 and re.match(r"[,)]", after) and _AGE_BEFORE.search(before)
        ):
            unit = "age"
    if re.match(r" plus\b|\+", after):
        bound = "over"
    low = value * factor
    found = Quantity(start, end, low, low, kind, bound, unit, step * factor, factor=factor)
    return replace(found, lead=lead, trail=trail), last


def _currency(before: str, after: str, *, scaled: bool) -> tuple[str, int, int] | None:
    """The currencies that a sum may be in, and how far its sign or word reaches on either side."""
    if found := _CURRENCY_BEFORE.search(before):
        return _CURRENCIES[found["sign"] or found["code"]], len(found[0]), 0
    if found := _CODE_AFTER.match(after):
        return _CURRENCIES[found["sign"] or found["code"]], 0, found.end()
    found = _CURRENCY_AFTER.match(after)
    if not found:
        return None
    qualified = f"{found['of']} {found['word']}".lower()
    forms = {w.lower(): w for w in _CURRENCY_WORDS}
    word = forms.get(qualified) or forms[found["word"].lower()]
    if (word == POUNDS or word == "won") and not scaled:
        return None
    return _CURRENCY_WORDS[word], 0, found.end()


def _bound(before: str) -> Bound:
    before = before.lower()[-40:]
    before = _CURRENCY_BEFORE.sub("", before)
    for bound, pattern in (("over", _OVER), ("about", _ABOUT), ("under", _UNDER)):
        if pattern.search(before):
            return bound  # type: ignore[return-value]
    return "exact"


def _measure(after: str) -> tuple[str, float, int] | None:
    """The family of a unit, its factor and how far it reaches."""
    found = re.match(
        r"[ \u00a0-]?(square |sq\.? ?|cubic )?([A-Za-z]+(?:[²2]|/[a-z]+)?)( (?:per|an|a) hour\b)?",
        after,
    )
    if not found or (found[1] or "").startswith("cubic"):
        return None
    word = found[2].lower()
    if found[3] and (speed := _MEASURES.get(word.removesuffix("s") + "/h")):
        return *speed, found.end()
    family = _MEASURES.get(word) or _MEASURES.get(word.removesuffix("s"))
    if family is None or (family[0] == "duration" and _AGE_AFTER.match(after)):
        return None
    if found[1] and family[0] == "length":
        return "area", family[1] ** 2, found.end(2)
    return *family, found.end(2)


def _noun(after: str) -> str:
    """Stem of the first content word after a number, at most three words on."""
    for word in re.findall(r"[^\W\d_]+|[.,;:()]", after)[:4]:
        if not word.isalpha():
            return ""
        if word.lower() not in words("stopwords"):
            return fold(word)[:5]
    return ""
