"""The command `mtaudit report`: what the store holds, listed or rendered again."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from audit.cli.options import Common, chosen_formats
from audit.cli.status import DONE, PARTIAL
from audit.cli.store import opened
from audit.errors import ConfigurationError, InputError, StoreError
from audit.report.formats import Paper

if TYPE_CHECKING:
    from audit.config import Settings
    from audit.model import AuditResult
    from audit.report.brief import Brief
    from audit.store.database import Store

ListFormat = Literal["text", "json"]


def report_command(
    story: Annotated[
        str | None, typer.Argument(metavar="STORY", help="The story to render again.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="Render all stories audited since a date, or 24h or 7d ago."
        ),
    ] = None,
    morning: Annotated[
        bool,
        typer.Option(
            "--morning", help="Write the morning page of the last run again, print its digest."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Where reports go, a folder a story.  \\[default: reports]",
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="Reports to write, separated by commas.  \\[default: html,json]"
        ),
    ] = None,
    paper: Annotated[Paper, typer.Option(help="Paper of the PDF.")] = "a4",
    format: Annotated[ListFormat, typer.Option(help="Form of what is printed.")] = "text",
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Settings file.")] = None,
    store: Annotated[str | None, typer.Option(metavar="URL", help="The store.")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Do not say what was written.")
    ] = False,
) -> int:
    """Render stories again from the store, as their last audit found them.

    Without STORY, --since and --morning: list the stories of the last run. Exit status 3 if one of
    several stories cannot be read.
    """
    from audit.report.brief import Brief

    if (story is not None) + (since is not None) + morning > 1:
        raise ConfigurationError("give one of STORY, --since and --morning")
    if morning and format == "json":
        raise ConfigurationError("--morning: its digest is text; leave --format out")
    rendering = story is not None or since is not None or morning
    if not rendering and (output or formats is not None):
        raise ConfigurationError(
            "--output and --formats: say of which stories: STORY, --since or --morning"
        )
    common = Common(config=config, store=store, quiet=quiet)
    common.start_logging()
    folder = output or Path("reports")
    wanted = chosen_formats("html,json" if formats is None else formats) if rendering else []
    with opened(common.settings(), make=False) as source:
        if story is not None:
            result = _last(source, story)
            _write(result, wanted, paper, folder, quiet)
            _print_one(result, format, common.colour())
            return DONE
        head, began = _since(source, since)
        results = _Results(source, began)
        briefs = []
        for result in results:
            _write(result, wanted, paper, folder, quiet)
            briefs.append(Brief.of(result))
        if morning:
            _morning(source, folder, common.settings(), quiet)
            return PARTIAL if results.unread else DONE
    _print_list(head, began, briefs, format)
    return PARTIAL if results.unread else DONE


class _Results:
    """The last results of the stories audited since a time, one after another; `unread` counts
    those that cannot be read, which are named on standard error."""

    def __init__(self, store: Store, since: datetime) -> None:
        self._store = store
        self._since = since
        self.unread = 0

    def __iter__(self) -> Iterator[AuditResult]:
        from audit.store.audits import Audits

        audits = Audits(self._store)
        for story in audits.audited(self._since):
            try:
                result = audits.last(story)
            except InputError as e:
                self.unread += 1
                print(f"mtaudit: error: {e}", file=sys.stderr)
                continue
            if result is not None:
                yield result


def _last(store: Store, story: str) -> AuditResult:
    """The last result of a story, or of the one that it was merged into if it has none."""
    from audit.store.audits import Audits
    from audit.store.stories import Stories

    audits = Audits(store)
    result = audits.last(story)
    known = None if result else Stories(store).get(story)
    if known is not None:
        result = audits.last(known.id)
    if result is None:
        why = "was not audited yet" if known else "is not there; `mtaudit report` lists stories"
        raise InputError(f"{store.place}, story {story}", why)
    return result


def _since(store: Store, since: str | None) -> tuple[str, datetime]:
    """Since when stories are asked for, the begin of the last run if not said; how to call that."""
    from audit.nightly.clock import moment_of
    from audit.store.runs import Runs

    if since is not None:
        began = moment_of(since, datetime.now(UTC))
        return f"since {began:%Y-%m-%d %H:%M} UTC", began
    run = Runs(store).last()
    if run is None:
        raise StoreError(store.place, "holds no run yet; `mtaudit feeds run` makes one")
    return f"run of {run.started:%Y-%m-%d %H:%M} UTC, {run.status or 'not ended'}", run.started


def _morning(store: Store, folder: Path, settings: Settings, quiet: bool) -> None:
    """Write the morning page of the last run, print its digest."""
    from audit.nightly.deliver import write_page
    from audit.nightly.morning import PAGE, gathered
    from audit.report.digest import text
    from audit.store.runs import Runs

    run = Runs(store).last()
    assert run is not None
    page = gathered(store, run, folder)
    write_page(page, folder)
    if not quiet:
        print(f"mtaudit: wrote {folder / PAGE}", file=sys.stderr)
    print(text(page, settings.reports_url), end="")


def _write(
    result: AuditResult, names: Sequence[str], paper: Paper, folder: Path, quiet: bool
) -> None:
    from audit.report.formats import FORMATS, Reports
    from audit.report.write import write_reports

    if not names:
        return
    own = folder / result.story
    write_reports(Reports(result, paper=paper), names, own)
    if not quiet:
        files = ", ".join(FORMATS[name].file for name in names)
        print(f"mtaudit: wrote {files} to {own}", file=sys.stderr)


def _print_one(result: AuditResult, format: ListFormat, colour: bool) -> None:
    from audit.report.brief import Brief
    from audit.report.json import line
    from audit.report.text import listing

    if format == "json":
        print(line(Brief.of(result).to_dict()).decode(), end="")
    else:
        print(listing(result, colour=colour), end="")


def _print_list(head: str, began: datetime, briefs: Sequence[Brief], format: ListFormat) -> None:
    from audit.report.brief import worst_first
    from audit.report.json import line

    ordered = worst_first(briefs)
    if format == "json":
        record = {"since": began.isoformat(), "stories": [b.to_dict() for b in ordered]}
        print(line(record).decode(), end="")
        return
    print(f"{head}: {len(ordered):,} {'story' if len(ordered) == 1 else 'stories'} audited")
    for brief in ordered:
        print(brief.text())
