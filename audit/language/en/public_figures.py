"""The public figures of `data/public_figures.txt` and the given names of `data/given_names.txt`.

`scripts/prepare_lists.py` reads both into `data/figures.json`, which is all that an audit loads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from audit.language.en.lexicon import words
from audit.language.figures import FigureList, prepared, words_of
from audit.model import Figure, FigureName

_LIST = "data/public_figures.txt"
_SECTIONS = {"[Latin alphabet]": False, "[transliterated]": True}


@cache
def public_figures() -> FigureList:
    """The list."""
    data = json.loads(files("audit.language.en").joinpath("data/figures.json").read_bytes())
    return FigureList(data, words("figure_particles"))


def read() -> dict[str, Any]:
    """What `data/figures.json` has to hold. Raises ValueError at a line that cannot be read, naming
    it."""
    groups = (line.split("|") for _, line in _lines("data/given_names.txt"))
    return prepared(_figures(), groups)


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
