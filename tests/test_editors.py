"""The pre-commit hook, the example workflow and the set-ups of editors ask for what is there."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
EDITORS = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load((ROOT / "docs/examples/articles.yml").read_text(encoding="utf-8"))
FAULTY = "U.S. Secretary of State Anthony Brinken warned Russia on Monday.\nHe spoke in Berlin.\n"
SOUND = "The minister spoke to reporters on Monday.\nThe dam was built in 1951, he said.\n"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment in which `mtaudit` is this one, without its language model."""
    program = tmp_path / "bin" / "mtaudit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m audit.cli "$@"\n')
    program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "MTAUDIT_CAUSAL_MODEL": "none",
    }


def run(command: list[str], folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=600
    )


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", EDITORS, flags=re.M | re.S)
    return str(found)


def test_hook_checks_each_file_by_itself(tmp_path: Path, bare: dict[str, str]) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in (("a faulty.txt", FAULTY), ("sound.txt", SOUND)):
        (folder / name).write_text(text, encoding="utf-8")
    command = shlex.split(hook["entry"])
    done = run([*command, "a faulty.txt", "sound.txt"], folder, bare)
    assert done.returncode == 1, done.stderr
    assert "a faulty.txt:1:" in done.stdout
    assert run([*command, "sound.txt"], folder, bare).returncode == 0


def test_workflow_marks_faults_and_writes_reports(tmp_path: Path, bare: dict[str, str]) -> None:
    steps: list[dict[str, Any]] = WORKFLOW["jobs"]["check"]["steps"]
    scripts = {s["name"]: s["run"] for s in steps if "run" in s}
    story = tmp_path / "articles" / "dam"
    story.mkdir(parents=True)
    (story / "a.txt").write_text(FAULTY, encoding="utf-8")
    (story / "b.md").write_text(SOUND, encoding="utf-8")

    # GitHub runs a step's script so.
    def step(name: str) -> subprocess.CompletedProcess[str]:
        return run(["bash", "-e", "-o", "pipefail", "-c", scripts[name]], tmp_path, bare)

    done = step("Check every article beside its other versions")
    assert done.returncode == 1, done.stderr
    assert re.search(r"^::(?:error|warning) file=articles/dam/a\.txt,", done.stdout, flags=re.M)
    done = step("Write the reports")
    assert done.returncode == 0, done.stderr
    assert {f.name for f in (tmp_path / "reports/dam").iterdir()} == {
        *("report.html", "report.pdf", "findings.sarif"),
    }


@pytest.mark.parametrize(
    "flags",
    sorted(
        {
            *re.findall(r"mtaudit lsp ((?:--[a-z-]+)(?: [a-z]+)?)", EDITORS),
            " ".join(json.loads(block("json"))["glspc.server.commandArguments"][1:]),
            " ".join(tomllib.loads(block("toml"))["language-server"]["mtaudit"]["args"][1:]),
        }
    ),
)
def test_flags_of_the_editors_page_are_taken(
    flags: str, tmp_path: Path, bare: dict[str, str]
) -> None:
    # Without a client the server ends at once; a flag that it does not know is status 2.
    done = subprocess.run(
        ["mtaudit", "lsp", *flags.split()],
        cwd=tmp_path,
        env=bare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
