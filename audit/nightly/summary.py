"""What a run did, counted in the store: a run that was broken off counts as one that was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

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
    wait, failed ones among them; `faults` by state, as far as they entered it in this run."""

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

    @property
    def is_whole(self) -> bool:
        """Whether every feed was read and every story audited."""
        bad = sum(self.feeds.get(status, 0) for status in BAD)
        return not (bad or self.feeds_left or self.failed or self.left)

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
            )
        )


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
        faults=_counted(f.state for f in Audits(store).findings(since=run)),
    )


def _counted(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _more(left: int) -> str:
    return f"; {left:,} left for the next run" if left else ""
