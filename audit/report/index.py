"""An index page over the reports of many stories, with totals by outlet and its rate by night."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audit.errors import InputError
from audit.model import PENALTY, AuditResult
from audit.report.charts import Night, control_chart
from audit.report.figures import Chart
from audit.report.html import fill
from audit.report.json import loads
from audit.report.links import address, report_of
from audit.report.passages import clip, visible
from audit.report.view import prepare
from audit.report.words import count

_VERDICT = 300
_NO_OUTLET = "no outlet named"
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")

LEAST_NIGHTS = 8
"""Nights from which an outlet has a control chart: the mean of fewer is no measure for the others.
Twenty and more are usual (Montgomery, Introduction to Statistical Quality Control, ch. 6.2)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one version contributes to the totals of its outlet."""

    outlet: str | None
    night: str | None
    """The day of publication, YYYY-MM-DD; None where it is unknown."""
    words: int
    sentences: int
    faults: int
    critical: int
    score: float
    is_worst: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One story on the index page. `href` is the relative path of its report, if it has one."""

    story: str
    verdict: str
    href: str | None
    standings: tuple[Standing, ...]

    @property
    def best(self) -> float:
        """The highest score of a version; 0 without versions."""
        return max((s.score for s in self.standings), default=0.0)

    @property
    def worst(self) -> float:
        """The lowest score of a version; 0 without versions."""
        return min((s.score for s in self.standings), default=0.0)

    @property
    def faults(self) -> int:
        """Findings of all versions."""
        return sum(s.faults for s in self.standings)

    @property
    def critical(self) -> int:
        """Critical findings of all versions."""
        return sum(s.critical for s in self.standings)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Totals of one outlet over all stories."""

    name: str
    stories: int
    """In which it has a version, or several."""
    words: int
    faults: int
    critical: int
    per_hundred: float
    """Findings per 100 sentences."""
    score: float
    """Mean score, weighted by words."""
    worst: int
    """Stories in which it has the lowest score."""


def summarise(result: AuditResult, path: str | None = None) -> Entry:
    """What the index keeps of a story; `path` is where its report lies, relative to the index."""
    view = prepare(result)
    lowest = view.versions[-1] if len(view.versions) > 1 else None
    standings = tuple(
        Standing(
            outlet=v.result.version.outlet,
            night=_night(v.result.version.published),
            words=v.result.score.words,
            sentences=len(v.result.sentences),
            faults=v.total,
            critical=v.counts["critical"],
            score=v.result.score.value,
            is_worst=v is lowest,
        )
        for v in view.versions
    )
    verdict = clip("".join(p.text for p in view.verdict), _VERDICT)
    return Entry(view.story, verdict, None if path is None else address(path), standings)


def collect(folder: Path, page: Path) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Entries of the reports in the folders right below one, and why others cannot be read.

    Links are relative to the folder of `page`, where the index will lie. A story is linked to its
    HTML report, to its PDF where there is none, or else to `report.json`.
    """
    entries, unread = [], []
    for file in sorted(folder.glob("*/report.json")):
        try:
            result = loads(file.read_text(encoding="utf-8"), str(file))
        except InputError as e:
            unread.append(str(e))
            continue
        except (OSError, UnicodeDecodeError) as e:
            unread.append(str(InputError(str(file), f"cannot be read: {e}")))
            continue
        entries.append(summarise(result, report_of(file.parent, page)))
    return tuple(entries), tuple(unread)


def render(entries: Iterable[Entry]) -> str:
    """The index as an HTML page, the story with the most penalty of its worst version first."""
    ordered = sorted(entries, key=lambda e: (e.worst, -e.critical, e.story))
    return fill(
        "index.html.j2", "index.js", entries=ordered, outlets=totals(ordered), penalty=PENALTY,
        headline=_headline(ordered), nights=control_charts(ordered),
    )  # fmt: skip


def control_charts(entries: Iterable[Entry]) -> tuple[Chart, ...]:
    """The rate of each outlet over its nights, of those with `LEAST_NIGHTS`, by name."""
    found: defaultdict[str, defaultdict[str, list[Standing]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for s in (s for e in entries for s in e.standings):
        if s.outlet and s.night:
            found[visible(s.outlet)][s.night].append(s)
    charts = [
        control_chart(clip(outlet, 60), [_of_night(*n) for n in sorted(nights.items())])
        for outlet, nights in sorted(found.items())
        if len(nights) >= LEAST_NIGHTS
    ]
    return tuple(replace(c, name=f"{c.name}-{n}") for n, c in enumerate(charts, start=1))


def _of_night(night: str, standings: Sequence[Standing]) -> Night:
    return Night(night, sum(s.faults for s in standings), sum(s.sentences for s in standings))


def _night(published: str | None) -> str | None:
    day = _DAY.match(published or "")
    return day.group() if day else None


def totals(entries: Sequence[Entry]) -> tuple[Outlet, ...]:
    """Totals by outlet, the lowest mean score first."""
    groups: defaultdict[str, list[Standing]] = defaultdict(list)
    stories: defaultdict[str, set[int]] = defaultdict(set)
    for number, entry in enumerate(entries):
        for s in entry.standings:
            name = visible(s.outlet) if s.outlet else _NO_OUTLET
            groups[name].append(s)
            stories[name].add(number)
    outlets = [_outlet(name, len(stories[name]), group) for name, group in groups.items()]
    return tuple(sorted(outlets, key=lambda o: (o.score, o.name)))


def _outlet(name: str, stories: int, group: Sequence[Standing]) -> Outlet:
    words = sum(s.words for s in group)
    faults = sum(s.faults for s in group)
    return Outlet(
        name=clip(name, 60),
        stories=stories,
        words=words,
        faults=faults,
        critical=sum(s.critical for s in group),
        per_hundred=100 * faults / max(1, sum(s.sentences for s in group)),
        score=sum(s.score * s.words for s in group) / max(1, words),
        worst=sum(s.is_worst for s in group),
    )


def _headline(entries: Sequence[Entry]) -> str:
    if not entries:
        return "No story was audited."
    critical = sum(e.critical for e in entries)
    grave = sum(1 for e in entries if e.critical)
    faults = count(critical, "critical fault") if critical else "no critical fault"
    if len(entries) == 1:
        return f"1 story was audited; {faults} {'was' if critical < 2 else 'were'} found in it."
    stories = f"{len(entries):,} stories were audited; "
    if not critical:
        return f"{stories}no critical fault was found."
    return f"{stories}{grave:,} of them {'has' if grave == 1 else 'have'} {faults}."
