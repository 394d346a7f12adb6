"""A small store of some nights, made by hand, for the morning page and the digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from store_work import NIGHT, article
from story import RESULT

from audit.feeds.state import FeedReport
from audit.model import AuditResult, Version
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.feed_reports import FeedReports
from audit.store.runs import Run, Runs
from audit.store.stories import Stories, StoryEvent
from audit.store.waiting import Waiting

FIRST = NIGHT
SECOND = NIGHT + timedelta(days=1)
OUTLETS = ("The Herald", "Morning Post Online", "Northern Wire", "A Blog")
HOSTILE = "<script>alert('x')</script>\u202e & Co"


def told(story: str, first_page: int, kept: int | None = None) -> AuditResult:
    """RESULT as a story of the articles of four pages, with so many of its findings."""
    ids = {v.version.id: article(first_page + n, "").id for n, v in enumerate(RESULT.versions)}

    def version(old: Version) -> Version:
        return replace(old, id=ids[old.id])

    versions = [replace(v, version=version(v.version)) for v in RESULT.versions]
    findings = [
        replace(
            f,
            version=ids[f.version],
            witnesses=tuple(replace(w, version=ids[w.version]) for w in f.witnesses),
        )
        for f in RESULT.findings[:kept]
    ]
    return replace(
        RESULT,
        story=story,
        versions=tuple(sorted(versions, key=lambda v: v.version.id)),
        findings=tuple(findings),
        family=None,
        consensus=(),
    )


def fetch(store: Store, first_page: int, at: datetime, note: str = "") -> list[str]:
    """Four articles, one of each outlet."""
    ids = []
    for n, (outlet, v) in enumerate(zip(OUTLETS, RESULT.versions, strict=True)):
        come = article(first_page + n, v.version.text + note, at, outlet=outlet)
        come = replace(come, title=f"{v.version.title or 'Dam bursts'}, part {first_page}")
        Articles(store).put(come)
        ids.append(come.id)
    return ids


def first_night(store: Store) -> Run:
    """Two stories, nine feeds' worth of nothing wrong."""
    run = Runs(store).begin(FIRST)
    for story, page in (("s1", 0), ("s2", 4)):
        Stories(store).put(story, fetch(store, page, FIRST), FIRST)
        Stories(store).record([StoryEvent(FIRST, "new", story)])
        Audits(store).put(told(story, page, 11 if story == "s1" else 2), "first", FIRST)
    FeedReports(store).put(FIRST, FeedReport("https://herald.example/feed", "The Herald", "ok"))
    end(store, run)
    return run


def second_night(store: Store) -> Run:
    """A story grew and lost faults, one is new, one failed; feeds failed; a page has no text."""
    run = Runs(store).begin(SECOND)
    at = SECOND
    ids = fetch(store, 0, at, " It was mended.")
    Stories(store).put("s1", [*ids, article(20, "").id], at)
    late = article(20, "A late version.", at, outlet="Late News", title=HOSTILE)
    Articles(store).put(late)
    Audits(store).put(told("s1", 0, 7), "second", at)
    Stories(store).put("s3", fetch(store, 8, at), at)
    Audits(store).put(told("s3", 8, 4), "second", at)
    Stories(store).put("s4", fetch(store, 12, at), at)
    Stories(store).record(
        [
            StoryEvent(at, "grown", "s1", late.id),
            StoryEvent(at, "new", "s3"),
            StoryEvent(at, "new", "s4"),
            StoryEvent(at, "merged", "s2", "s3"),
        ]
    )
    Waiting(store).add(["s4", "s5"], at)
    Waiting(store).put_back("s4", at, "internal: ZeroDivisionError: a fault <b>of the program</b>")
    for page, why in ((30, "a consent wall"), (31, "a consent wall"), (32, "a paywall's teaser")):
        url = "javascript:alert(1)" if page == 31 else f"https://wall.example/{page}"
        Articles(store).put(article(page, "", at, outlet=HOSTILE, url=url, unscored=why))
    for report in (
        FeedReport("https://herald.example/feed", "The Herald", "ok", new=5, changed=4, ms=1234),
        FeedReport("https://post.example/feed", "Morning Post Online", "unchanged", ms=310),
        FeedReport("https://wire.example/feed", "Northern Wire", "failed", ms=30000, misses=3,
                   reasons=("https://wire.example/feed: HTTP 500", f"{HOSTILE}: 2 pages failed"),
                   failed=2),
        FeedReport("https://blog.example/feed", "A Blog", "silent", misses=9,
                   reasons=("nothing new in 9 runs",)),
        FeedReport("/srv/scraped", HOSTILE, "malformed", reasons=("not a feed",), left=12),
    ):  # fmt: skip
        FeedReports(store).put(at, report)
    end(store, run, "partial", feeds_left=1)
    return run


def many_nights(store: Store, nights: int = 40) -> None:
    """Nights before the first of a story of an outlet a night, the last ones worse."""
    for night in range(nights, 0, -1):
        at = FIRST - timedelta(days=night)
        run = Runs(store).begin(at)
        worse = night <= 6
        for n in range(2):
            story, page = f"n{night}-{n}", 1000 + 100 * night + 10 * n
            result = told(story, page, 11)
            score = [(91.0 + (night + n) % 3, 3), (80.0 - 20 * worse + night % 4, 4)]
            versions = tuple(
                replace(
                    v,
                    score=replace(
                        v.score,
                        value=score[k % 2][0] + k,
                        low=score[k % 2][0] - 3,
                        high=score[k % 2][0] + 6,
                        words=300 + 7 * (night % 9),
                    ),
                )
                for k, v in enumerate(sorted(result.versions, key=lambda v: v.version.outlet or ""))
            )
            result = replace(result, versions=tuple(sorted(versions, key=lambda v: v.version.id)))
            Stories(store).put(story, fetch(store, page, at), at)
            Audits(store).put(result, "once", at)
        end(store, run)


def end(store: Store, run: Run, status: str = "done", feeds_left: int = 0) -> None:
    ended = run.started + timedelta(hours=1, minutes=12)
    Runs(store).end(run, ended, status, {"feeds_left": feeds_left})
