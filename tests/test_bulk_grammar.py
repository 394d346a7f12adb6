"""One LanguageTool server for all processes of a run: what it checks, and that it always ends."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fake_engine import Grammarian
from small_languagetool import StandIn, is_running, put_java
from test_bulk_workers import begun, by_workers, ended

from audit.bulk.chunks import CHUNK_STORIES
from audit.cli import main as cli
from audit.errors import StageUnavailable
from audit.measure import languagetool_lent as lent
from audit.measure.languagetool_lent import Servers
from audit.measure.languagetool_server import Server

N = CHUNK_STORIES


def errors(*texts: str) -> list[str]:
    """What went wrong in a run of two processes."""
    records = by_workers(*texts, make=Grammarian)
    assert len(records) == len(texts)
    return [r["error"]["message"] for r in records if "error" in r]


def test_two_processes_share_a_server(tmp_path: Path, standing_in: StandIn) -> None:
    meeting = f"meet in {tmp_path}"
    assert errors(meeting, *["fine"] * (N - 1), meeting, *["fine"] * N) == []
    assert len(list(tmp_path.glob("met-*"))) == 2
    assert len(standing_in.started) == 1
    assert not standing_in.running


def test_no_answer_is_lost_when_servers_are_recycled(
    standing_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lent, "RECYCLE_TEXTS", 50)
    assert errors(*["fine"] * (8 * N)) == []
    assert len(standing_in.started) >= 8 * N // 50
    assert not standing_in.running


def test_no_answer_is_lost_when_the_server_is_killed(tmp_path: Path, standing_in: StandIn) -> None:
    meeting = f"meet in {tmp_path}"
    texts = [meeting, *["fine"] * (N - 1), meeting, "deadly", *["fine"] * N]
    assert errors(*texts) == []
    assert len(standing_in.started) == 2
    assert not standing_in.running


def test_a_process_that_is_killed_does_not_end_the_server(
    tmp_path: Path, standing_in: StandIn
) -> None:
    assert errors("fine", f"killed once {tmp_path / 'mark'}", "fine") == []
    assert (tmp_path / "mark").exists()
    assert len(standing_in.started) == 1
    assert not standing_in.running


def test_without_java_each_text_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    first, *others = errors("fine", "fine")
    assert first.startswith("Java was not found; install Java 17")
    assert others == [first]


RUN = """
import sys
sys.path[:0] = {path}
from fake_engine import Grammarian
from test_bulk import stories
from audit.bulk.chunks import chunks
from audit.bulk.workers import Workers
if __name__ == "__main__":
    with Workers(2, Grammarian, 1) as workers:
        results = workers.map(chunks(stories(*["fine"] * {N}, "slow")))
        next(results)
        print("slow now", flush=True)
        list(results)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_the_process_that_started_it(
    tmp_path: Path, standing_in: StandIn, how: signal.Signals
) -> None:
    run = begun(tmp_path, RUN.format(path=repr([p for p in sys.path if p]), N=N))
    assert run.stdout
    assert run.stdout.readline() == "slow now\n"
    assert len(standing_in.running) == 1
    assert ended(run, how).count("Traceback") == (how is signal.SIGINT)
    assert standing_in.all_end()
    assert len(standing_in.started) == 1


# --- the lender alone ------------------------------------------------------------------------


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/v2/healthcheck", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def servers() -> Servers:
    return Servers()


def test_a_worn_server_goes_on_until_all_have_given_it_back(
    servers: Servers, standing_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lent, "RECYCLE_TEXTS", 2)
    with servers.loan() as one:
        first = one.url()
        with servers.loan() as other:
            assert other.url() == first
            second = other.url()
            assert second != first
            assert answers(first) and answers(second)
        assert answers(first) and answers(second)
    assert not answers(first) and answers(second)
    servers.end()
    assert not standing_in.running


def test_a_mute_server_is_lent_no_more(servers: Servers, standing_in: StandIn) -> None:
    with servers.loan() as one, servers.loan() as other:
        first = one.url()
        assert other.url() == first
        assert not one.give_up()
        assert answers(first)
        assert one.url() != first
        assert other.url() == one.url()
        assert not answers(first)
        assert len(standing_in.running) == 1
    servers.end()


def test_the_death_of_a_server_is_told_to_all_who_have_it(
    servers: Servers, standing_in: StandIn
) -> None:
    with servers.loan() as one, servers.loan() as other:
        assert one.url() == other.url()
        os.kill(*standing_in.running, signal.SIGKILL)
        assert one.give_up()
        assert one.url()
        assert other.give_up()
        assert other.url() == one.url()
        assert len(standing_in.started) == 2
    servers.end()


def test_nothing_is_lent_after_the_end(servers: Servers, standing_in: StandIn) -> None:
    servers.end()
    with servers.loan() as loan, pytest.raises(StageUnavailable, match="the run has ended"):
        loan.url()
    assert not standing_in.running


def shim(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> Callable[[], list[int]]:
    """A Java that notes its process id, which is returned by the function, and does this."""
    put_java(folder, monkeypatch, f'echo $$ >> "${{0%/*}}/pids"\n{command}')
    pids = folder / "pids"
    return lambda: [int(pid) for pid in pids.read_text().split()] if pids.exists() else []


def test_the_end_does_not_wait_for_a_start(
    tmp_path: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.measure.languagetool_server.START_SECONDS", 3600.0)
    started = shim(tmp_path, monkeypatch, "exec sleep 3600")
    said: list[str] = []

    def ask() -> None:
        try:
            servers.loan().url()
        except StageUnavailable as e:
            said.append(str(e))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not started():
        assert time.monotonic() < until
        time.sleep(0.02)
    servers.end()
    thread.join(60)
    assert said == ["the run ended while the LanguageTool server started"]
    assert not is_running(*started())


def test_a_server_that_cannot_start_is_not_tried_for_ever(
    tmp_path: Path, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = shim(tmp_path, monkeypatch, "echo Error: no memory")
    for _ in range(2 * lent.STARTS):
        with servers.loan() as loan, pytest.raises(StageUnavailable, match="Error: no memory"):
            loan.url()
    assert len(started()) == lent.STARTS


# --- the command -----------------------------------------------------------------------------


@pytest.mark.usefixtures("languagetool")
def test_the_output_is_that_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Server] = []

    class Counted(Server):
        def __init__(self, *given: threading.Event) -> None:
            super().__init__(*given)
            started.append(self)

    monkeypatch.setattr(lent, "Server", Counted)
    source, several, one = tmp_path / "in.jsonl", tmp_path / "several", tmp_path / "one"
    line = "The ferry line opened in March. It carry some {} people a day to the island."
    with source.open("w") as out:
        for i in range(2 * N):
            versions = [{"id": "a", "text": line.format(900 + i)}]
            out.write(json.dumps({"id": f"s{i}", "versions": versions}) + "\n")
    rules = ["--causal-model", "none"]
    command = ["bulk", str(source), *rules, "-o"]
    assert cli.run([*command, str(several), "--jobs", "2"]) == cli.DONE
    assert len(started) == 1
    assert not started[0].alive
    assert cli.run([*command, str(one)]) == cli.DONE
    assert several.read_bytes() == one.read_bytes()
    results = [json.loads(x) for x in several.read_text().splitlines()]
    assert all("grammar:LanguageTool@" in r["signature"] for r in results)
    assert all([f["quote"] for f in r["findings"]] == ["carry"] for r in results)
