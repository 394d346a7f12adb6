"""The commands `feeds run`, `list`, `test`, `add` and `import`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli.options import Common, chosen_formats, with_common
from audit.cli.status import DONE, PARTIAL
from audit.errors import ConfigurationError

if TYPE_CHECKING:
    from audit.feeds.settings import FeedSettings
    from audit.feeds.state import FeedReport
    from audit.model import Article

feeds_app = typer.Typer(help="The feeds that [\\[feeds]] of mtaudit.toml names.")

CONFIG = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings file.  \\[default: the mtaudit.toml that applies]"),
]


@feeds_app.command("list")
def feeds_list(config: CONFIG = None) -> int:
    """List the feeds."""
    feeds = _feeds(config)
    width = max(len(f.outlet) for f in feeds)
    for feed in feeds:
        print(f"{feed.outlet:{width}}  {feed.url}")
    return DONE


@feeds_app.command("test")
@with_common
def feeds_test(
    common: Common,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="OUTLET|URL...", help="Which feeds.  \\[default: all]"),
    ] = None,
    articles: Annotated[
        int, typer.Option("--articles", min=0, help="Most articles to fetch of each feed.")
    ] = 5,
) -> int:
    """Read feeds now and say what they bring; nothing is kept.

    A URL that is no feed of the settings may be given too. Exit status 3 if a feed fails.
    """
    from audit.feeds.read import read_feeds
    from audit.feeds.settings import FeedSettings
    from audit.feeds.state import FeedReport, MemoryState

    settings = common.settings()
    chosen: list[FeedSettings] = []
    feeds = _feeds(common.config) if _file(common.config).exists() or not names else ()
    for name in names or ():
        named = [f for f in feeds if name in (f.outlet, f.url)]
        if not named and not name.startswith(("http://", "https://")):
            raise ConfigurationError(f"no feed is called {name}; `mtaudit feeds list` lists them")
        chosen += named or [FeedSettings(url=name, outlet=name)]
    limit = {"max_articles": max(articles, 1)}
    asked = [f.model_copy(update=limit) for f in (chosen if names else feeds)]
    failed = False
    for item in read_feeds(asked, MemoryState(), settings):
        if isinstance(item, FeedReport):
            failed = failed or item.status in ("failed", "malformed")
            print(_report_line(item), flush=True)
        else:
            print(_article_line(item), flush=True)
    return PARTIAL if failed else DONE


@feeds_app.command("run")
@with_common
def feeds_run(
    common: Common,
    time: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="TIME", help="Begin nothing more after that time, as 4h or 90m."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where reports go, by story.")
    ] = Path("reports"),
    formats: Annotated[
        str, typer.Option(metavar="NAMES", help="Reports to write, separated by commas.")
    ] = "html,json",
) -> int:
    """Run a night: fetch, put into stories, audit what changed, store and report it.

    Exit status 3 if a feed or a story failed or time was too short, 75 at once if another run
    works on the store.
    """
    import logging
    import signal

    from audit.cli.progress import file_progress
    from audit.nightly.clock import seconds_of
    from audit.nightly.log import open_log
    from audit.nightly.run import Night, run_night

    night = Night(
        common.settings(),
        _feeds(common.config),
        output,
        chosen_formats(formats),
        seconds_of(time) if time else None,
    )
    shown = common.progress()
    level = logging.ERROR if common.quiet else logging.WARNING if shown else logging.INFO
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with file_progress(shown) as progress:
        summary = run_night(night, open_log(sys.stderr, level), progress=progress)
    if not common.quiet:
        print(summary.text())
    return DONE if summary.is_whole else PARTIAL


@feeds_app.command("add")
def feeds_add(
    url: Annotated[str, typer.Argument(metavar="URL|DIR", help="A feed, a sitemap or a folder.")],
    outlet: Annotated[str, typer.Option(help="Who publishes it.  \\[default: its host]")] = "",
    language: Annotated[str | None, typer.Option(help="Language of its articles.")] = None,
    config: CONFIG = None,
) -> int:
    """Add a feed to the settings file. `mtaudit feeds test` says whether it works."""
    from audit.feeds.settings import checked_feed, host_of

    values = {"url": url, "outlet": outlet or host_of(url) or Path(url).name or url}
    feed = checked_feed(values | ({"language": language} if language else {}), url)
    return _append([feed], config)


@feeds_app.command("import")
def feeds_import(
    file: Annotated[Path, typer.Argument(metavar="OPML", help="The list.")],
    config: CONFIG = None,
) -> int:
    """Add the feeds of an OPML list to the settings file."""
    from audit.feeds.opml import read_opml

    feeds, problems = read_opml(file)
    for why in problems:
        print(f"mtaudit: warning: {file}: {why}", file=sys.stderr)
    _append(feeds, config)
    return PARTIAL if problems else DONE


def _append(feeds: list[FeedSettings] | tuple[FeedSettings, ...], config: Path | None) -> int:
    from audit.feeds.settings import append_feeds

    file = _file(config)
    added = append_feeds(file, feeds)
    for feed in added:
        print(f"{feed.outlet}  {feed.url}")
    there = len(feeds) - len(added)
    note = f", {there} were there already" if there else ""
    print(f"mtaudit: added {len(added)} to {file}{note}", file=sys.stderr)
    return DONE


def _file(config: Path | None) -> Path:
    from audit.config import FILE_NAME, find_file

    return config or find_file() or Path(FILE_NAME)


def _feeds(config: Path | None) -> tuple[FeedSettings, ...]:
    """The feeds of the settings file. Raises ConfigurationError if there are none."""
    from audit.feeds.settings import load_feeds

    file = _file(config)
    feeds = load_feeds(file) if config or file.exists() else ()
    if not feeds:
        raise ConfigurationError(
            f"{file}: names no feed; add one with `mtaudit feeds add URL --outlet NAME`"
        )
    return feeds


def _article_line(article: Article) -> str:
    day = article.published.date().isoformat() if article.published else "undated   "
    words = len(article.text.split())
    judged = f"not scored, because {article.unscored}" if article.unscored else f"{words:,} words"
    return f"  {day}  {article.title or article.url}: {judged}"


def _report_line(report: FeedReport) -> str:
    counts = f"{report.entries} entries, {report.new} read, {report.unscored} not scored"
    line = f"{report.outlet}  {report.url}: {report.status}; {counts}; {report.ms / 1000:.1f} s"
    return "\n".join((line, *(f"  ! {why}" for why in report.reasons)))
