"""Word lists and tables of word groups, from `data/claims.toml`, `verbs.toml` and `order.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from audit.language.en.tables import table

__all__ = ["groups_of", "listed", "phrases_of"]

_FILES = ("claims", "verbs", "order")


@cache
def _data() -> dict[str, Any]:
    return {key: value for name in _FILES for key, value in table(name).items()}


@cache
def listed(name: str) -> frozenset[str]:
    """A word list by its name. Raises KeyError if there is none."""
    found = _data()[name]
    return frozenset(found.split() if isinstance(found, str) else found)


@cache
def phrases_of(name: str, group: str) -> tuple[tuple[str, ...], ...]:
    """One group of a table as tuples of words; empty if the table has no such group."""
    return tuple(tuple(p.split()) for p in _data()[name].get(group, ()))


@cache
def groups_of(name: str) -> Mapping[str, str]:
    """The group of each single word of a table."""
    return {word: group for group, members in _data()[name].items() for word in members}
