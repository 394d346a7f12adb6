"""Many stories in one process: order, isolation of bad ones, and what is written where."""

from __future__ import annotations

import gzip
import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_engine import FakeEngine
from jsonschema import Draft202012Validator

from audit.bulk import chunks as bulk
from audit.bulk.chunks import Read, Summary, audit_chunk, chunks, write
from audit.errors import InputError, ModelError
from audit.ingest.bulk import BulkStory
from audit.model import Version
from audit.report.write import writer

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "docs/report.schema.json").read_text(encoding="utf-8")
)


def stories(*texts: str | InputError) -> Iterator[Read]:
    for number, text in enumerate(texts, 1):
        if isinstance(text, InputError):
            yield number, text
        else:
            yield number, BulkStory(f"s{number}", (Version("v", text),))


def run(
    stories: Iterator[Read],
    out: io.BytesIO,
    engine: FakeEngine,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    return write((audit_chunk(c, engine) for c in chunks(stories)), out, progress)


def bulk_of(*texts: str | InputError) -> tuple[Summary, list[Any], FakeEngine]:
    out, engine = io.BytesIO(), FakeEngine()
    summary = run(stories(*texts), out, engine)
    return summary, [json.loads(line) for line in out.getvalue().splitlines()], engine


def test_output_is_in_input_order_with_errors_in_their_place() -> None:
    summary, records, _ = bulk_of("fine", InputError("in:2", "not valid JSON"), "refused", "fine")
    assert [r["story"] for r in records] == ["s1", None, "s3", "s4"]
    assert records[1] == {
        "error": {"kind": "InputError", "message": "in:2: not valid JSON"},
        "line": 2,
        "story": None,
    }
    assert records[2] == {
        "error": {"kind": "NotScored", "message": "s3: not scored: empty"},
        "line": 3,
        "story": "s3",
    }
    assert (summary.done, summary.failed) == (2, 2)
    assert summary.findings == {"minor": 12, "major": 6, "critical": 4}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("returned", "KeyError"), ("raised", "ZeroDivisionError"), ("unwritable", "ValueError")],
)
def test_unexpected_error_costs_its_story_alone(
    text: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        summary, records, _ = bulk_of("fine", text, "fine")
    assert [r.get("error", {}).get("kind") for r in records] == [None, kind, None]
    assert (summary.done, summary.failed) == (2, 1)
    assert kind in caplog.text
    assert "s2" in caplog.text


def test_missing_model_ends_the_run() -> None:
    with pytest.raises(ModelError):
        bulk_of("fine", "model")


def test_stories_share_model_calls_in_bounded_chunks() -> None:
    _, records, engine = bulk_of(*["fine"] * (2 * bulk.CHUNK_STORIES + 1))
    assert engine.batches == [bulk.CHUNK_STORIES, bulk.CHUNK_STORIES, 1]
    assert len(records) == 2 * bulk.CHUNK_STORIES + 1
    long = "x" * (bulk.CHUNK_CHARS // 2)
    assert bulk_of(*[long] * 5)[2].batches == [2, 2, 1]


def test_lines_are_written_before_the_input_ends() -> None:
    out = io.BytesIO()

    def endless() -> Iterator[Read]:
        yield from stories(*["fine"] * bulk.CHUNK_STORIES)
        yield bulk.CHUNK_STORIES + 1, BulkStory("last", (Version("v", "fine"),))
        assert out.getvalue().count(b"\n") == bulk.CHUNK_STORIES

    done: list[int] = []
    run(endless(), out, FakeEngine(), done.append)
    assert done == [bulk.CHUNK_STORIES, bulk.CHUNK_STORIES + 1]


def test_every_line_is_valid_under_the_published_schema() -> None:
    _, records, _ = bulk_of("fine", "refused", InputError("in:3", "bad"))
    validator = Draft202012Validator(SCHEMA)
    assert [e.message for r in records for e in validator.iter_errors(r)] == []


def test_gzip_output_depends_on_the_lines_alone(tmp_path: Path) -> None:
    files = [tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"]
    for file in files:
        with writer(str(file)) as out:
            out.write(b"one\ntwo\n")
    assert gzip.decompress(files[0].read_bytes()) == b"one\ntwo\n"
    assert files[0].read_bytes() == files[1].read_bytes()


def test_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("of last night\n")

    def broken() -> None:
        with writer(str(target)) as out:
            out.write(b"half\n")
            out.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert target.read_text() == "of last night\n"
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]
    with writer(str(target)) as out:
        out.write(b"whole\n")
    assert target.read_text() == "whole\n"


def test_device_is_written_and_not_replaced() -> None:
    with writer("/dev/null") as out:
        out.write(b"gone\n")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere/out.jsonl", "No such file or directory"), (".", "is a folder")]
)
def test_place_that_cannot_be_written_is_named(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(InputError, match=why), writer(str(tmp_path / name)):
        pass
