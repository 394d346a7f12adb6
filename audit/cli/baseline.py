"""The command `mtaudit baseline`: findings that are no faults, written down and dropped again."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli.engine import engine
from audit.cli.options import Common, with_common
from audit.cli.store import opened
from audit.errors import ConfigurationError
from audit.model import one_line

if TYPE_CHECKING:
    from audit.baseline import Entry
    from audit.config import Settings
    from audit.model import AuditResult, Finding

baseline_app = typer.Typer(help="Findings that are known to be no faults.")

_SOURCES = typer.Argument(
    metavar="PATH...",
    help="A text as check takes it, a report.json, or the folder or files of a story.",
)


@baseline_app.command("write")
@with_common
def write_command(
    paths: Annotated[list[str], _SOURCES],
    common: Common,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why they are no faults; needed.")],
    versions: Annotated[
        list[str] | None,
        typer.Option(metavar="VERSION", help="Another version of a single text; repeatable."),
    ] = None,
    who: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who says so; the user if not given.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day on which they are known.")
    ] = None,
    quote: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="Only findings that quote these words; repeatable."),
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="In all stories, not in this one alone.")
    ] = False,
    outlet: Annotated[
        str | None, typer.Option(metavar="NAME", help="In all articles of this outlet.")
    ] = None,
) -> int:
    """Take what is found now as known: it is left out from now on, and counted apart."""
    from audit import baseline

    if everywhere and outlet is not None:
        raise ConfigurationError("give --everywhere or --outlet, not both")
    if not why.strip():
        raise ConfigurationError("--why is empty: say why these are no faults")
    settings = common.settings()
    file = baseline_file(settings, common)
    result = _result(paths, versions or (), settings)
    wanted = set(map(one_line, quote or ()))
    entries = {}
    for f in _quoting(result, wanted):
        entry = baseline.Entry(
            category=f.category,
            quote=one_line(f.quote),
            who=(who or getpass.getuser()).strip(),
            on=datetime.now(UTC).date(),
            why=why.strip(),
            story=None if everywhere or outlet else result.story,
            outlet=outlet,
            until=None if until is None else _date(until),
        )
        entries[entry.key] = entry
    new = baseline.add(file, entries.values())
    if not common.quiet:
        print(f"mtaudit: {file}: {new} added, {len(entries) - new} replaced", file=sys.stderr)
    return 0


@baseline_app.command("prune")
@with_common
def prune_command(common: Common, paths: Annotated[list[str] | None, _SOURCES] = None) -> int:
    """Drop entries that have expired and those whose words are gone: of the story given, and of
    outlets whose articles the store has.

    Each dropped entry is printed.
    """
    from audit import baseline

    settings = common.settings()
    file = baseline_file(settings, common)
    entries = baseline.read(file)
    gone = dict(_gone(entries, paths or (), settings))
    if gone:
        baseline.drop(file, gone)
    for entry, why in gone.items():
        print(f"{entry.what} ({entry.scope}; {entry.who}, {entry.on}): {why}")
    if not common.quiet:
        left = len(entries) - len(gone)
        print(f"mtaudit: {file}: {len(gone)} dropped, {left} left", file=sys.stderr)
    return 0


def _gone(
    entries: Sequence[Entry], paths: Sequence[str], settings: Settings
) -> Iterator[tuple[Entry, str]]:
    """The entries to drop, each with the reason."""
    today = datetime.now(UTC).date()
    story, texts = _texts(paths, settings) if paths else ("", [])
    of_outlet = cache(partial(_stored_texts, settings))
    for entry in entries:
        if not entry.holds(today):
            yield entry, f"expired after {entry.until}"
        elif paths and entry.is_stale(story, texts):
            yield entry, "stale: no text of the story has these words any more"
        elif (
            entry.outlet is not None
            and (known := of_outlet(entry.outlet))
            and entry.is_gone_from(known)
        ):
            yield entry, "stale: no article of the outlet in the store has these words"


def _stored_texts(settings: Settings, outlet: str) -> tuple[str, ...]:
    """The newest texts of an outlet that the store has, if the settings name one.

    Raises StoreError if it cannot be used.
    """
    if settings.store is None:
        return ()
    from audit.store.articles import Articles

    with opened(settings, make=False) as store:
        articles = Articles(store)
        ids = [v.id for v in articles.seen() if v.outlet == outlet]
        return tuple(a.text for a in articles.get(ids))


def baseline_file(settings: Settings, common: Common) -> Path:
    """The baseline that applies, be it there or not."""
    from audit.config import find_file, usual_baseline

    usual = usual_baseline(common.config or find_file())
    return Path(settings.baseline) if settings.baseline else usual


def _quoting(result: AuditResult, wanted: set[str]) -> Iterator[Finding]:
    """The findings that quote one of these texts, or all. ConfigurationError if there is none for
    a text."""
    quoted = {one_line(f.quote) for f in result.shown}
    if missing := sorted(wanted - quoted):
        raise ConfigurationError(f"--quote: no finding quotes “{'”, “'.join(missing)}”")
    for f in result.shown:
        if f.quote.strip() and (not wanted or one_line(f.quote) in wanted):
            yield f


def _result(paths: Sequence[str], others: Sequence[str], settings: Settings) -> AuditResult:
    """What a report says, what `check` finds in a single text, or `audit` in a story."""
    from audit.cli.check import checked
    from audit.cli.input import read_checked
    from audit.ingest.read import read_story

    if (report := _report(paths)) is not None:
        return report
    if _is_text(paths):
        with engine(settings) as auditor:
            return checked(read_checked(paths[0], others, settings), auditor)
    if others:
        raise ConfigurationError("--versions: goes with a single text")
    story, versions, skipped = read_story(paths, settings)
    with engine(settings) as auditor:
        result = auditor.audit(story, versions)
    return replace(result, skipped=(*skipped, *result.skipped))


def _texts(paths: Sequence[str], settings: Settings) -> tuple[str, list[str]]:
    """The id of a story and the texts of its versions."""
    from audit.ingest.read import read_story, read_version

    if (report := _report(paths)) is not None:
        return report.story, [v.version.text for v in report.versions]
    if _is_text(paths):
        version = read_version(paths[0], settings)
        return version.id, [version.text]
    story, versions, _ = read_story(paths, settings)
    return story, [v.text for v in versions]


def _is_text(paths: Sequence[str]) -> bool:
    return len(paths) == 1 and not Path(paths[0]).is_dir()


def _report(paths: Sequence[str]) -> AuditResult | None:
    """The report that is the only path, if it is one. Raises InputError if it cannot be read."""
    from audit.errors import InputError
    from audit.report.json import loads

    if len(paths) != 1 or not paths[0].endswith(".json"):
        return None
    try:
        return loads(Path(paths[0]).read_text(encoding="utf-8"), paths[0])
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(paths[0], f"cannot be read: {e}") from e


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise ConfigurationError(f"--until {text}: write a date as 2026-12-31") from e
