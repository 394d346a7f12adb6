"""`scripts/nightly.sh`: exit status, what it prints, which logs it keeps."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts/nightly.sh"


def night(folder: Path, status: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script with an environment whose `mtaudit` tells its arguments and ends so."""
    venv = folder / "the venv"
    (venv / "bin").mkdir(parents=True, exist_ok=True)
    (venv / "bin/activate").write_text(f'PATH="{venv}/bin:$PATH"\n')
    program = venv / "bin/mtaudit"
    program.write_text(f'#!/bin/sh\necho "summary of: $*"\necho "a log line" >&2\nexit {status}\n')
    program.chmod(0o755)
    names = {"NIGHTLY_VENV": str(venv), "NIGHTLY_LOGS": "the logs"} | variables
    return subprocess.run(
        ["sh", str(SCRIPT), "--config", "my file.toml", "--for", "4h"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"} | names,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def logs(folder: Path) -> list[Path]:
    return sorted((folder / "the logs").glob("night-*.log"))


def test_a_whole_night_is_silent_and_leaves_a_log(tmp_path: Path) -> None:
    done = night(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [log.read_text() for log in logs(tmp_path)] == ["a log line\n"]


@pytest.mark.parametrize(("status", "kept"), [(3, 1), (2, 1), (75, 0)])
def test_another_night_is_told(tmp_path: Path, status: int, kept: int) -> None:
    done = night(tmp_path, status)
    assert done.returncode == status
    assert done.stdout == (
        f"mtaudit: status {status}\n"
        "summary of: feeds run --config my file.toml --for 4h\na log line\n"
    )
    assert len(logs(tmp_path)) == kept


def test_the_newest_logs_are_kept(tmp_path: Path) -> None:
    (tmp_path / "the logs").mkdir()
    for day in range(10, 15):
        (tmp_path / f"the logs/night-202001{day}T020000Z-1.log").touch()
    (tmp_path / "the logs/notes.txt").touch()
    assert night(tmp_path, NIGHTLY_KEEP="3").returncode == 0
    assert [log.name[6:14] for log in logs(tmp_path)[:2]] == ["20200113", "20200114"]
    assert len(logs(tmp_path)) == 3
    assert (tmp_path / "the logs/notes.txt").exists()


@pytest.mark.parametrize(
    ("name", "value"), [("NIGHTLY_KEEP", "0"), ("NIGHTLY_KEEP", "all"), ("NIGHTLY_VENV", "/no")]
)
def test_wrong_variables_are_refused(tmp_path: Path, name: str, value: str) -> None:
    done = night(tmp_path, **{name: value})
    assert done.returncode == 2
    assert done.stderr.startswith("nightly.sh: ")
    assert name in done.stderr
    assert logs(tmp_path) == []
