"""The tables of `data/*.toml`, read from `data/tables.json`.

TOML is for those who write the lists; to parse it takes .03 s of every start, JSON a thousandth.
`scripts/prepare_lists.py` writes the one from the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["table"]


def table(name: str) -> Mapping[str, Any]:
    """The table of a file of `data/`, named without its ending. Raises KeyError if there is
    none."""
    return _tables()[name]


@cache
def _tables() -> dict[str, dict[str, Any]]:
    file = files("audit.language.en").joinpath("data", "tables.json")
    tables: dict[str, dict[str, Any]] = json.loads(file.read_bytes())
    return tables
