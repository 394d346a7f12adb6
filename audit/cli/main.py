"""The command line. Results go to standard output, logs to standard error.

Exit status: 0 done; 1 findings at or above --fail-on; 2 usage, configuration or unreadable input;
3 partial, some inputs failed (this outranks 1); 4 internal error; 75 another run holds the store;
130 interrupted; 141 the reader of the output went away.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from audit.cli.engine import engine
from audit.cli.options import (
    FAIL_ON,
    Common,
    FailOn,
    chosen_formats,
    severities,
    with_common,
)
from audit.cli.status import (
    DONE,
    FINDINGS,
    INTERNAL,
    INTERRUPTED,
    LOCKED,
    PARTIAL,
    PIPE_CLOSED,
    USAGE,
)
from audit.errors import AuditError, ConfigurationError, InputError, LockHeld
from audit.report.formats import Paper

if TYPE_CHECKING:
    from audit.config import Settings
    from audit.model import AuditResult, Skipped, Version

CheckFormat = Literal[
    "text", "json", "jsonl", "sarif", "github", "rdjsonl", "markdown", "csv", "md"
]

log = logging.getLogger("audit.cli.main")

app = typer.Typer(
    name="mtaudit",
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
config_app = typer.Typer(help="The settings.")
app.add_typer(config_app, name="config")


def main() -> None:
    """Run the command line and exit with its status."""
    # What a start makes stays: to look for garbage after every 700 objects takes a twentieth.
    gc.set_threshold(50_000)
    # Read when numpy is loaded. Its products here are small: threads that wait for each other take
    # twice the time of one where the machine does other work (docs/benchmarks.md).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    status = run(sys.argv[1:])
    # At its end the interpreter would look for garbage again, for a tenth of a short check.
    gc.freeze()
    sys.exit(status)


@cache
def whole() -> typer.Typer:
    """The commands of this file and all others, which take .05 s to import and build."""
    from audit.cli.baseline import baseline_app
    from audit.cli.bulk import bulk_command
    from audit.cli.feeds import feeds_app
    from audit.cli.lsp import lsp_command
    from audit.cli.models import models_app
    from audit.cli.names import names_app
    from audit.cli.report import report_command
    from audit.cli.serve import serve_command

    app.command("lsp")(lsp_command)
    app.command("bulk")(with_common(bulk_command))
    app.command("report")(report_command)
    app.command("serve")(serve_command)
    app.add_typer(feeds_app, name="feeds")
    app.add_typer(models_app, name="models")
    app.add_typer(names_app, name="names")
    app.add_typer(baseline_app, name="baseline")
    return app


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit status."""
    from typer.exceptions import TyperException

    here = {c.name for c in app.registered_commands}
    named = next((a for a in arguments if not a.startswith("-")), None)
    command = typer.main.get_command(app if named in here else whole())
    try:
        with command.make_context("mtaudit", list(arguments)) as context:
            status = command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as e:
        return e.exit_code
    except TyperException as e:
        return _failed(e.format_message(), USAGE)
    except LockHeld as e:
        return _failed(str(e), LOCKED)
    except AuditError as e:
        return _failed(str(e), USAGE)
    except BrokenPipeError:
        # What is still buffered has no reader; without this the interpreter complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return _failed("interrupted", INTERRUPTED)
    except Exception as e:
        log.debug("traceback of the internal error", exc_info=e)
        hint = "" if log.isEnabledFor(logging.DEBUG) else " (-vv shows where)"
        return _failed(f"internal: {type(e).__name__}: {e}{hint}", INTERNAL)
    return int(status or DONE)


def _failed(message: str, status: int) -> int:
    print(f"mtaudit: error: {' '.join(message.split())}", file=sys.stderr)
    return status


@app.callback(invoke_without_command=True)
def top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Finds machine-translation artifacts in news by comparing versions of a story."""
    if version:
        from importlib.metadata import version as installed

        print(f"mtaudit {installed('mtaudit')}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)


@app.command("audit")
@with_common
def audit_command(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="The story: a folder, or the files or URLs of its versions."
        ),
    ],
    common: Common,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Where reports go.  \\[default: reports/<story>]"
        ),
    ] = None,
    formats: Annotated[
        str, typer.Option(metavar="NAMES", help="Reports to write, separated by commas.")
    ] = "html,pdf,json,csv",
    story: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Id of the story.  \\[default: from the path]"),
    ] = None,
    paper: Annotated[Paper, typer.Option(help="Paper of the PDF.")] = "a4",
    fail_on: FAIL_ON = "none",
) -> int:
    """Audit one story and write its reports."""
    from audit.ingest.read import read_story
    from audit.report.formats import FORMATS, Reports, loading
    from audit.report.text import listing
    from audit.report.write import write_reports

    wanted = chosen_formats(formats)
    settings = common.settings()
    began = time.perf_counter()
    story_id, versions, skipped = read_story(paths, settings, story)
    with loading(wanted) as begin:
        result = _audit(story_id, versions, settings, skipped, begin)
    seconds = time.perf_counter() - began
    folder = output or Path("reports") / _folder_name(story_id)
    if wanted:
        write_reports(Reports(result, paper=paper), wanted, folder)
    print(listing(result, seconds=seconds, colour=common.colour()), end="")
    if not common.quiet and wanted:
        files = ", ".join(FORMATS[name].file for name in wanted)
        print(f"mtaudit: wrote {files} to {folder}", file=sys.stderr)
    return _status(result, fail_on)


@app.command("check")
@with_common
def check(
    source: Annotated[
        str, typer.Argument(metavar="FILE|-|URL", help="The text to check; - is standard input.")
    ],
    common: Common,
    others: Annotated[
        list[str] | None,
        typer.Argument(metavar="VERSION...", help="More versions to compare with."),
    ] = None,
    versions: Annotated[
        list[str] | None,
        typer.Option(metavar="VERSION", help="Another version to compare with; repeatable."),
    ] = None,
    format: Annotated[CheckFormat, typer.Option(help="Form of the result.")] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where the result goes.")
    ] = "-",
    fail_on: FAIL_ON = "major",
    fix: Annotated[
        bool, typer.Option("--fix", help="Print the sure suggestions as a patch instead.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="With --fix: also write them into the file.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")
    ] = False,
) -> int:
    """Check one text, beside other versions of it if there are any.

    Only the first text is reported on: mtaudit check FILE --versions OTHER OTHER …
    """
    from audit.cli.check import Check

    if write and not fix:
        raise ConfigurationError("--write goes with --fix")
    if fix and (watch or format != "text"):
        raise ConfigurationError("--fix prints a patch: give neither --watch nor --format")
    settings = common.settings()
    task = Check(
        source,
        (*(versions or ()), *(others or ())),
        settings,
        format,
        output,
        colour=common.colour() and output == "-",
    )
    with engine(settings) as auditor:
        if watch:
            task.watch(auditor)
        result = task.fix(auditor, write=write, quiet=common.quiet) if fix else task.run(auditor)
    return _status(result, fail_on)


@app.command("index")
def index_command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Holds one folder of reports a story.")
    ] = Path("reports"),
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The page.  \\[default: DIR/index.html]"
        ),
    ] = None,
) -> int:
    """Write one page over the reports of many stories: the worst first, totals by outlet."""
    from audit.report import index
    from audit.report.write import writer

    page = output or folder / "index.html"
    entries, unread = index.collect(folder, page)
    for why in unread:
        print(f"mtaudit: not in the index: {why}", file=sys.stderr)
    if not entries:
        raise InputError(str(folder), "holds no report that can be read (DIR/<story>/report.json)")
    with writer(str(page)) as out:
        out.write(index.render(entries).encode(errors="backslashreplace"))
    return PARTIAL if unread else DONE


@app.command("rules")
def rules(
    rule: Annotated[str | None, typer.Argument(metavar="ID", help="The rule to explain.")] = None,
    write: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the pages of all rules there.")
    ] = None,
) -> int:
    """List the rules, or explain one."""
    from audit.cli import rules as rule_pages
    from audit.detect import DETECTORS

    if write is not None:
        for file in rule_pages.write(write, DETECTORS):
            print(file)
        return DONE
    if rule is None:
        print(rule_pages.listing(DETECTORS), end="")
        return DONE
    for detector in DETECTORS:
        if detector.INFO.id == rule:
            print(rule_pages.explanation(detector), end="")
            return DONE
    raise ConfigurationError(f"unknown rule {rule}; `mtaudit rules` lists the known ones")


@app.command("doctor")
@with_common
def doctor(common: Common) -> int:
    """Say what works on this machine, what does not, and what to do about it.

    With a store or feeds in the settings, also what a night needs. With --offline also prove that
    an audit needs no network.
    """
    from itertools import chain

    from audit.cli.doctor import examine
    from audit.cli.doctor_night import examine_night
    from audit.config import find_file

    settings = common.settings()
    file = common.config or find_file()
    of_night = examine_night(settings, file) if settings.store or file else ()
    core_works = True
    for examined in chain(of_night, examine(settings, offline=common.offline)):
        print(examined, flush=True)
        core_works = core_works and (examined.ok or not examined.core)
    return DONE if core_works else USAGE


@config_app.command("show")
@with_common
def config_show(common: Common) -> int:
    """Print the settings in force, as TOML, with the source of each."""
    print(common.settings_as_toml(), end="")
    return DONE


def _audit(
    story: str,
    versions: Sequence[Version],
    settings: Settings,
    skipped: Sequence[Skipped],
    encoder_loaded: Callable[[], None] | None = None,
) -> AuditResult:
    with engine(settings, encoder_loaded) as auditor:
        result = auditor.audit(story, versions)
    return replace(result, skipped=(*skipped, *result.skipped))


def _status(result: AuditResult, fail_on: FailOn) -> int:
    if any(s.stage == "input" for s in result.skipped):
        return PARTIAL
    return FINDINGS if severities(fail_on) & {f.severity for f in result.shown} else DONE


def _folder_name(story: str) -> str:
    return re.sub(r"[^\w.-]+", "-", story).strip(".-") or "story"
