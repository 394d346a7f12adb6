"""What a run did, counted in the store: a run that was broken off counts as one that was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from audit.store.alerts import Alerts
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.feed_reports import FeedReports
from audit.store.stories import Stories
from audit.store.waiting import Waiting

__all__ = ["Summary", "summed_up"]

BAD = ("failed", "malformed")


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts of a run. `feeds` is by status, `feeds_left` those that time was too short for,
    `stories` by what happened to them, `audited` and `failed` stories, `left` those that still
    wait, failed ones among them; `faults` by state, as far as they entered it in this run; `alerts`
    of this run, and `unsent` those of all runs that have not reached everybody. `undelivered` says
    why the morning page or the digest could not be delivered."""

    run: datetime
    feeds: Mapping[str, int]
    feeds_left: int
    new: int
    changed: int
    unscored: int
    stories: Mapping[str, int]
    audited: int
    failed: int
    left: int
    faults: Mapping[str, int]
    alerts: int
    unsent: int
    undelivered: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every feed was read, every story audited, every alert sent and the morning
        delivered."""
        bad = sum(self.feeds.get(status, 0) for status in BAD)
        undone = self.feeds_left or self.failed or self.left or self.unsent or self.undelivered
        return not (bad or undone)

    def counts(self) -> dict[str, Any]:
        """The counts alone, as JSON has them."""
        counts = asdict(self)
        del counts["run"]
        return counts

    def text(self) -> str:
        """Some lines for people."""
        return "\n".join(
            (
                f"night of {self.run:%Y-%m-%d %H:%M} UTC: {'done' if self.is_whole else 'partial'}",
                f"feeds: {_listed(self.feeds)}{_more(self.feeds_left)}",
                f"articles: {self.new:,} new, {self.changed:,} changed, "
                f"{self.unscored:,} of them not scored",
                f"stories: {_listed(self.stories)}; {self.audited:,} audited, "
                f"{self.failed:,} failed{_more(self.left)}",
                f"faults: {_listed(self.faults)}",
                *self._alerts(),
                *(f"not delivered: {why}" for why in self.undelivered),
            )
        )

    def _alerts(self) -> tuple[str, ...]:
        if not (self.alerts or self.unsent):
            return ()
        unsent = f"; {self.unsent:,} not sent, tried again the next run" if self.unsent else ""
        return (f"alerts: {self.alerts:,}{unsent}",)


def summed_up(store: Store, run: datetime, *, feeds_left: int, failed: int) -> Summary:
    """The summary of the run that began at a time."""
    brought = Articles(store).brought(run)
    happened = {
        (e.kind, e.story, e.other * (e.kind == "split")) for e in Stories(store).events(run)
    }
    return Summary(
        run=run,
        feeds=_counted(report.status for report in FeedReports(store).of(run)),
        feeds_left=feeds_left,
        new=brought.new,
        changed=brought.changed,
        unscored=brought.unscored,
        stories=_counted(kind for kind, _, _ in happened),
        audited=len(Audits(store).audited(run)),
        failed=failed,
        left=len(Waiting(store).all()),
        faults=dict(sorted(Audits(store).counts(run).items())),
        alerts=Alerts(store).told(run),
        unsent=len(Alerts(store).unsent()),
    )


def _counted(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _more(left: int) -> str:
    return f"; {left:,} left for the next run" if left else ""
