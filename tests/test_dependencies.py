"""Every dependency is used, bounded, pinned, and explained."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
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
USED_BY_OTHERS = {"lxml-html-clean"}
"""What a library that we import cannot do without for what we ask of it: trafilatura at all."""


def imported() -> set[str]:
    """The distributions that the package imports, at any depth of its code."""
    distributions = packages_distributions()
    modules: set[str] = set()
    for file in (ROOT / "audit").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {a.name.partition(".")[0] for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    return {canonicalize_name(d) for m in modules for d in distributions.get(m, ())}


def test_what_is_needed_to_run_is_what_the_package_imports() -> None:
    needed = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    extra = {
        canonicalize_name(Requirement(line).name)
        for name in ("grammar", "judge", "postgres", "ray", "torch")
        for line in PROJECT["optional-dependencies"][name]
    }
    assert needed - USED_BY_OTHERS == imported() - extra - {PROJECT["name"]}


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
