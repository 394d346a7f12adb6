"""Confusion sets: what may have been meant where a word reads wrongly.

A language model is asked whether it would rather have read one of them (Golding & Roth 1999; for
whole confusion sets and a plain language model Bryant & Briscoe 2018, "Language model based
grammatical error correction without annotated training data").
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from audit.language.en.lexicon import zipf
from audit.language.en.tables import table
from audit.language.spelling import one_edit, plain
from audit.model import Confusion

KNOWN = 3.0
"""Zipf frequency from which a form is a word: once in a million words. These forms are listed in
`data/known.txt`: to look up in the whole list the 400 forms that are one letter from a word takes
ten times as long."""

COMMON = 4.0
"""The same for words one letter apart: of rarer ones nearly every word has some, and slurs are
among them."""

STEM = 4
"""Letters that kin share at least."""

SHORTEST = 3
"""Letters of the shortest word that is taken for a slip of one letter."""


@lru_cache(maxsize=10_000)
def confusions(word: str) -> Mapping[str, Confusion]:
    """The words that may be meant by a word in small letters, with how each is confused with it.

    A word of a closed class is only taken for others of its class.
    """
    sets = _sets()
    if word in sets["function"]:
        return dict.fromkeys(sorted(sets["function"][word]), "function")
    found: dict[str, Confusion] = dict.fromkeys(sorted(sets["forms"].get(word, ())), "form")
    # The lists have straight apostrophes.
    as_listed = plain if "’" in word else str
    known, common = _listed()
    for kin in _kin(word):
        if as_listed(kin) in known:
            found.setdefault(kin, "form")
    if len(word) >= SHORTEST:
        for near in one_edit(word):
            if as_listed(near) in common and len(near) >= SHORTEST and near not in sets["never"]:
                found.setdefault(near, "spelling")
    found.pop(word, None)
    return found


def _kin(word: str) -> Iterator[str]:
    """What shares the stem before one of the endings, words or not."""
    endings = _sets()["endings"]
    for ending in endings:
        stem = word.removesuffix(ending)
        if word.endswith(ending) and len(stem) >= STEM:
            yield from (stem + e for e in endings)


@cache
def _listed() -> tuple[frozenset[str], frozenset[str]]:
    """The forms of a Zipf frequency from KNOWN on, and those from COMMON on."""
    file = files("audit.language.en").joinpath("data", "known.txt")
    _, *forms = file.read_text("utf-8").split("\n")
    common = bisect_right(forms, -COMMON, key=lambda form: -zipf(form))
    return frozenset(forms), frozenset(forms[:common])


@cache
def _sets() -> Mapping[str, Any]:
    """Of `function` and `forms` what each word may stand for; `endings` in order; `never`."""
    data = table("confusions")
    others: dict[str, dict[str, frozenset[str]]] = {"function": {}, "forms": {}}
    for name, own in others.items():
        for group in (frozenset(g.split()) for g in data[name]):
            for word in group:
                own[word] = own.get(word, frozenset()) | group - {word}
    return {
        **others,
        "endings": sorted({"", *data["endings"]}),
        "never": frozenset(data["never"]),
    }
