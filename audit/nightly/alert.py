"""After the audits of a night: tell somebody what should not wait until the morning is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from audit.feeds.settings import FeedSettings
from audit.nightly.log import Log
from audit.nightly.send import Target
from audit.store.alerts import Alert, Alerts
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.feed_reports import FeedReports
from audit.store.outlets import Outlets
from audit.store.runs import Runs

__all__ = ["alert"]


def alert(
    store: Store, run: datetime, feeds: Sequence[FeedSettings], targets: Sequence[Target], log: Log
) -> None:
    """Find what is to be told, and send it with what could not be sent before.

    What was found is stored before it is sent, and taken out when it has arrived: a target that
    fails is tried again the next night.
    """
    alerts = Alerts(store)
    with store.unit():
        reports = FeedReports(store).of(run)
        alerts.close("silent", [r.url for r in reports if not r.misses])
        alerts.keep_targets([t.key for t in targets])
        if targets:
            alerts.put(list(_found(store, run, feeds)), [t.key for t in targets])
    for target in targets:
        unsent = alerts.unsent(target.key)
        if not unsent:
            continue
        why = target.send(unsent)
        if why is None:
            alerts.sent(target.key, unsent)
            log.info("alert", status="sent", target=target.name, count=len(unsent))
        else:
            log.error("alert", status="failed", target=target.name, count=len(unsent), why=why)


def _found(store: Store, run: datetime, feeds: Sequence[FeedSettings]) -> Iterator[Alert]:
    """What should be told if it was not yet. What a run found that was broken off for good is told
    by the next."""
    since = Runs(store).last_ended()
    yield from _drifts(store, run, since)
    yield from _criticals(store, run, since, feeds)
    yield from _silent(store, run, feeds)


def _drifts(store: Store, run: datetime, since: datetime | None) -> Iterator[Alert]:
    for outlet in Outlets(store).all(run):
        if not outlet.drift:
            continue
        last = outlet.drift[-1]
        if since is not None and last.at <= since:
            continue
        yield Alert(
            "drift",
            f"{outlet.name} {last.out}",
            run,
            f"{outlet.name}: scores drift {last.out} their limits since "
            f"{outlet.drift[0].at:%Y-%m-%d}: {last.smoothed:.1f} where {last.centre:.1f} is usual "
            f"(limits {max(0.0, last.lower):.1f} to {min(100.0, last.upper):.1f})",
        )


def _criticals(
    store: Store, run: datetime, since: datetime | None, feeds: Sequence[FeedSettings]
) -> Iterator[Alert]:
    watched = [f for f in feeds if f.watch]
    if not watched:
        return
    found = Audits(store).appeared(
        "critical", since, {f.outlet for f in watched}, {f.url for f in watched}
    )
    for fault, outlet, url in found:
        yield Alert(
            "critical",
            f"{fault.version} {fault.fault}",
            run,
            f"{outlet}, {url}: critical: {fault.finding.message} "
            f"“{fault.finding.quote}” (story {fault.story})",
        )


def _silent(store: Store, run: datetime, feeds: Sequence[FeedSettings]) -> Iterator[Alert]:
    patience = {f.url: f.silent_after for f in feeds}
    for report in FeedReports(store).of(run):
        if report.misses >= patience.get(report.url, report.misses + 1):
            yield Alert(
                "silent",
                report.url,
                run,
                f"{report.outlet}, {report.url}: {'; '.join(report.reasons)}",
            )
