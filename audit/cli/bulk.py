"""The command `mtaudit bulk`: many stories, on this machine or on a Ray cluster."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from audit.bulk import PartForm
from audit.cli.engine import engine as make_engine
from audit.cli.options import FAIL_ON, Common, severities
from audit.cli.status import DONE, FINDINGS, PARTIAL
from audit.errors import ConfigurationError

if TYPE_CHECKING:
    from audit.bulk.chunks import Audited, Chunk
    from audit.bulk.workers import MakeEngine
    from audit.config import Settings
    from audit.measure.languagetool_lent import Lender
    from audit.pipeline import Engine

BulkEngine = Literal["local", "ray"]


def bulk_command(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="IN...",
            help="Stories as JSON lines, .gz or not, or Parquet; folders of these; - is JSON lines "
            "on standard input.",
        ),
    ],
    common: Common,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="OUT", help="JSON lines, .gz or not; - is standard output."
        ),
    ] = "-",
    parts: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write parts into a folder instead, and go on after those that are there.",
        ),
    ] = None,
    part_size: Annotated[
        int, typer.Option(metavar="N", min=1, help="Least stories in a part.")
    ] = 100,
    part_format: Annotated[PartForm, typer.Option(help="Form of the parts.")] = "jsonl",
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=0,
            help="Processes; 0: one a core.  \\[default: 1, on Ray 0]",
        ),
    ] = None,
    engine: Annotated[
        BulkEngine, typer.Option(help="Who audits: this machine, or a Ray cluster.")
    ] = "local",
    fail_on: FAIL_ON = "none",
) -> int:
    """Audit many stories, one object a line or row.

    With --parts a run that was broken off is taken up again by the same command.
    """
    from audit.bulk.chunks import chunks, write
    from audit.bulk.parts import Parts, recipe
    from audit.cli.progress import story_progress
    from audit.ingest.bulk import bulk_files, read_bulk_files
    from audit.report.write import writer

    if parts is not None and output != "-":
        raise ConfigurationError("--parts writes a folder, --output a file: give one of them")
    settings = common.settings()
    began = time.perf_counter()
    files = bulk_files(sources)
    stories = chunks(read_bulk_files(files))
    with ExitStack() as opened:

        def audited(skip: int = 0) -> Iterator[Audited]:
            if engine == "ray":
                return _on_ray(files, skip, common, settings, jobs, opened)
            return _here(stories, common, settings, jobs, opened)

        if parts is None:
            out = opened.enter_context(writer(output))
            progress = opened.enter_context(story_progress(common.progress()))
            summary = write(audited(), out, progress)
        else:
            kept = opened.enter_context(Parts(parts, recipe(settings, part_size, part_format)))
            kept.pass_over(stories)
            _say(common, f"{kept.finished:,} parts with {kept.summary.stories:,} stories are there")
            progress = opened.enter_context(story_progress(common.progress()))
            summary = kept.write(audited(kept.chunks), progress)
    seconds = time.perf_counter() - began
    _say(common, f"{summary.done:,} stories done, {summary.failed:,} failed; {seconds:.1f} s")
    if summary.failed:
        return PARTIAL
    return FINDINGS if severities(fail_on) & summary.findings.keys() else DONE


def _here(
    stories: Iterator[Chunk],
    common: Common,
    settings: Settings,
    jobs: int | None,
    opened: ExitStack,
) -> Iterator[Audited]:
    """The chunks audited in this process or in several, which end with `opened`."""
    from audit.bulk.chunks import audit_chunk
    from audit.bulk.workers import Workers
    from audit.models.processor import allowed_cores, thread_count

    if jobs in (None, 1):
        auditor = opened.enter_context(make_engine(settings))
        return (audit_chunk(chunk, auditor) for chunk in stories)
    jobs = jobs or allowed_cores()
    threads = max(1, thread_count(settings.threads) // jobs)
    workers = Workers(jobs, _for_process(common, settings, threads), threads)
    return opened.enter_context(workers).map(stories)


def _on_ray(
    files: list[str],
    skip: int,
    common: Common,
    settings: Settings,
    jobs: int | None,
    opened: ExitStack,
) -> Iterator[Audited]:
    from audit.bulk.on_ray import audited_on_ray

    threads = settings.threads or 1
    make = _for_process(common, settings, threads)
    return opened.enter_context(closing(audited_on_ray(files, skip, make, jobs or 0, threads)))


def _for_process(common: Common, settings: Settings, threads: int) -> MakeEngine:
    return partial(_engine, common, settings.model_copy(update={"threads": threads}))


def _engine(common: Common, settings: Settings, grammar_server: Lender) -> Engine:
    """The engine of another process, which logs as this one does."""
    common.start_logging()
    return make_engine(settings, grammar_server=grammar_server)


def _say(common: Common, what: str) -> None:
    if not common.quiet:
        print(f"mtaudit: {what}", file=sys.stderr)
