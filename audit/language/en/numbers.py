"""Quantities in running text: figures, words for numbers, dates, ages, units.

A quantity is a range of values (a point mostly) in base units, of a kind, with how it is bounded
("about", "more than") and the noun it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from audit.language.en.lexicon import words
from audit.language.en.names import MONTHS, WEEKDAYS
from audit.language.en.number_patterns import (
    ABOUT,
    AGE_AFTER,
    AGE_BEFORE,
    CLEAR_MONTH_LEADS,
    CODE_AFTER,
    CURRENCIES,
    CURRENCY_AFTER,
    CURRENCY_BEFORE,
    CURRENCY_WORDS,
    DECADES,
    FAMILIES,
    FEASTS,
    HALF_DAY,
    HALF_MORE,
    HOUR_AFTER,
    LIKE_NAMES,
    MEASURES,
    METRES_AFTER,
    METRES_OR_MILLIONS,
    MONTH_AFTER,
    MONTH_BEFORE,
    MONTH_LEADS,
    MONTH_NUMBERS,
    NUMBER_AFTER,
    NUMBER_BEFORE,
    OVER,
    PEOPLE,
    PERCENT,
    POUNDS,
    RACES,
    SCALES,
    TOKEN,
    UNDER,
    VAGUE,
    YEAR_BEFORE,
    YEAR_RANGE,
    ZONE_AFTER,
    ZONES,
)
from audit.language.en.number_words import number_words
from audit.language.spelling import fold
from audit.model import Bound, Kind, Quantity


def quantities(text: str, offset: int) -> tuple[Quantity, ...]:
    """The numbers of a text that begins at `offset` of its version, in text order."""
    return tuple(_scan(text, offset))


def _scan(text: str, offset: int) -> Iterator[Quantity]:
    tokens = list(TOKEN.finditer(text))
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
        measured = q.unit in FAMILIES or q.unit == METRES_OR_MILLIONS
        yield replace(q, start=q.start + offset, end=q.end + offset, measured=measured)


def _clock(text: str, token: re.Match[str]) -> Quantity:
    digits = re.findall(r"\d+", token["clock"])
    hour, minute = map(int, digits if len(digits) > 1 else (digits[0][:2], digits[0][2:]))
    half = re.search(r"([ap])\.?m", token["clock"]) or HOUR_AFTER.match(text[token.end() :])
    minutes = _minutes(hour, minute, half[1] if half else None)
    end = token.start() + len(token["clock"].rstrip(". "))
    return _time(text, token.start(), end, minutes)


def _time(text: str, start: int, end: int, minutes: float) -> Quantity:
    """A time of the day, brought to UTC where its zone is known."""
    found = HALF_DAY.match(text[end:])
    rest = end + (found.end() if found else 0)
    zone = ZONE_AFTER.match(text[rest:])
    if zone is None:
        return Quantity(start, end, minutes, minutes, "time", "exact", "clock", 1)
    trail = rest + zone.end() - end
    name = zone["code"] or zone["named"] or zone["local"]
    hours = ZONES.get(name) or (None if zone["code"] else ZONES.get(name.lower().strip(".")))
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
    half_more = HALF_MORE.match(text[token.end() :])
    if half_more and not tail:
        value, i = value + 0.5, i + 3
    scale, last = _scale(tokens, i + 1, tail)
    start, end = token.start(), tokens[last - 1].end()
    if last == i + 1 and not tail:
        half = HOUR_AFTER.match(text[end:])
        if half and value <= 24:
            minutes = _minutes(int(value), 0, half.groupdict().get("half"))
            return _time(text, start, end, minutes), last
        if value <= 31 and (MONTH_BEFORE.search(text[:start]) or MONTH_AFTER.match(text[end:])):
            return Quantity(start, end, value, value, "day", "exact", "", 1), last
    if _is_year(text, token, value) and last == i + 1 and not tail:
        return Quantity(start, end, value, value, "year", "exact", "", 1), last
    return _count(text, start, end, value * scale, step * scale, last, tail == "d")


def _is_million(text: str, token: re.Match[str]) -> bool:
    """Whether "1.5m" is money or counts something; else it may be metres."""
    before, after = text[: token.start()], text[token.end() :]
    if CURRENCY_BEFORE.search(before) or CURRENCY_AFTER.match(after):
        return True
    noun = re.match(r" (?:[a-z]+ly |new |more |other )?([a-z]+)\b", after)
    if not noun or noun[1] in words("stopwords") or noun[1] in RACES:
        return False
    return noun[1] in PEOPLE or noun[1].endswith("s") or after.startswith(" of the ")


def _metres(text: str, token: re.Match[str], value: float, step: float) -> Quantity:
    """A figure with an "m" that stands for metres, or for metres or millions."""
    start, end = token.span()
    sure = METRES_AFTER.match(text[end:])
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
    scaled = i + 1 < len(tokens) and (tokens[i + 1]["word"] or "").lower() in SCALES
    return re.sub(r"[,.\u00a0\u202f]" if grouped and not scaled else r"[,\u00a0\u202f]", "", figure)


def _step(digits: str) -> float:
    if "." in digits:
        return float(10.0 ** -len(digits.split(".")[1]))
    return float(10 ** (len(digits) - len(digits.rstrip("0")))) if digits.strip("0") else 1.0


def _is_year(text: str, token: re.Match[str], value: float) -> bool:
    after = text[token.end() :]
    if re.match(r" (?:BC|AD|BCE|CE)\b", after) or YEAR_RANGE.search(text[: token.start()]):
        return True
    if not (1000 <= value <= 2100 and len(token["figure"]) == 4):
        return False
    if (
        PERCENT.match(after)
        or CURRENCY_AFTER.match(after)
        or re.match(
            r" [a-z]*(?:people|metres|"
            r"meters|miles|kilometers|kilometres|troops|soldiers|residents|cases|deaths)\b",
            after,
        )
    ):
        return False
    before = text[: token.start()]
    if CURRENCY_BEFORE.search(before) or _bound(before) != "exact":
        return bool(re.search(r"(?:around|about) $", before)) and value >= 1500
    return bool(YEAR_BEFORE.search(before)) or not re.match(r" [a-z]", after)


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
    dated = bool(MONTH_BEFORE.search(text[:start]) or MONTH_AFTER.match(after))
    weak = worded and value <= 3 and not dated
    return Quantity(start, end, value, value, "day", "exact", _noun(after), 1, weak), last


def _scale(tokens: list[re.Match[str]], i: int, tail: str) -> tuple[float, int]:
    scale = float(SCALES.get(tail, 1)) if tail in ("k", "m", "mn", "bn", "tn") else 1.0
    while i < len(tokens) and tokens[i]["word"]:
        word = tokens[i]["word"].lower()
        if len(word) == 1 or (word not in SCALES):
            break
        scale *= SCALES[word]
        i += 1
    return scale, i


def _worded(text: str, tokens: list[re.Match[str]], i: int) -> tuple[Quantity, int] | None:
    word = tokens[i]["word"].lower()
    start = tokens[i].start()
    named = _calendar(text, tokens[i]) or _noon(text, tokens[i])
    if named is not None:
        return named, i + 1
    if word in DECADES:
        value = float(DECADES[word])
        return Quantity(start, tokens[i].end(), value, value, "decade", "exact", "", 1), i + 1
    if word in VAGUE:
        low, high = VAGUE[word]
        end = tokens[i].end()
        return Quantity(start, end, low, high, "count", "vague", _noun(text[end:]), 1), i + 1
    if word == "both":
        noun = _noun(text[tokens[i].end() :])
        return Quantity(start, tokens[i].end(), 2, 2, "count", "exact", noun, 1, True), i + 1
    parsed = number_words(tokens, i)
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
    if word in WEEKDAYS and first not in FEASTS:
        value = float(WEEKDAYS.index(word))
        return Quantity(token.start(), end, value, value, "weekday", "exact", "", 1)
    number = MONTH_NUMBERS.get(word)
    if number is None:
        return None
    dated = NUMBER_BEFORE.search(before) or NUMBER_AFTER.match(after)
    leads = MONTH_LEADS if word in LIKE_NAMES else MONTH_LEADS | CLEAR_MONTH_LEADS
    if not dated and (first not in leads or word not in MONTHS):
        return None
    return Quantity(token.start(), end, number, number, "month", "exact", "", 1)


def _noon(text: str, token: re.Match[str]) -> Quantity | None:
    """Noon and midnight where they are a time of the day and not a part of it."""
    hours = {"noon": 12, "midday": 12, "midnight": 0}.get(token["word"].lower())
    before, after = text[: token.start()], text[token.end() :]
    if hours is None or not (re.search(r"\bat $", before) or ZONE_AFTER.match(after)):
        return None
    return _time(text, token.start(), token.end(), hours * 60.0)


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
    if PERCENT.match(after):
        kind, unit = "percent", "percent"
    elif currency:
        kind, (unit, lead, trail) = "money", currency
    else:
        measure = _measure(after)
        if measure:
            unit, factor, trail = measure
        elif AGE_AFTER.match(after) or (
            value < 120 and re.match(r"[,)]", after) and AGE_BEFORE.search(before)
        ):
            unit = "age"
    if re.match(r" plus\b|\+", after):
        bound = "over"
    low = value * factor
    found = Quantity(start, end, low, low, kind, bound, unit, step * factor, factor=factor)
    return replace(found, lead=lead, trail=trail), last


def _currency(before: str, after: str, *, scaled: bool) -> tuple[str, int, int] | None:
    """The currencies that a sum may be in, and how far its sign or word reaches on either side."""
    if found := CURRENCY_BEFORE.search(before):
        return CURRENCIES[found["sign"] or found["code"]], len(found[0]), 0
    if found := CODE_AFTER.match(after):
        return CURRENCIES[found["sign"] or found["code"]], 0, found.end()
    found = CURRENCY_AFTER.match(after)
    if not found:
        return None
    qualified = f"{found['of']} {found['word']}".lower()
    forms = {w.lower(): w for w in CURRENCY_WORDS}
    word = forms.get(qualified) or forms[found["word"].lower()]
    if (word == POUNDS or word == "won") and not scaled:
        return None
    return CURRENCY_WORDS[word], 0, found.end()


def _bound(before: str) -> Bound:
    before = before.lower()[-40:]
    before = CURRENCY_BEFORE.sub("", before)
    for bound, pattern in (("over", OVER), ("about", ABOUT), ("under", UNDER)):
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
    if found[3] and (speed := MEASURES.get(word.removesuffix("s") + "/h")):
        return *speed, found.end()
    family = MEASURES.get(word) or MEASURES.get(word.removesuffix("s"))
    if family is None or (family[0] == "duration" and AGE_AFTER.match(after)):
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
