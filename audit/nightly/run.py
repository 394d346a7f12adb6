"""A night from its lock to its summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audit.config import Settings
from audit.errors import ConfigurationError
from audit.feeds.fetch import Limits
from audit.feeds.settings import FeedSettings
from audit.feeds.state import Clock, SystemClock
from audit.nightly.alert import alert
from audit.nightly.clock import Budget
from audit.nightly.deliver import deliver
from audit.nightly.fetch import Progress, fetch
from audit.nightly.folders import clear_unfinished, lead_on
from audit.nightly.heartbeat import Heartbeat
from audit.nightly.judge import Judge
from audit.nightly.lock import held
from audit.nightly.log import Log
from audit.nightly.mail import MailServer, mail_server
from audit.nightly.place import place
from audit.nightly.retain import retain
from audit.nightly.send import Target, targets_of
from audit.nightly.summary import Summary, summed_up
from audit.pipeline import Engine
from audit.store.database import Store
from audit.store.kept import Kept
from audit.store.names import Names
from audit.store.runs import Runs
from audit.store.verdicts import Verdicts

__all__ = ["Night", "run_night"]


@dataclass(frozen=True)
class Night:
    """What a night is to do: read these feeds, write reports in these formats below a folder, and
    begin nothing more after so many seconds. `limits` bound the crawl."""

    settings: Settings
    feeds: Sequence[FeedSettings]
    folder: Path
    formats: Sequence[str]
    seconds: float | None = None
    limits: Limits | None = None


def run_night(
    night: Night, log: Log, *, clock: Clock | None = None, progress: Progress | None = None
) -> Summary:
    """Run a night, or go on with the last one if it was broken off.

    Raises LockHeld if another run works on the store, ConfigurationError without a store, or if
    the settings name readers of the digest and no way to send it, StoreError and ModelError for
    what hinders the whole night. What one feed, page or story breaks is logged and costs that one
    alone.
    """
    url = night.settings.store
    if url is None:
        raise ConfigurationError(
            'no store is set: write store = "sqlite:///mtaudit.sqlite" into mtaudit.toml, or give '
            "--store URL"
        )
    targets = targets_of(night.settings)
    server = mail_server(night.settings)
    with held(url):
        heartbeat = Heartbeat(night.settings, log)
        heartbeat.tell("start")
        try:
            with Store.open(url, backup=night.settings.store_backup) as store:
                summary = _run(night, store, targets, server, clock or SystemClock(), log, progress)
        except BaseException as e:
            log.error("run", status="failed", why=str(e) or type(e).__name__)
            heartbeat.tell("fail", str(e) or type(e).__name__)
            raise
        heartbeat.tell("success", summary.text())
    return summary


def _run(
    night: Night,
    store: Store,
    targets: Sequence[Target],
    server: MailServer | None,
    clock: Clock,
    log: Log,
    progress: Progress | None,
) -> Summary:
    budget = Budget(clock, night.seconds)
    run = Runs(store).begin(clock.now())
    at = run.started
    log = log.bind(run=at.isoformat())
    log.info("run", status="resumed" if run.is_resumed else "begun")
    clear_unfinished(night.folder, log)
    names = Names(store)
    with Engine(
        night.settings,
        kept=Kept(store, lambda: at),
        names_in=names.trusted_in,
        dismissed=Verdicts(store).dismissed,
    ) as engine:
        feeds_left = fetch(
            store,
            night.feeds,
            at,
            night.settings,
            clock=clock,
            budget=budget,
            log=log,
            progress=progress,
            limits=night.limits,
        )
        index = place(store, at, engine.embedder, log, progress)
        lead_on(store, at, night.folder, log)
        judge = Judge(store, at, engine, index, night.folder, night.formats, log)
        failed = judge.judge(budget, progress)
    alert(store, at, night.feeds, targets, log)
    with store.unit():
        names.learn()
    summary = summed_up(store, at, feeds_left=feeds_left, failed=failed)
    ended = replace(run, ended=clock.now(), summary=summary.counts())
    undelivered = deliver(store, ended, night.settings, night.folder, server, clock=clock, log=log)
    retain(store, at, night.settings, night.folder, budget, log)
    summary = replace(summary, undelivered=undelivered)
    status = "done" if summary.is_whole else "partial"
    Runs(store).end(run, clock.now(), status, summary.counts())
    log.info("run", status=status, ms=round(1000 * budget.spent), **summary.counts())
    return summary
