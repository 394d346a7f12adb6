"""Every dependency is bounded, pinned, and explained."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIRECT = [
    requirement
    for line in (
        *PROJECT["dependencies"],
        *(d for extra in PROJECT["optional-dependencies"].values() for d in extra),
    )
    if (requirement := Requirement(line)).name != PROJECT["name"]
]
PINNED = {
    canonicalize_name(name): number
    for name, number in re.findall(
        r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), flags=re.M
    )
}


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda r: r.name)
def test_dependency_is_bounded_pinned_and_explained(requirement: Requirement) -> None:
    assert {clause.operator for clause in requirement.specifier} == {">=", "<"}
    assert PINNED[canonicalize_name(requirement.name)] in requirement.specifier
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert f"| {requirement.name} |" in explained


def test_nothing_is_explained_that_is_not_used() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| ([\w.-]+) \|", text, flags=re.M)) - {"dependency", "tool"}
    npm_and_system = set(re.findall(r"^\| (\S+) \| (?:npm|Debian) \|", text, flags=re.M))
    assert rows - npm_and_system == {r.name for r in DIRECT}
