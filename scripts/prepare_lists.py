"""Read the lists of English into the files that an audit loads.

    python scripts/prepare_lists.py

To be run after a change of `data/*.toml`, `public_figures.txt` or `given_names.txt`;
`tests/test_prepared.py` says so where it was forgotten.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import regex

from audit.segment.residue import OPENING, shapes_of, with_shapes

DATA = Path(__file__).resolve().parent.parent / "audit" / "language" / "en" / "data"

MANY = 80
"""More openings than these are not worth looking up."""


def main() -> None:
    """Write all of them."""
    for name, prepared in PREPARED.items():
        (DATA / name).write_text(text_of(prepared()), "utf-8")


def tables() -> dict[str, Any]:
    """All tables, by the names of their files; `residue` with the openings of its patterns."""
    found = {f.stem: tomllib.loads(f.read_text("utf-8")) for f in sorted(DATA.glob("*.toml"))}
    residue = found["residue"]
    shapes = shapes_of(residue)
    residue["openings"] = {
        pattern: opened
        for table in residue["line"]
        for pattern in table["patterns"]
        if (opened := openings(with_shapes(pattern, shapes), minds_case=table.get("case", False)))
    }
    return found


def openings(pattern: str, *, minds_case: bool) -> list[str] | None:
    """How lines begin in ASCII that may fit a pattern, lower case unless it minds case: by
    `OPENING` characters, by fewer where there are many; None if they may begin in many ways."""
    compiled = regex.compile(pattern, 0 if minds_case else regex.IGNORECASE)
    letters = [c for c in map(chr, range(32, 127)) if minds_case or c == c.lower()]
    known = [""]
    for _ in range(OPENING):
        longer = [k + c for k in known for c in letters if compiled.fullmatch(k + c, partial=True)]
        if len(longer) > MANY:
            break
        known = longer
    return known if known != [""] else None


def figures() -> dict[str, Any]:
    """The list of public figures with its look-ups."""
    from audit.language.en.public_figures import read  # needs the tables

    return read()


PREPARED: dict[str, Callable[[], dict[str, Any]]] = {
    "tables.json": tables,
    "figures.json": figures,
}


def text_of(found: dict[str, Any]) -> str:
    """As JSON, one entry a line, so that a change can be read."""
    lines = (f"{_json(key)}:{_json(value)}" for key, value in found.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
