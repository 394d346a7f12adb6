"""What the morning page says of a run, gathered from the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from audit.conclude.outlet import Outlet
from audit.errors import InputError
from audit.feeds.state import FeedReport
from audit.model import CATEGORIES
from audit.report.links import address, report_of
from audit.report.morning import (
    ArticleLine,
    FaultLine,
    FeedLine,
    Lowest,
    Morning,
    Reason,
    Some,
    StoryLine,
    WorstStory,
)
from audit.report.outlets import ranked
from audit.report.passages import clip, visible
from audit.report.shown import Piece
from audit.report.view import anchor, prepare, web_address
from audit.report.words import count, stories
from audit.store.articles import Articles, SeenVersion
from audit.store.audits import Audits, State, StoredFinding
from audit.store.database import Store
from audit.store.feed_reports import FeedReports
from audit.store.outlets import Outlets
from audit.store.runs import Run, Runs
from audit.store.stories import Stories
from audit.store.waiting import Waiting

__all__ = ["PAGE", "WORST", "gathered"]

PAGE = "index.html"

WORST = 20
"""Stories with their verdict: what an editor reads in a morning."""
FAULTS = 12
LISTED = 50
"""Stories, articles, and articles of one reason."""
REASONS = 20
OUTLETS = 100
FEEDS = 300
QUIET_DAYS = 7
"""How far back the worst stories are looked for when none was audited in the night."""

_ORDER = ("failed", "malformed", "silent", "ok", "unchanged")
_TITLE, _QUOTE, _WHY = 120, 160, 200


def gathered(store: Store, run: Run, folder: Path) -> Morning:
    """The morning after the last run, whose page lies in a folder above the stories' reports."""
    at = run.started
    told = _Told(store, folder, at)
    articles, audits = Articles(store), Audits(store)
    came = articles.came(at)
    reports = FeedReports(store).of(at)
    newest = articles.newest()
    waiting = Waiting(store).all()
    failed = Waiting(store).failed()
    before = Runs(store).last(2)
    audited = len(audits.audited(at))
    worst_since = at if audited else at - timedelta(days=QUIET_DAYS)
    changed = [a for a in came if a.first_seen < at]
    faults = audits.counts(at)
    unscored = [a for a in came if a.unscored]
    places, few = ranked(map(_outlet, Outlets(store).all(at)))
    return Morning(
        run=at,
        before=before.started if before else None,
        ended=run.ended,
        status=run.status,
        articles_new=len(came) - len(changed),
        articles_unscored=len(unscored),
        audited=audited,
        grave=audits.grave(at),
        worst=told.worst(worst_since),
        worst_days=None if audited else QUIET_DAYS,
        stories=told.events(),
        new=told.faults("new", faults.get("new", 0), ()),
        mended=told.faults("mended", faults.get("mended", 0), {a.id for a in changed}),
        changed=Some(told.changed(changed[:LISTED]), len(changed)),
        places=Some.of(places, OUTLETS),
        few=Some.of(few, LISTED),
        feeds=Some.of(
            [
                _feed(r, newest.get(r.url))
                for r in sorted(reports, key=lambda r: (_ORDER.index(r.status), r.outlet, r.url))
            ],
            FEEDS,
        ),
        feed_counts={s: n for s in _ORDER if (n := sum(r.status == s for r in reports))},
        unscored=Some.of(_reasons(unscored), REASONS),
        failed=Some(told.lines({f.story: f.why for f in failed[:LISTED]}), len(failed)),
        pages_failed=sum(r.failed for r in reports),
        waiting=len(waiting),
        waiting_since=waiting[0][1] if waiting else None,
        feeds_left=(run.summary or {}).get("feeds_left", 0),
        pages_left=sum(r.left for r in reports),
    )


class _Told:
    """Tells of stories and articles of a store, with links to reports below a folder."""

    def __init__(self, store: Store, folder: Path, at: datetime) -> None:
        self._stories = Stories(store)
        self._articles = Articles(store)
        self._audits = Audits(store)
        self._folder = folder
        self._at = at
        self._happened = self._stories.events(at)

    def worst(self, since: datetime) -> Some[WorstStory]:
        """The stories audited since a time, the lowest score first."""
        ids = self._audits.lowest(since)
        new = {e.story for e in self._happened if e.kind == "new"}
        lines = self._lines(dict.fromkeys(ids[:WORST], ""))
        worst = (self._worst(line, story, story in new) for story, line in lines.items())
        return Some(tuple(worst), len(ids))

    def _worst(self, line: StoryLine, story: str, is_new: bool) -> WorstStory:
        try:
            result = self._audits.last(story)
        except InputError:
            result = None
        if result is None:
            return WorstStory(
                line, (Piece("What is stored of it cannot be read."),), None, {}, is_new
            )
        view = prepare(result)
        lowest = view.versions[-1]
        counts = Counter(f.severity for f in result.findings)
        score = Lowest(lowest.name, lowest.result.score)
        line = replace(line, versions=len(view.versions))
        return WorstStory(line, view.verdict, score, counts, is_new)

    def events(self) -> dict[str, Some[StoryLine]]:
        """What happened to stories in the run, those of most versions first."""
        happened = self._happened
        grown = Counter(e.story for e in happened if e.kind == "grown")
        merged = Counter(e.other for e in happened if e.kind == "merged")
        noted: dict[str, dict[str, str]] = {
            "new": {e.story: "" for e in happened if e.kind == "new"},
            "grown": {s: f"{count(n, 'version')} more" for s, n in grown.items()},
            "merged": {s: f"{stories(n)} became part of it" for s, n in merged.items()},
            "split": {e.other: f"split off from {e.story}" for e in happened if e.kind == "split"},
        }
        return {kind: self._largest(notes) for kind, notes in noted.items()}

    def _largest(self, notes: Mapping[str, str]) -> Some[StoryLine]:
        sizes = {s: len(v) for s, v in self._stories.versions(list(notes)).items()}
        ordered = sorted(notes, key=lambda s: (-sizes.get(s, 0), s))[:LISTED]
        return Some(self.lines({s: notes[s] for s in ordered}), len(notes))

    def lines(self, notes: Mapping[str, str]) -> tuple[StoryLine, ...]:
        """Stories by id, each with what is to be said of it."""
        return tuple(self._lines(notes).values())

    def _lines(self, notes: Mapping[str, str]) -> dict[str, StoryLine]:
        """A story is called as its first article that has a title, or else by its id."""
        versions = self._stories.versions(list(notes))
        known = self._articles.known([v for own in versions.values() for v in own])
        lines = {}
        for story, note in notes.items():
            own = [known[v] for v in versions.get(story, ()) if v in known]
            titled = min(
                (a for a in own if a.title), key=lambda a: (a.first_seen, a.id), default=None
            )
            title = titled.title if titled else f"Story {story}"
            lines[story] = StoryLine(_shown(title), self._link(story), len(own), _shown(note, _WHY))
        return lines

    def faults(self, state: State, total: int, changed: Collection[str]) -> Some[FaultLine]:
        """The worst faults that entered a state in the run; `changed` are articles that did."""
        found = self._audits.worst(state, self._at, FAULTS)
        articles = self._articles.known(sorted({f.version for f in found}))
        return Some(tuple(self._fault(f, articles.get(f.version), changed) for f in found), total)

    def _fault(
        self, stored: StoredFinding, article: SeenVersion | None, changed: Collection[str]
    ) -> FaultLine:
        f = stored.finding
        line = (
            ArticleLine("", f"Version {stored.version}", None)
            if article is None
            else _line(article)
        )
        href = self._link(stored.story)
        if stored.state == "mended":
            note = (
                "the article was changed"
                if stored.version in changed
                else "the article itself is unchanged"
            )
            line = replace(line, note=note)
        elif href and href.endswith(".html"):
            href = f"{href}#{anchor(f)}"
        return FaultLine(
            f.severity,
            CATEGORIES[f.category].label,
            _shown(f.quote, _QUOTE),
            None if f.suggestion is None else _shown(f.suggestion, _QUOTE),
            _shown(f.witnesses[0].quote, _QUOTE) if f.witnesses else None,
            line,
            href,
        )

    def changed(self, articles: Sequence[SeenVersion]) -> tuple[ArticleLine, ...]:
        """Articles that changed, with what became of their faults."""
        counts = self._audits.changes([a.id for a in articles], self._at)
        return tuple(
            _line(
                a,
                ", ".join(
                    f"{count(n, 'fault')} {state}" for state, n in counts.get(a.id, {}).items()
                ),
            )
            for a in articles
        )

    def _link(self, story: str) -> str | None:
        path = report_of(self._folder / story, self._folder / PAGE)
        return None if path is None else address(path)


def _reasons(articles: Iterable[SeenVersion]) -> tuple[Reason, ...]:
    """Articles by why they were not scored, the most frequent reason first."""
    by_reason: defaultdict[str, list[SeenVersion]] = defaultdict(list)
    for article in articles:
        by_reason[article.unscored or ""].append(article)
    ordered = sorted(by_reason.items(), key=lambda r: (-len(r[1]), r[0]))
    return tuple(
        Reason(_shown(why, _WHY), Some(tuple(_line(a) for a in own[:LISTED]), len(own)))
        for why, own in ordered
    )


def _line(article: SeenVersion, note: str = "") -> ArticleLine:
    title = _shown(article.title or article.url)
    return ArticleLine(_shown(article.outlet), title, web_address(article.url), note)


def _feed(report: FeedReport, newest: datetime | None) -> FeedLine:
    cleaned = replace(
        report,
        outlet=_shown(report.outlet),
        reasons=tuple(_shown(why, _WHY) for why in report.reasons),
    )
    return FeedLine(cleaned, web_address(report.url), newest)


def _outlet(outlet: Outlet) -> Outlet:
    return replace(outlet, name=_shown(outlet.name))


def _shown(text: str, limit: int = _TITLE) -> str:
    return clip(visible(text), limit)
