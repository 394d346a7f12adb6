"""Words that decide what a sentence claims, from `data/claims.toml`."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

__all__ = ["groups_of", "irregular", "listed", "opposed", "phrases_of", "table"]


@cache
def _data() -> dict[str, Any]:
    text = files("audit.language.en").joinpath("data", "claims.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def listed(name: str) -> frozenset[str]:
    """A word list by its name; "verbs", "sure_verbs" and "not_gerunds" are those of [verbs]."""
    verbs = _data()["verbs"]
    if name == "verbs":
        return frozenset(verbs["sure"].split() + verbs["unsure"].split()) | _irregular_bases()
    if name == "sure_verbs":
        return frozenset(verbs["sure"].split()) - frozenset(verbs["unsure"].split())
    if name == "not_gerunds":
        return frozenset(verbs["not_gerunds"].split())
    if name == "hedges":
        return frozenset(_data()["hedges"]["words"])
    found = _data()[name]
    return frozenset(found.split() if isinstance(found, str) else found)


@cache
def phrases_of(name: str, group: str) -> tuple[tuple[str, ...], ...]:
    """One group of a table as tuples of words."""
    return tuple(tuple(p.split()) for p in _data()[name][group])


@cache
def table(name: str) -> dict[str, tuple[str, ...]]:
    """A table of named groups of words or phrases."""
    return {group: tuple(members) for group, members in _data()[name].items()}


@cache
def groups_of(name: str) -> dict[str, str]:
    """The group of each single word of a table."""
    return {word: group for group, members in table(name).items() for word in members}


@cache
def irregular() -> dict[str, tuple[str, ...]]:
    """Irregular verb forms: base first, then what a form can be (past, participle, present)."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in _entries():
        base, pasts, participles = entry
        for form in {*pasts, *participles}:
            kinds = [base]
            kinds += ["past"] * (form in pasts)
            kinds += ["participle"] * (form in participles)
            kinds += ["present"] * (form == base)
            found[form] = tuple(kinds)
    return found


@cache
def _entries() -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    entries = []
    for line in _data()["irregular"]["table"].split(";"):
        base, past, participle = line.split()
        entries.append((base, frozenset(past.split("/")), frozenset(participle.split("/"))))
    return tuple(entries)


@cache
def _irregular_bases() -> frozenset[str]:
    return frozenset(base for base, _, _ in _entries())


@cache
def _opposites() -> dict[str, frozenset[int]]:
    """For each word the sides it is on: an opposition's number, signed by side."""
    sides: dict[str, set[int]] = {}
    for number, line in enumerate(_data()["oppositions"], start=1):
        for sign, side in zip((1, -1), line.split("|"), strict=True):
            for word in side.split():
                sides.setdefault(word, set()).add(sign * number)
    return {word: frozenset(found) for word, found in sides.items()}


@lru_cache(maxsize=20_000)
def opposed(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether some base form of the one word is an opposite of some base form of the other.

    Words that also stand on the same side of some opposition are not opposed.
    """
    sides = _opposites()
    ours = {s for w in a for s in sides.get(w, ())}
    theirs = {s for w in b for s in sides.get(w, ())}
    return any(-s in theirs for s in ours) and not ours & theirs and not a & b
