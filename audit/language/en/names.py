"""What English knows of names: titles, months, places, the endings of peoples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from audit.language.en.lexicon import words
from audit.language.en.tables import table
from audit.language.spelling import fold

_DATA = table("names")
_CALENDAR = table("calendar")
MONTHS: tuple[str, ...] = tuple(_CALENDAR["months"].split())
WEEKDAYS: tuple[str, ...] = tuple(_CALENDAR["weekdays"].split())
_STOPS = frozenset(",.;:!?)]”’")
_OPEN, _CLOSE = frozenset('“"‘('), frozenset('”"’)')
_INFLECTION = re.compile(
    r"(?:'s|s|es|n|an|ans|ian|ians|ean|eans|ese|ish|i|is|ic|ics|er|ers|ite|ites|stan|stani|"
    r"land|al|ial|ially|ed|ing|e|en|y|ies|ist|ists|ism|ity|ry|lar)?"
)
"""Endings that turn a place or institution into its people or adjective, or back."""


def is_kin(a: str, b: str) -> bool:
    """Whether two words name the same place or differ by an ending (Kazakh, Kazakhstan)."""
    a, b = fold(a), fold(b)
    if a == b or (place_groups(a) & place_groups(b)):
        return True
    common = 0
    while common < min(len(a), len(b)) and a[common] == b[common]:
        common += 1
    return any(
        _INFLECTION.fullmatch(a[k:]) and _INFLECTION.fullmatch(b[k:]) for k in range(common, 3, -1)
    )


@cache
def places() -> tuple[tuple[str, ...], ...]:
    """The lines of `data/places.txt`: the forms that stand for one place."""
    text = resources.files("audit.language.en").joinpath("data/places.txt").read_text("utf-8")
    return tuple(tuple(x.split("|")) for x in text.splitlines() if not x.startswith("#"))


@cache
def _place_groups() -> Mapping[str, frozenset[int]]:
    groups: dict[str, set[int]] = {}
    for number, forms in enumerate(places()):
        for form in forms:
            groups.setdefault(fold(form).rstrip("."), set()).add(number)
    return {form: frozenset(numbers) for form, numbers in groups.items()}


def place_groups(text: str) -> frozenset[int]:
    """Which places a name of one or more words may stand for; empty if it names none listed."""
    return _place_groups().get(fold(text).rstrip("."), frozenset())


def is_finite_verb(form: str) -> bool:
    """Whether a form is one of the finite verbs of news, or looks like a regular past."""
    return form in words("finite_verbs") or (len(form) > 4 and form.endswith("ed"))


def cannot_meet(before: str, after: str, shared: int) -> bool:
    """Whether two neighbours cannot stand side by side: "by and", "in .", "The also", ",,".

    Each is "" at the edge of a sentence. `shared` says how many of them, 0 to 2, stand so beside
    the name in another text: what is unusual but possible English needs one or both.
    """
    # "A" may be a letter of its own.
    article = before != "A" and fold(before) in words("articles")
    before, after = fold(before), fold(after)
    joining, no_object = words("joining_words"), words("no_objects")
    stop = after in _STOPS
    if not before:
        return after in (",", ".") or (shared == 2 and is_finite_verb(after))
    if after.startswith("'"):
        return after == "'s" and (article or before in words("name_prepositions"))
    if before in words("core_prepositions"):
        lost = (shared > 0 and after in no_object) or (shared == 2 and after == "that")
        return stop or after in joining or lost
    if article:
        return stop or (shared > 0 and after in no_object | joining)
    if before in joining:
        return stop and shared > 0
    if before in words("complementizers"):
        return shared == 2 and is_finite_verb(after)
    if before in _OPEN:
        return after in _CLOSE or (after == "," and before != '"')
    return before == after == ","


@cache
def lists() -> Mapping[str, frozenset[str]]:
    """The word lists of `data/names.toml` by name, with the calendar of `data/calendar.toml`."""
    return {
        "titles": frozenset(_DATA["titles"].split()),
        "heads": frozenset(_DATA["heads"].split()),
        "names_like_words": frozenset(_DATA["names_like_words"].split()),
        "possessives": frozenset(_DATA["possessives"].split()),
        "calendar": frozenset(
            (*MONTHS, *WEEKDAYS, *_CALENDAR["abbreviations"].split(), *_DATA["calendar"].split())
        ),
    }
