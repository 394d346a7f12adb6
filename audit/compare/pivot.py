"""The language that a garbled name passed through, by the letters that it came out with.

A machine that translates by way of another language writes names back by sound. Letters that this
language has as one come out at random, and letters that it lacks come out as others. Which they
are follows from the rules of transliteration (the table `pivots`, with a source for each).

Nothing is inferred unless such letters explain the whole difference of the two forms, and no more
than `MOST` languages leave them. A garble that is a name or word of its own is left alone: Palma
for Parma is another town, whichever way it came.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from audit.compare.public_figures import OWN_NAME, SHORTEST
from audit.compare.vote import BLAME, DECIDED
from audit.language.spelling import is_variant
from audit.model import Finding, Language

MOST = 3
"""Most languages that are named: with more of them a reader learns nothing."""

LEAST = 2
"""Pieces of evidence, one of them a name, from which the pivot of a version is inferred."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """Letters that are read where the right name has others, and what leaves them so."""

    read: str
    right: str
    through: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pivot:
    """What explains a garbled name: languages, and the letters (read, right) that show them.

    `names` are the words of the right name that came out changed.
    """

    languages: frozenset[str]
    letters: tuple[tuple[str, str], ...]
    names: tuple[str, ...]


def pivot(garbled: str, right: str, language: Language) -> Pivot | None:
    """The languages of which each explains the whole difference; None if none does."""
    words_of = language.public_figures().words_of
    ours, theirs = words_of(garbled), words_of(right)
    if len(ours) != len(theirs):
        return None
    changed = [(a, b) for a, b in zip(ours, theirs, strict=True) if not _is_same(a, b, language)]
    if not changed or any(_stands_alone(a, language) or sorted(a) == sorted(b) for a, b in changed):
        return None  # letters that changed places are a slip of the hand
    signs = _signs(language)
    found = {}
    for through in frozenset().union(*(s.through for s in signs)):
        known = [s for s in signs if through in s.through]
        ways = [_way(a, b, known) for a, b in changed]
        if all(ways):
            found[through] = dict.fromkeys(letters for way in ways for letters in way)
    if not found:
        return None
    letters = tuple(found[min(found)])
    return Pivot(frozenset(found), letters, tuple(b for _, b in changed))


def pivot_note(garbled: str, right: str, language: Language) -> str:
    """The languages and the letters in a sentence that begins with a space; "" if not known."""
    found = pivot(garbled, right, language)
    if found is None or len(found.languages) > MOST:
        return ""
    shown = " and ".join(f"“{read}” for “{right}”" for read, right in found.letters)
    verb = "points" if len(found.letters) == 1 else "point"
    return f" {shown} {verb} to a translation by way of {_either(found.languages)}."


def likely_pivot(findings: Iterable[Finding], language: Language) -> tuple[str, ...]:
    """What the garbled names and untranslated words of a version agree on: one mark, or none.

    None without a name, with fewer than `LEAST` different names and scripts, or if these disagree.
    """
    names: dict[tuple[str, ...], tuple[str, frozenset[str]]] = {}
    scripts: set[frozenset[str]] = set()
    for f in findings:
        if f.rule == "untranslated":
            scripts |= _scripts(f.quote, language)
        elif f.rule == "name-garble" and f.suggestion and _is_decided(f):
            found = pivot(f.quote, f.suggestion, language)
            if found:
                names.setdefault(found.names, (f.quote, found.languages))
    if not names or len(names) + len(scripts) < LEAST:
        return ()
    languages = frozenset.intersection(*(through for _, through in names.values()), *scripts)
    if not 0 < len(languages) <= MOST:
        return ()
    return (f"likely pivot: {_either(languages)} ({', '.join(q for q, _ in names.values())})",)


def _is_same(a: str, b: str, language: Language) -> bool:
    """Whether two words are one name, in spellings or forms that people use.

    Before r the l of the Arabic article is r as well: Abdulrahman, Abdurrahman.
    """
    spoken = a.replace("lr", "rr"), b.replace("lr", "rr")
    return a == b or is_variant(*spoken) or language.public_figures().is_form_of(a, b)


def _stands_alone(word: str, language: Language) -> bool:
    """Whether a word is a name or word of its own, or too short to judge."""
    is_frequent = language.zipf(word) > OWN_NAME
    return len(word) < SHORTEST or is_frequent or bool(language.place_groups(word))


def _way(read: str, right: str, signs: Iterable[_Sign]) -> list[tuple[str, str]]:
    """The letters by which `right` becomes `read`; empty if these signs do not explain it."""
    read, right = f"^{read}", f"^{right}"
    todo: list[tuple[int, int, list[tuple[str, str]]]] = [(0, 0, [])]
    while todo:
        i, j, way = todo.pop()
        if (i, j) == (len(read), len(right)):
            return way
        for s in signs:
            if read.startswith(s.read, i) and right.startswith(s.right, j):
                letters = s.read.strip("^"), s.right.strip("^")
                todo.append((i + len(s.read), j + len(s.right), [*way, letters]))
        if read[i : i + 1] == right[j : j + 1]:
            todo.append((i + 1, j + 1, way))
    return []


def _is_decided(f: Finding) -> bool:
    """Whether it is known which of the two names is right."""
    return all(m.value >= DECIDED for m in f.measures if m.name == BLAME)


def _either(languages: Iterable[str]) -> str:
    *first, last = sorted(languages)
    return f"{', '.join(first)} or {last}" if first else last


def _scripts(text: str, language: Language) -> set[frozenset[str]]:
    """The languages that each script of a text is used for, where the table knows it."""
    names = {unicodedata.name(c, "?").split(maxsplit=1)[0] for c in text if c.isalpha()}
    table = language.table("pivots").get("scripts", {})
    return {frozenset(through) for name, through in table.items() if name in names}


@lru_cache
def _signs(language: Language) -> tuple[_Sign, ...]:
    signs = []
    for row in language.table("pivots").get("sign", ()):
        through = frozenset(row["through"])
        signs.append(_Sign(row["read"], row["right"], through))
        if row.get("either"):
            signs.append(_Sign(row["right"], row["read"], through))
    return tuple(signs)
