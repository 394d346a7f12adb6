#!/usr/bin/env python3
"""Write the English word lists that come from kept sources.

    pip install -e '.[lists]' -c constraints.txt
    python scripts/make_lists.py [currencies.toml …] [-o audit/language/en/data]

Without names all lists are written: currencies, calendar and units from CLDR, time zones from the
IANA time zone database and CLDR. Each file names its source, version and licence. What the sources
do not have ("C$", "renminbi", the pint between two gallons) stands in tables `…_BY_HAND` here.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from unicodedata import category
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers
from scipy import constants

from audit.language.en.lexicon import is_english

TARGET = Path(__file__).resolve().parent.parent / "audit/language/en/data"
ENGLISH = Locale("en")
BRITISH = Locale("en", "GB")
PRESS = [Locale("en", land) for land in (None, "AU", "GB", "HK", "IE", "IN", "SG", "US", "ZA")]
"""Countries whose news in English calls zones by letters. Not Canada: its letters of foreign zones
(BST for Bangladesh) are not used elsewhere."""

TENDER_SINCE = 1999
"""A currency is listed if it was legal tender in this year or later: when the euro began."""

CLDR = f"""Source: Unicode CLDR, as Babel {version("babel")} carries it; Unicode License v3,
© 1991-2025 Unicode, Inc."""


def header(text: str, *sources: str) -> str:
    """The comment that opens a file."""
    made = "Made by scripts/make_lists.py: change that, not this file."
    lines = [line for part in (text.strip(), *sources, made) for line in part.splitlines()]
    return "".join(f"# {line}\n" for line in lines)


def table(name: str, rows: Mapping[str, object]) -> str:
    """One TOML table; keys are sorted."""
    lines = (f'"{key}" = {_value(rows[key])}\n' for key in sorted(rows))
    return f"\n[{name}]\n" + "".join(lines)


def _value(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)


# Currencies

SIGNS_BY_HAND = {
    "AU$": "AUD",
    "C$": "CAD",
    "S$": "SGD",
    "US": "USD",
    "RMB": "CNY",
    "Rs": "INR|LKR|MUR|NPR|PKR|SCR",
}
"""Signs that news writes and CLDR does not have, or not for all these currencies."""

WORDS_BY_HAND = {
    "American dollar": "USD",
    "U.S. dollar": "USD",
    "Taiwan dollar": "TWD",
    "pound sterling": "GBP",
    "renminbi": "CNY",
    "RMB": "CNY",
    "rouble": "ruble",
    "reais": "BRL",
    "shekel": "ILS",
}
"""Names that news writes and CLDR does not have: of a currency, or for another name."""

ALIKE = (("krona", "krone", "kronor", "kroner", "króna", "krónur"), ("rial", "riyal"))
"""What news writes for one another."""

OTHER_WORDS = {"gold", "leone", "mark", "pound", "real", "sol"}
"""Words that say something else after a figure ("three real reasons"): only the whole name counts.
Sums in pounds have a rule of their own, which reads the plural."""


def tender() -> tuple[set[str], set[str]]:
    """The codes that are legal tender somewhere, and those that were since TENDER_SINCE."""
    now, since = set(), set()
    for entries in get_global("territory_currencies").values():
        for code, _, end, is_tender in entries:
            if is_tender and (end is None or end[0] >= TENDER_SINCE):
                since.add(code)
                if end is None:
                    now.add(code)
    return now, since


def currencies() -> str:
    """Signs, codes and names of currencies."""
    now, since = tender()
    signs: dict[str, set[str]] = defaultdict(set)
    for identifier in locale_identifiers():
        locale = Locale.parse(identifier)
        local = {
            e[0]
            for e in get_global("territory_currencies").get(locale.territory or "", ())
            if e[3] and e[2] is None
        }
        for code, sign in locale.currency_symbols.items():
            if code in now and (locale.language == "en" or code in local) and _is_sign(sign):
                signs[sign].add(code)
    for sign, codes in SIGNS_BY_HAND.items():
        signs[sign] |= set(codes.split("|"))
    for code in now:
        if not is_english(code.lower(), rare=False):
            signs[code].add(code)
    words: dict[str, set[str]] = defaultdict(set)
    for code in since:
        forms = ENGLISH._data["currency_names_plural"][code]
        names = [forms[number].partition(" (")[0].split() for number in ("one", "other")]
        other = names[0][-1] in OTHER_WORDS
        for *first, last in names:
            word = last.lower()
            words[" ".join((*first, word))].add(code)
            if not other or word == "pounds":
                words[word].add(code)
    signs["$"] |= words["dollar"] & now
    for word, meant in WORDS_BY_HAND.items():
        words[word] |= words.get(meant, {meant})
    for alike in ALIKE:
        codes = set().union(*(words[w] for w in alike))
        for word in alike:
            words[word] = codes
    regular = {w + end for w in words for end in ("s", "es")} - {"pounds"}
    text = f"""Currencies by their signs and codes (before or after a figure) and by their words
(after it). Where several may be meant all are listed. Codes: legal tender now, unless an English
word is written alike. Words: names of what was legal tender in {TENDER_SINCE} or later, and their
last words; plurals in -s and -es are left out."""
    return (
        header(text, CLDR)
        + table("currencies", _codes(signs))
        + table("currency_words", _codes({w: c for w, c in words.items() if w not in regular}))
    )


def _is_sign(sign: str) -> bool:
    return sign != "¤" and any(category(c) == "Sc" for c in sign)


def _codes(found: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {form: "|".join(sorted(codes)) for form, codes in found.items()}


# Time zones

YEAR = 2026
"""The year whose clocks count."""

UNCLEAR_BY_HAND = {"AST", "BDT", "SST"}
"""Letters that news uses of zones that the sources do not know by them: AST of Arabia, BDT of
Bangladesh and of Brunei, SST of Singapore."""

CLEAR_BY_HAND = {"CDT": "America/Chicago", "PST": "America/Los_Angeles"}
"""Letters of two zones of which news in English means one: not Cuba's, not the Philippines'."""

OTHER_LETTERS = {"ACT", "AT", "HAT"}
"""Letters of zones that are something else after a time."""

ZONES_BY_HAND = {
    "beijing": "Asia/Shanghai",
    "delhi": "Asia/Kolkata",
    "uk": "Europe/London",
    "washington": "America/New_York",
}
"""Capitals and short names that are no names of zones."""

Clock = tuple[float, float]


def clock(zone: str) -> tuple[Clock, tuple[str, str]]:
    """Hours ahead of UTC in winter and summer, least first, with the letters of each."""
    with files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        info = ZoneInfo.from_file(file)
    found = []
    for month in (1, 7):
        moment = datetime(YEAR, month, 1, 12, tzinfo=UTC).astimezone(info)
        offset = moment.utcoffset()
        assert offset is not None
        found.append((offset.total_seconds() / 3600, moment.tzname() or ""))
    (low, standard), (high, summer) = sorted(found)
    return (low, high), (standard, summer)


def zones() -> str:
    """Letters of zones and what stands before "time"."""
    clocks = {z: clock(z) for z in _zone_names()}
    letters: dict[str, set[float]] = defaultdict(set)
    for (low, high), (standard, summer) in clocks.values():
        _add(letters, low, high, standard, summer)
    names: dict[str, set[Clock]] = defaultdict(set)
    members: dict[str, set[Clock]] = defaultdict(set)
    for zone, meta in get_global("meta_zones").items():
        if zone in clocks:
            members[meta].add(clocks[zone][0])
    for locale in PRESS:
        for meta, forms in locale.meta_zones.items():
            if not members[meta]:
                continue
            low, high = min(c[0] for c in members[meta]), max(c[1] for c in members[meta])
            short = {k: v for k, v in forms.get("short", {}).items() if v.isupper()}
            if "generic" in short and len(short) > 1:
                letters[short["generic"]] |= {low, high}
            if "standard" in short:
                _add(letters, low, high, short["standard"], short.get("daylight", ""))
            for kind, form in forms.get("long", {}).items():
                if found := re.fullmatch(
                    r"(\w+)(?: (?:Standard|Daylight|Summer|Mean))? Time", form
                ):
                    span = (low, low) if found[0].endswith("Mean Time") else (low, high)
                    names[found[1].lower()].add(span if kind != "daylight" else (low, high))
    for zone, (hours, _) in clocks.items():
        for city in (ENGLISH.time_zones.get(zone, {}).get("city", ""), zone.split("/")[-1]):
            if city.isalpha():
                names[city.lower()].add(hours)
    by_country: dict[str, set[Clock]] = defaultdict(set)
    for zone, territory in get_global("zone_territories").items():
        if zone in clocks:
            by_country[ENGLISH.territories.get(territory, "")].add(clocks[zone][0])
    for country, spans in by_country.items():
        if country.isalpha() and len(spans) == 1:
            names[country.lower()] |= spans
    long = ENGLISH.time_zones["Europe/London"]["long"]["daylight"]
    names[long.split()[0].lower()].add(clocks["Europe/London"][0])
    for name, zone in ZONES_BY_HAND.items():
        names[name] = {clocks[zone][0]}
    letters["UTC"] = {0.0}
    letters |= {name: set(clocks[zone][0]) for name, zone in CLEAR_BY_HAND.items()}
    unclear = {z for z, hours in letters.items() if max(hours) - min(hours) > 1} | UNCLEAR_BY_HAND
    left_out = unclear | OTHER_LETTERS
    text = f"""Hours that the clock of a zone is ahead of UTC, least and most in {YEAR}, by its
letters and by what stands before "time". News uses letters that differ in S or D alone (EST, EDT)
in both seasons. Letters of several zones are unclear; names of several zones are left out."""
    iana = f"""Source: IANA time zone database, tzdata {version("tzdata")} (public domain)."""
    return (
        header(text, iana, CLDR)
        + f'unclear_zones = "{" ".join(sorted(unclear))}"\n'
        + table("zones", {z: _span(h) for z, h in letters.items() if z not in left_out})
        + table("zone_names", {n: _span(*c) for n, c in names.items() if len(c) == 1})
    )


def _zone_names() -> list[str]:
    """The zones of countries, by IANA's names and by those that CLDR keeps (Europe/Kiev)."""
    lines = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    listed = {line.split("\t")[2] for line in lines if not line.startswith("#")}
    listed |= {z for z in get_global("meta_zones") if "/" in z}
    return sorted(z for z in listed if z.partition("/")[0] not in ("Antarctica", "Etc"))


def _add(letters: dict[str, set[float]], low: float, high: float, *names: str) -> None:
    standard, summer = names
    both = re.sub("[SD]", "", standard) == re.sub("[SD]", "", summer)
    for name, hours in ((standard, {low}), (summer, {high})):
        if re.fullmatch("[A-Z]{3,4}", name):
            letters[name] |= {low, high} if both else hours


def _span(hours: Iterable[float]) -> list[float]:
    found = sorted(hours)
    return [found[0], found[-1]]


# Months and weekdays


def calendar() -> str:
    """Months, weekdays and the short forms that stand with dates."""
    short = [
        *(form for locale in (ENGLISH, BRITISH) for form in _short(locale)),
        *(ENGLISH.day_periods["format"]["wide"][half] for half in ("am", "pm")),
        *ENGLISH.eras["abbreviated"].values(),
    ]
    rows = {
        "months": _lower(ENGLISH.months["format"]["wide"].values()),
        "weekdays": _lower(day for _, day in sorted(ENGLISH.days["format"]["wide"].items())),
        "abbreviations": _lower(dict.fromkeys(short)),
    }
    text = "Months and weekdays in their order, and what dates are shortened to. Lower case."
    return header(text, CLDR) + "".join(f'{name} = "{row}"\n' for name, row in rows.items())


def _short(locale: Locale) -> list[str]:
    months, days = (part["format"]["abbreviated"] for part in (locale.months, locale.days))
    return [m for _, m in sorted(months.items())] + [d for _, d in sorted(days.items())]


def _lower(forms: Iterable[str]) -> str:
    return " ".join(form.lower() for form in forms)


# Units

KMH = constants.kmh
FAMILIES: dict[str, dict[str, float]] = {
    "speed": {
        "kilometer-per-hour": 1,
        "mile-per-hour": constants.mph / KMH,
        "knot": constants.knot / KMH,
        "meter-per-second": 1 / KMH,
    },
    "volume": {
        "liter": 1,
        "deciliter": constants.deci,
        "centiliter": constants.centi,
        "milliliter": constants.milli,
        "gallon": constants.gallon / constants.liter,
        "quart": constants.gallon / constants.liter / 4,
        "cup": constants.gallon / constants.liter / 16,
        "tablespoon": constants.gallon / constants.liter / 256,
        "teaspoon": constants.gallon / constants.liter / 768,
    },
    "length": {
        "millimeter": constants.milli,
        "centimeter": constants.centi,
        "meter": 1,
        "kilometer": constants.kilo,
        "inch": constants.inch,
        "foot": constants.foot,
        "yard": constants.yard,
        "mile": constants.mile,
    },
    "mass": {
        "gram": constants.gram,
        "kilogram": 1,
        "pound": constants.pound,
        "ounce": constants.oz,
        "tonne": constants.metric_ton,
    },
    "area": {
        "square-meter": 1,
        "square-kilometer": constants.kilo**2,
        "acre": constants.acre,
        "hectare": constants.hectare,
    },
    "duration": {
        "second": 1,
        "minute": constants.minute,
        "hour": constants.hour,
        "day": constants.day,
        "week": constants.week,
        "month": constants.Julian_year / 12,
        "year": constants.Julian_year,
    },
}
"""CLDR's units that count, with their factors to the base unit of the family."""

SHORT = {
    "kilometer-per-hour", "meter-per-second", "mile-per-hour", "deciliter", "centiliter",
    "milliliter", "millimeter", "centimeter", "meter", "kilometer", "foot", "gram", "kilogram",
    "pound", "square-meter", "square-kilometer", "hectare",
}  # fmt: skip
"""Units whose short form is no English word and no other abbreviation."""

UNITS_BY_HAND = {
    "speed": {
        "kmh": 1,
        "kph": 1,
        "kilometre/h": 1,
        "kilometer/h": 1,
        "mile/h": constants.mph / KMH,
    },
    "volume": {"pint": 0.5},
    "mass": {"kilo": 1, "ton": 1000},
    "area": {"m2": 1, "km2": constants.kilo**2, "mu": 2000 / 3},
}
"""Forms that CLDR does not have; the Chinese mu; the pint between the American and the imperial
one, and the ton, by which news means any of three."""


def units() -> str:
    """Names of units with their factors."""
    text = """Units of measurement by their names, in base units of their family: km/h, l, m, kg,
m², seconds. Plurals in -s are left out."""
    physics = f"""Factors: constants of NIST and the BIPM, as scipy {version("scipy")} carries them
(BSD-3-Clause); gallon, quart, cup and spoons are American."""
    parts = [header(text, CLDR, physics)]
    for family, factors in FAMILIES.items():
        rows: dict[str, float] = {}
        for unit, factor in factors.items():
            for name in _names(f"{family}-{unit}", short=unit in SHORT):
                rows[name] = float(factor)
        rows |= {name: float(f) for name, f in UNITS_BY_HAND.get(family, {}).items()}
        parts.append(
            table(
                f"measures.{family}",
                {n: f for n, f in rows.items() if n[:-1] not in rows or n[-1] != "s"},
            )
        )
    return "".join(parts)


def _names(unit: str, *, short: bool) -> Iterable[str]:
    for locale in (ENGLISH, BRITISH):
        patterns = locale._data["unit_patterns"][unit]
        forms = [patterns["long"]["one"], patterns["long"]["other"]]
        forms += [patterns["short"]["other"]] if short else []
        for form in forms:
            name = form.removeprefix("{0}").strip().lower()
            if " " not in name:
                yield name


LISTS: dict[str, Callable[[], str]] = {
    "currencies.toml": currencies,
    "zones.toml": zones,
    "calendar.toml": calendar,
    "units.toml": units,
}


def main() -> None:
    """Write the lists that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="LIST", help=", ".join(LISTS))
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    options = parser.parse_args()
    for name in options.names or LISTS:
        (options.output / name).write_text(LISTS[name](), encoding="utf-8")


if __name__ == "__main__":
    main()
