"""A folder of parts: what a run that was broken off leaves, and what the next one makes of it."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fake_engine import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from test_bulk import bulk_of, stories

from audit.bulk.chunks import CHUNK_STORIES, Audited, audit_chunk, chunks
from audit.bulk.parts import PartForm, Parts, recipe
from audit.cli import main as cli
from audit.config import Settings
from audit.errors import InputError

N = CHUNK_STORIES
TEXTS = ["fine", InputError("in:2", "not valid JSON"), "refused", *["fine"] * (4 * N)]
"""Five chunks."""


def write_parts(
    folder: Path,
    *texts: str | InputError,
    until: int | None = None,
    size: int = N,
    form: PartForm = "jsonl",
    chosen: Settings | None = None,
) -> tuple[int, int]:
    """Write parts, of so many chunks only; returns how many parts were there, and are."""
    made = chunks(stories(*texts))
    with Parts(folder, recipe(chosen or Settings(), size, form)) as parts:
        there = parts.finished
        parts.pass_over(made)
        results = (audit_chunk(chunk, FakeEngine()) for chunk in made)
        parts.write(broken(results, until) if until is not None else results)
        return there, parts.finished


def broken(results: Iterator[Audited], after: int) -> Iterator[Audited]:
    yield from islice(results, after)
    raise RuntimeError("broken off")


def records(folder: Path) -> list[Any]:
    files = sorted(folder.glob("part-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def test_parts_hold_what_one_file_holds(tmp_path: Path) -> None:
    assert write_parts(tmp_path / "out", *TEXTS) == (0, 5)
    assert records(tmp_path / "out") == bulk_of(*TEXTS)[1]
    assert {f.name for f in (tmp_path / "out").glob("[!.]*")} == {
        *(f"part-0000{i}.jsonl" for i in range(5)),
        "_run.json",
        "_parts.jsonl",
        "_SUCCESS",
    }


@settings(max_examples=25)
@given(until=st.integers(0, 4), size=st.integers(1, 3 * N), torn=st.integers(0, 40))
def test_a_run_that_was_broken_off_goes_on(
    tmp_path_factory: pytest.TempPathFactory, until: int, size: int, torn: int
) -> None:
    folder, whole = tmp_path_factory.mktemp("half"), tmp_path_factory.mktemp("whole")
    write_parts(whole, *TEXTS, size=size)
    with pytest.raises(RuntimeError):
        write_parts(folder, *TEXTS, until=until, size=size)
    assert not (folder / "_SUCCESS").exists()
    noted = folder / "_parts.jsonl"
    lines = noted.read_bytes() if noted.exists() else b""
    noted.write_bytes(lines[: max(0, len(lines) - torn)])  # as a kill may leave it
    there, are = write_parts(folder, *TEXTS, size=size)
    assert there <= until * N // size
    assert are - there <= -(-len(TEXTS) // size) - until * N // size + 1 + (torn > 0)
    files = [f.name for f in sorted(whole.glob("part-*"))]
    assert [f.name for f in sorted(folder.glob("part-*"))] == files
    assert all((folder / f).read_bytes() == (whole / f).read_bytes() for f in files)
    assert (folder / "_SUCCESS").exists()
    assert noted.read_bytes() == (whole / "_parts.jsonl").read_bytes()


def test_finished_parts_are_not_written_again(tmp_path: Path) -> None:
    write_parts(tmp_path, *TEXTS)
    before = {f: f.stat().st_mtime_ns for f in tmp_path.glob("part-*")}
    assert write_parts(tmp_path, *TEXTS) == (5, 5)
    assert {f: f.stat().st_mtime_ns for f in tmp_path.glob("part-*")} == before


def test_a_part_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    write_parts(tmp_path, *TEXTS)
    part = tmp_path / "part-00001.jsonl"
    was = part.read_bytes()
    part.unlink()
    assert write_parts(tmp_path, *TEXTS) == (1, 5)
    assert part.read_bytes() == was


def test_another_run_is_refused(tmp_path: Path) -> None:
    write_parts(tmp_path, *TEXTS)
    for changed, why in [
        ({"chosen": Settings(seed=1)}, "seed was 20240, is 1"),
        ({"size": 7}, f"part_size was {N}, is 7"),
        ({"form": "parquet"}, 'format was "jsonl", is "parquet"'),
    ]:
        with pytest.raises(InputError, match=f"{why}; run it as before, or name an empty folder"):
            write_parts(tmp_path, *TEXTS, **changed)  # type: ignore[arg-type]
    assert write_parts(tmp_path, *TEXTS, chosen=Settings(threads=1)) == (5, 5)
    run = tmp_path / "_run.json"
    run.write_text(run.read_text().replace('"mtaudit": "', '"mtaudit": "0.0.'))
    with pytest.raises(InputError, match=r"mtaudit was \"0\.0\."):
        write_parts(tmp_path, *TEXTS)


@pytest.mark.parametrize(
    "other", [["other", *TEXTS[1:]], TEXTS[:-1], TEXTS[: 2 * N], [*TEXTS, "one more"]]
)
def test_other_input_is_refused(tmp_path: Path, other: list[str | InputError]) -> None:
    write_parts(tmp_path, *TEXTS)
    with pytest.raises(InputError, match="made from other stories"):
        write_parts(tmp_path, *other)


def test_input_that_grew_after_its_last_whole_part_goes_on(tmp_path: Path) -> None:
    write_parts(tmp_path, *["fine"] * (2 * N))
    assert write_parts(tmp_path, *["fine"] * (2 * N + 1)) == (2, 3)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(InputError, match=r"holds thesis\.txt, which is no part"):
        write_parts(tmp_path, *TEXTS)
    with pytest.raises(InputError, match="cannot be used"):
        write_parts(tmp_path / "thesis.txt", *TEXTS)
    assert [f.name for f in tmp_path.glob("[!.]*")] == ["thesis.txt"]


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with (
        Parts(tmp_path, recipe(Settings(), N, "jsonl")),
        pytest.raises(InputError, match="another run writes there"),
    ):
        write_parts(tmp_path, *TEXTS)


def test_gzip_and_parquet_hold_the_same_objects(tmp_path: Path) -> None:
    write_parts(tmp_path / "packed", *TEXTS, form="jsonl.gz")
    write_parts(tmp_path / "table", *TEXTS, form="parquet")
    expected = bulk_of(*TEXTS)[1]
    packed = [gzip.decompress(f.read_bytes()) for f in sorted((tmp_path / "packed").glob("part*"))]
    assert [json.loads(line) for part in packed for line in part.splitlines()] == expected
    table = pa.concat_tables(map(parquet.read_table, sorted((tmp_path / "table").glob("part-*"))))
    found = [_plain(row) for row in table.to_pylist()]
    assert found == [_plain(e) for e in expected]


def _plain(row: Any) -> Any:
    """Without nulls; maps as sorted pairs."""
    if isinstance(row, dict):
        maps = ("measure", "threshold", "dropped")
        return {
            k: sorted(dict(v).items()) if k in maps else _plain(v)
            for k, v in row.items()
            if v is not None
        }
    return [_plain(x) for x in row] if isinstance(row, list) else row


def bulk_input(folder: Path, count: int) -> Path:
    """Stories of one version, for which no model is needed."""
    file = folder / "in.jsonl"
    text = "The harbour reopened on Friday after repairs, officials said. " * 3
    with file.open("w", encoding="utf-8") as out:
        for i in range(count):
            versions = [{"id": "a", "text": f"{text}Harbour {i} and the the ferry."}]
            out.write(json.dumps({"id": f"s{i}", "versions": versions}) + "\n")
    return file


RULES = ("--causal-model", "none", "--no-grammar", "--part-size", "1")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_command_goes_on_where_it_stopped(
    tmp_path: Path, jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, folder = bulk_input(tmp_path, 6 * N), tmp_path / "out"
    whole = tmp_path / "whole.jsonl"
    command = ["bulk", str(source), "--parts", str(folder), *RULES, "--jobs", jobs]
    run = subprocess.Popen([sys.executable, "-m", "audit.cli", *command])
    end = time.monotonic() + 120
    while len(list(folder.glob("part-*"))) < 1:
        assert run.poll() is None and time.monotonic() < end
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    there = len(list(folder.glob("part-*")))
    assert there < 6 and not (folder / "_SUCCESS").exists()
    assert cli.run(command) == cli.DONE
    said = capsys.readouterr().err
    noted = int(said.split("mtaudit: ")[1].split()[0])
    assert there - 1 <= noted <= there
    assert "192 stories done, 0 failed" in said
    assert cli.run(["bulk", str(source), "-o", str(whole), *RULES]) == cli.DONE
    parts = b"".join(f.read_bytes() for f in sorted(folder.glob("part-*")))
    assert parts == whole.read_bytes()


def test_the_same_command_says_that_all_is_done_and_how_it_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = bulk_input(tmp_path, 3)
    with source.open("a") as out:
        out.write("{half\n")
    command = ["bulk", str(source), "--parts", str(tmp_path / "out"), *RULES]
    assert [cli.run(command), cli.run(command)] == [cli.PARTIAL, cli.PARTIAL]
    assert "1 parts with 4 stories are there" in capsys.readouterr().err
    assert cli.run([*command, "-o", "out.jsonl"]) == cli.USAGE


def test_parquet_and_folders_are_read_as_json_lines_are(tmp_path: Path) -> None:
    source = bulk_input(tmp_path, 5)
    rows = [json.loads(line) for line in source.read_bytes().splitlines()]
    folder = tmp_path / "tables"
    folder.mkdir()
    parquet.write_table(pa.Table.from_pylist(rows[:2]), folder / "part-0.parquet")
    parquet.write_table(pa.Table.from_pylist(rows[2:]), folder / "part-1.parquet")
    (folder / "_SUCCESS").touch()
    outs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for given_as, out in zip((source, folder), outs, strict=True):
        assert cli.run(["bulk", str(given_as), "-o", str(out), *RULES[:3]]) == cli.DONE
    assert outs[0].read_bytes() == outs[1].read_bytes() and outs[0].stat().st_size
