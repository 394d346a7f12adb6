"""Reads `data/public_figures.txt` and `data/given_names.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from audit.language.en.lexicon import words
from audit.language.figures import FigureList, words_of
from audit.model import Figure, FigureName

_LIST = "data/public_figures.txt"
_SECTIONS = {"[Latin alphabet]": False, "[transliterated]": True}


@cache
def public_figures() -> FigureList:
    """The list. Raises ValueError at a line that cannot be read, naming it."""
    groups = (line.split("|") for _, line in _lines("data/given_names.txt"))
    return FigureList(_figures(), groups, words("figure_particles"))


def _figures() -> Iterator[Figure]:
    transliterated: bool | None = None
    for number, line in _lines(_LIST):
        if line.startswith("["):
            transliterated = _SECTIONS.get(line)
            continue
        names = tuple(_name(part) for part in line.split("|"))
        if transliterated is None or not all(n.family_words and n.given_words for n in names):
            raise ValueError(f"{_LIST}, line {number}: no full name, or no section: {line!r}")
        yield Figure(names, transliterated)


def _lines(name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file that are neither empty nor a comment, with their numbers."""
    text = files("audit.language.en").joinpath(name).read_text("utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line.startswith("#"):
            yield number, line


def _name(listed: str) -> FigureName:
    """Read "Ursula {von der Leyen}" or "Angela Merkel"."""
    braced = re.fullmatch(r"([^{}]*)\{([^{}]+)\}([^{}]*)", listed)
    if braced:
        before, family, after = (part.strip() for part in braced.groups())
        given = before or after
        text, family_first = re.sub("[{}]", "", listed), not before
    else:
        given, _, family = listed.rpartition(" ")
        text, family_first = listed, False
    particles = words("figure_particles")
    return FigureName(
        text, family, words_of(given, particles), words_of(family, particles), family_first
    )
