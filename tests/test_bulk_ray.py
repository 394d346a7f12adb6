"""`mtaudit bulk --engine ray` on a cluster of two nodes on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_bulk_parts import RULES, N, bulk_input

from audit.cli import main as cli

CLUSTER = """
import os, sys
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
cluster.add_node(num_cpus=1)
print("at", cluster.address, flush=True)
sys.stdin.read()
cluster.shutdown()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[subprocess.Popen[str]]:
    """A running cluster; its address is in RAY_ADDRESS."""
    pytest.importorskip("ray")
    run = subprocess.Popen(
        [sys.executable, "-c", CLUSTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    address = next((x.split()[1] for x in run.stdout if x.startswith("at ")), None)
    assert address, "the cluster did not start"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", address)
        yield run
    run.communicate(timeout=60)


def below(pid: int) -> Iterator[int]:
    """The processes that a process has started, and those that these have."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield int(child)
            yield from below(int(child))


def workers(cluster: subprocess.Popen[str]) -> list[int]:
    return [
        pid
        for pid in below(cluster.pid)
        if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"ray::MapWorker")
    ]


def test_two_workers_of_which_one_is_killed_write_what_one_process_writes(
    tmp_path: Path, cluster: subprocess.Popen[str]
) -> None:
    source, folder, whole = bulk_input(tmp_path, 16 * N), tmp_path / "out", tmp_path / "whole.jsonl"
    with source.open("a") as out:
        out.write("{half\n")
    command = ["bulk", str(source), "--parts", str(folder), *RULES, "--engine", "ray"]
    run = subprocess.Popen(
        [sys.executable, "-m", "audit.cli", *command], stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 300
    while not (list(folder.glob("part-*")) and len(workers(cluster)) == 2):
        assert run.poll() is None and time.monotonic() < end
        time.sleep(0.02)
    os.kill(workers(cluster)[1], signal.SIGKILL)
    said = run.communicate(timeout=300)[1]
    assert run.returncode == cli.PARTIAL, said
    assert f"{16 * N} stories done, 1 failed" in said
    assert cli.run(["bulk", str(source), "-o", str(whole), *RULES]) == cli.PARTIAL
    parts = sorted(folder.glob("part-*"))
    assert b"".join(part.read_bytes() for part in parts) == whole.read_bytes()
    assert len(parts) == 17
    # What Ray has finished, a local run takes for its own.
    parts[-1].unlink()
    assert cli.run([*command, "--engine", "local"]) == cli.PARTIAL
    assert b"".join(part.read_bytes() for part in parts) == whole.read_bytes()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["-"], "reads its input twice: name a file"),
        (["{source}", "--jobs", "3"], "has room for 2 workers of 1 threads; give fewer --jobs"),
        (["{source}", "--causal-model", "no/such-model"], "no/such-model"),
    ],
)
def test_what_cannot_be_is_said(
    options: list[str], why: str, tmp_path: Path, cluster: subprocess.Popen[str]
) -> None:
    source = bulk_input(tmp_path, 1)
    arguments = [o.format(source=source) for o in options]
    done = subprocess.run(
        [sys.executable, "-m", "audit.cli", "bulk", *arguments, "--engine", "ray"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert why in done.stderr + done.stdout


def test_a_machine_without_ray_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert cli.run(["bulk", str(bulk_input(tmp_path, 1)), "--engine", "ray"]) == cli.USAGE
    assert "pip install 'mtaudit[ray]'" in capsys.readouterr().err


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "audit.cli",
            "bulk",
            str(bulk_input(tmp_path, 1)),
            "--engine",
            "ray",
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "RAY_ADDRESS": "127.0.0.1:1"},
    )
    assert done.returncode == cli.USAGE
    assert "RAY_ADDRESS=127.0.0.1:1: no Ray cluster there" in done.stderr
