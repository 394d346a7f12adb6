"""Words that share a translation with a word, by `data/translations.txt.xz`.

`scripts/build_translations.py` makes the table and says what it holds and where it comes from.
"""

from __future__ import annotations

import lzma
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files

MOST = 40
"""Forms that may be meant by one form."""

_Kind = tuple[int, int]
"""A line of the table, and which of its lemma's forms: singular or plural, past, …"""


@lru_cache(maxsize=20_000)
def sharing_translation(word: str) -> Mapping[str, float]:
    """The forms that may be meant by a form in lower case, in the same inflection.

    Likeliest first, with the log10 of the joint probability of meaning the one and getting the
    other. A form that belongs to several lemmas ("tolls") may be meant for any of them.
    """
    lines, kinds = _table()
    found: dict[str, float] = {}
    for number, kind in kinds.get(word, ()):
        for cell in lines[number].partition("\t")[2].split():
            meant, _, tenths = cell.partition(":")
            for form in _forms(lines[int(meant)])[kind]:
                found[form] = max(found.get(form, -float("inf")), -int(tenths) / 10)
    found.pop(word, None)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:MOST])


@cache
def _table() -> tuple[Sequence[str], Mapping[str, Sequence[_Kind]]]:
    """The lines, and where each form stands in them."""
    packed = files("audit.language.en").joinpath("data", "translations.txt.xz").read_bytes()
    lines = lzma.decompress(packed).decode("ascii").splitlines()
    kinds: dict[str, list[_Kind]] = defaultdict(list)
    for number, line in enumerate(lines):
        for kind, forms in enumerate(_forms(line)):
            for form in forms:
                kinds[form].append((number, kind))
    return lines, kinds


def _forms(line: str) -> list[list[str]]:
    """The forms of a line's lemma, by kind; none of a kind that is not in use."""
    kinds = line.partition("\t")[0].split(",")
    return [kind.split("|") if kind else [] for kind in kinds]
