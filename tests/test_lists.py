"""Word lists that are made from kept sources: they are what the sources give."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "audit" / "language" / "en" / "data"
MADE = ("calendar.toml", "currencies.toml", "units.toml", "zones.toml")
SOURCES = {"babel": r"Babel ([\d.]+)", "scipy": r"scipy ([\d.]+)", "tzdata": r"tzdata ([\d.]+)"}


def versions(name: str) -> dict[str, str]:
    """The versions of the libraries that a list says it was made with."""
    text = (DATA / name).read_text(encoding="utf-8")
    found = {library: re.search(pattern, text) for library, pattern in SOURCES.items()}
    return {library: match[1].rstrip(".") for library, match in found.items() if match}


@pytest.mark.parametrize("name", MADE)
def test_a_list_is_what_its_sources_give(name: str) -> None:
    for library, made_with in versions(name).items():
        pytest.importorskip(library)
        if version(library) != made_with:
            pytest.skip(f"{library} {version(library)} is installed, not {made_with}")
    from make_lists import LISTS

    assert LISTS[name]() == (DATA / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MADE)
def test_a_list_was_made_with_the_pinned_versions(name: str) -> None:
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for library, made_with in versions(name).items():
        assert f"{library}=={made_with}" in pinned


@pytest.mark.parametrize(
    "name", sorted(p.name for p in DATA.iterdir() if p.suffix in (".toml", ".txt"))
)
def test_every_list_says_where_it_comes_from(name: str) -> None:
    opening = [ln[1:].strip() for ln in (DATA / name).read_text("utf-8").splitlines()[:12]]
    assert re.search(r"Source:|[Cc]ompiled by hand", " ".join(opening))
