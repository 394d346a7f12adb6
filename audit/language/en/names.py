"""What English knows of names: titles, months, places, the endings of peoples."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from audit.language.en.lexicon import is_english, words, zipf
from audit.language.spelling import fold
from audit.model import Word

_DATA = tomllib.loads(
    resources.files("audit.language.en").joinpath("data/names.toml").read_text("utf-8")
)
TITLES = frozenset(_DATA["titles"].split())
MONTHS: tuple[str, ...] = tuple(_DATA["months"].split())
PREPOSITIONS = words("name_prepositions")
ARTICLES = words("articles")
FUNCTION_WORDS = words("no_names")
CORE_PREPOSITIONS = words("core_prepositions")
FINITE = words("finite_verbs")
_CALENDAR = frozenset(MONTHS) | set(_DATA["calendar"].split())
PARTICLES = words("name_particles")
_INFLECTION = re.compile(
    r"(?:'s|s|es|n|an|ans|ian|ians|ean|eans|ese|ish|i|is|ic|ics|er|ers|ite|ites|stan|stani|"
    r"land|al|ial|ially|ed|ing|e|en|y|ies|ist|ists|ism|ity|ry|lar)?"
)
"""Endings that turn a place or institution into its people or adjective, or back."""


def is_kin(a: str, b: str) -> bool:
    """Whether two words name the same place or differ by an ending (Kazakh, Kazakhstan)."""
    a, b = fold(a), fold(b)
    if a == b or (_groups(a) & _groups(b)):
        return True
    common = 0
    while common < min(len(a), len(b)) and a[common] == b[common]:
        common += 1
    return any(
        _INFLECTION.fullmatch(a[k:]) and _INFLECTION.fullmatch(b[k:]) for k in range(common, 3, -1)
    )


@cache
def _place_groups() -> Mapping[str, frozenset[int]]:
    text = resources.files("audit.language.en").joinpath("data/places.txt").read_text("utf-8")
    groups: dict[str, set[int]] = {}
    for number, line in enumerate(text.splitlines()):
        if not line.startswith("#"):
            for form in line.split("|"):
                groups.setdefault(fold(form).rstrip("."), set()).add(number)
    return {form: frozenset(numbers) for form, numbers in groups.items()}


def _groups(word: str) -> frozenset[int]:
    return _place_groups().get(fold(word).rstrip("."), frozenset())


def place_groups(text: str) -> frozenset[int]:
    """Which places a name of one or more words may stand for; empty if it names none we know."""
    return _groups(text)


def places_in(words: Iterable[Word]) -> frozenset[int]:
    """Which places the words of a passage name, in one, two or three words."""
    bare = [w.bare for w in words]
    found: set[int] = set()
    for size in (1, 2, 3):
        for i in range(len(bare) - size + 1):
            found |= _groups(" ".join(bare[i : i + size]))
    return frozenset(found)


def weight(part: str) -> float:
    """How much a word says about which name it belongs to: rare words much, "Office" little."""
    rarity = max(0.4, 7 - zipf(part))
    return rarity if _groups(part) or not is_english(part) else rarity / 2


@cache
def lists() -> Mapping[str, frozenset[str]]:
    """The word lists of `data/names.toml` by name."""
    return {
        "titles": TITLES,
        "months": frozenset(MONTHS),
        "names_like_words": frozenset({"US"}),
        "calendar": _CALENDAR,
    }
