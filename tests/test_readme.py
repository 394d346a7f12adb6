"""What the README asks a reader to type and to set is really there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from audit.config import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.M | re.S)


def typed(program: str) -> list[list[str]]:
    """The words after a program's name in each command line of the README."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    found = [shlex.split(command, comments=True) for line in lines for command in line.split(" | ")]
    return [words[1:] for words in found if words and words[0] == program]


def commands() -> dict[str, set[str]]:
    """Each mtaudit command of the README with the flags that the README gives it."""
    flags: dict[str, set[str]] = {}
    for words in typed("mtaudit"):
        name = " ".join(words[:2] if words[0] in ("config", "feeds", "models") else words[:1])
        flags.setdefault(name, set()).update(w for w in words if re.match(r"--?[a-z]", w))
    return flags


@pytest.mark.parametrize(("command", "flags"), sorted(commands().items()))
def test_command_and_its_flags_exist(command: str, flags: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "audit.cli", *command.split(), "--help"],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert flags <= set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", done.stdout))


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.M))
    assert {word for words in typed("make") for word in words} <= targets
    assert [words[0] for words in typed("make")][:2] == ["demo", "test"]


def test_example_settings_are_accepted() -> None:
    (example,) = blocks("toml")
    given = tomllib.loads(example)
    assert given
    Settings(**given)


def test_python_example_runs() -> None:
    (example,) = blocks("python")
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert callable(names["audit_story"])
    assert callable(names["audit_text"])


def test_every_linked_file_is_there() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_version_is_that_of_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[^]]*)\] - \d{4}-\d{2}-\d{2}$", changelog, flags=re.M)
    assert released[0] == project["version"] == version("mtaudit")
