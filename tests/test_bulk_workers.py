"""Processes that audit chunks: the same output as one process, and what a dead one costs."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from fake_engine import FakeEngine, dying, refusing
from test_bulk import bulk_of, stories

from audit.bulk.chunks import Chunk, chunks, write
from audit.bulk.workers import AHEAD, MakeEngine, Workers
from audit.errors import ConfigurationError, InputError, ModelError
from audit.models.processor import allowed_cores


def by_workers(*texts: str | InputError, jobs: int = 2, make: MakeEngine = FakeEngine) -> list[Any]:
    out = io.BytesIO()
    with Workers(jobs, make, 1) as workers:
        write(workers.map(chunks(stories(*texts))), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


TEXTS = ["fine", InputError("in:2", "not valid JSON"), "refused", *["fine"] * 70, "raised", "fine"]


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_processes_write_what_one_writes(jobs: int) -> None:
    assert by_workers(*TEXTS, jobs=jobs) == bulk_of(*TEXTS)[1]


def test_a_story_that_ends_its_process_costs_its_line_alone() -> None:
    records = by_workers(*["fine"] * 40, "killed", *["fine"] * 40)
    errors = {i: r["error"] for i, r in enumerate(records) if "error" in r}
    assert list(errors) == [40] and len(records) == 81
    assert errors[40]["kind"] == "WorkerDied"
    assert "SIGKILL" in errors[40]["message"]


def test_a_process_that_dies_by_chance_costs_nothing(tmp_path: Path) -> None:
    texts = ["fine", f"killed once {tmp_path / 'mark'}", "fine"]
    assert ["error" in r for r in by_workers(*texts)] == [False] * 3
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("make", "error", "why"),
    [(refusing, ConfigurationError, "no such setting"), (dying, ModelError, "fewer --jobs")],
)
def test_a_process_that_has_no_engine_ends_the_run(
    make: MakeEngine, error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        by_workers("fine", make=make)


def test_input_is_read_only_so_far_ahead() -> None:
    taken: list[Chunk] = []

    def endless() -> Any:
        for chunk in chunks(stories(*["fine"] * 3200)):
            taken.append(chunk)
            yield chunk

    with Workers(2, FakeEngine, 1) as workers:
        assert len(list(islice(workers.map(endless()), 3))) == 3
    assert len(taken) <= 2 * AHEAD + 3


def test_no_process_is_left_when_the_run_breaks_off() -> None:
    workers = Workers(2, FakeEngine, 1)
    with workers:
        results = workers.map(chunks(stories(*["fine"] * 64, "slow")))
        next(results)
        assert multiprocessing.active_children()
    assert multiprocessing.active_children() == []


STARVED = """
import sys
sys.path[:0] = {path}
from fake_engine import FakeEngine
from test_bulk import stories
from audit.bulk.chunks import chunks
from audit.bulk.workers import Workers
import multiprocessing
if __name__ == "__main__":
    with Workers(2, FakeEngine, 1) as workers:
        results = workers.map(chunks(stories(*["fine"] * 64, "slow")))
        next(results)
        print(*(p.pid for p in multiprocessing.active_children()), flush=True)
        list(results)
"""


def begun(folder: Path, code: str) -> subprocess.Popen[str]:
    """A program that runs in a process group of its own."""
    script = folder / "run.py"
    script.write_text(code)
    return subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(run: subprocess.Popen[str], how: signal.Signals) -> str:
    """What a program says on standard error when a signal ends it."""
    # A terminal sends Ctrl-C to all processes of a group.
    (os.killpg if how is signal.SIGINT else os.kill)(run.pid, how)
    stderr = run.communicate(timeout=60)[1]
    assert run.returncode == -how
    return stderr


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_processes_end_with_the_one_that_started_them(tmp_path: Path, how: signal.Signals) -> None:
    run = begun(tmp_path, STARVED.format(path=repr([p for p in sys.path if p])))
    assert run.stdout
    children = [int(pid) for pid in run.stdout.readline().split()]
    assert len(children) == 2
    stderr = ended(run, how)
    if how is signal.SIGINT:
        assert stderr.count("Traceback") == 1
    end = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in children):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_quota_of_the_control_group_bounds_the_cores(tmp_path: Path) -> None:
    free = allowed_cores()
    assert 1 <= free <= (os.cpu_count() or 1)
    group = tmp_path / "sys/fs/cgroup/pod/app"
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("4:memory:/other\n0::/pod/app\n")
    assert allowed_cores(tmp_path) == free
    (group / "cpu.max").write_text("max 100000\n")
    assert allowed_cores(tmp_path) == free
    (group.parent / "cpu.max").write_text("50000 100000\n")
    assert allowed_cores(tmp_path) == 1
