"""The morning in brief, as text and as HTML that mail programs show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill as wrapped
from typing import Any
from urllib.parse import urljoin

from audit.report.html import filled
from audit.report.morning import (
    BAD,
    FaultLine,
    FeedLine,
    Morning,
    Some,
    StoryLine,
    drift,
    headline,
    notes,
    span,
)
from audit.report.shown import Piece
from audit.report.verdict import quoted
from audit.report.words import stories

__all__ = ["html", "subject", "text"]

STORIES, FAULTS, OUTLETS, FEEDS, REASONS = 5, 5, 5, 10, 5
"""How many of each stand in a digest; the page has the rest."""
WIDTH = 76
"""Characters of a line: mail allows 78 (RFC 5322, 2.1.1)."""


def subject(morning: Morning) -> str:
    """The subject of the mail, one line of its own."""
    m = morning
    said = "nothing new" if m.is_quiet else f"{stories(m.audited)} audited"
    grave = f", {m.grave:,} with critical faults" if m.grave else ""
    return f"mtaudit {m.run:%Y-%m-%d}: {said}{grave}"


def html(morning: Morning, reports: str | None) -> str:
    """The digest as HTML, with inline styles and nothing to be fetched.

    `reports` is the address under which the folder of reports is served; without it nothing is
    linked to reports.
    """
    m = morning
    return filled(
        "digest.html.j2",
        m=m,
        headline=headline(m),
        notes=notes(m),
        span=span(m),
        worst=m.worst.shown[:STORIES],
        mended=m.mended.shown[:FAULTS],
        new=m.new.shown[:FAULTS],
        outlets=m.places.shown[:OUTLETS],
        feeds=_bad_feeds(m),
        reasons=m.unscored.shown[:REASONS],
        drift=drift,
        change=_change,
        to=lambda href: _to(href, reports),
        page=_to("./", reports),
    )


def text(morning: Morning, reports: str | None) -> str:
    """The digest as text; `reports` as in `html`."""
    return "\n".join(_lines(morning, reports)) + "\n"


def _lines(m: Morning, reports: str | None) -> Iterator[str]:
    yield from _wrapped(span(m))
    yield ""
    yield from _wrapped(headline(m))
    for note in notes(m):
        yield from _wrapped(note, "- ")
    if m.worst.shown:
        yield from _head(
            f"WORST STORIES OF THE LAST {m.worst_days} DAYS" if m.worst_days else "WORST STORIES"
        )
        for w in m.worst.shown[:STORIES]:
            score = f"{w.lowest.score.value:5.1f}  " if w.lowest else "       "
            yield from _wrapped(_titled(w.line), score, " " * 7)
            yield from _wrapped(_plain(w.verdict), " " * 7)
            yield from _address(w.line.href, reports, " " * 7)
        yield from _more(m.worst, STORIES, "stories")
    for title, faults in (("FAULTS MENDED", m.mended), ("NEW FAULTS", m.new)):
        if faults.shown:
            yield from _head(f"{title}: {faults.total:,}")
            for f in faults.shown[:FAULTS]:
                yield from _wrapped(f"{f.severity}: {_change(f)}", "- ")
                yield from _wrapped(_whose(f), "  ")
                yield from _address(f.href, reports, "  ")
            yield from _more(faults, FAULTS, "of them")
    if m.places.shown:
        yield from _head("OUTLETS, the lowest score first")
        for p in m.places.shown[:OUTLETS]:
            s = p.score
            line = (
                f"{p.outlet.name}: {s.low:.1f} to {s.high:.1f}, place {p.text} of {m.places.total}"
            )
            more = f"; {drift(p.outlet)}" if p.outlet.drift else ""
            yield from _wrapped(line + more, f"{s.value:5.1f}  ", " " * 7)
        yield from _more(m.places, OUTLETS, "outlets")
    bad = _bad_feeds(m)
    if bad:
        yield from _head("FEEDS TO LOOK AT")
        for feed in bad:
            r = feed.report
            why = f": {r.reasons[0]}" if r.reasons else ""
            yield from _wrapped(f"{r.outlet}, {r.status}{why}", "- ")
        hidden = sum(m.feed_counts.get(status, 0) for status in BAD) - len(bad)
        if hidden:
            yield f"  and {hidden:,} more feeds"
    if m.unscored.shown:
        yield from _head(f"NOT SCORED: {m.articles_unscored:,}")
        for reason in m.unscored.shown[:REASONS]:
            yield from _wrapped(f"{reason.articles.total:,}: {reason.why}", "- ")
        yield from _more(m.unscored, REASONS, "reasons")
    page = _to("./", reports)
    if page:
        yield ""
        yield f"The whole page: {page}"


def _head(title: str) -> Iterator[str]:
    yield ""
    yield title


def _wrapped(line: str, first: str = "", later: str | None = None) -> Sequence[str]:
    """Lines no longer than `WIDTH`; addresses and long words are not broken."""
    return wrapped(
        line,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first) if later is None else later,
        break_long_words=False,
        break_on_hyphens=False,
    ).split("\n")


def _more(some: Some[Any], shown: int, what: str) -> Iterator[str]:
    rest = some.total - min(shown, len(some.shown))
    if rest:
        yield f"  and {rest:,} more {what}"


def _titled(line: StoryLine) -> str:
    return f"{line.title} ({line.versions} versions)" if line.versions != 1 else line.title


def _plain(pieces: Sequence[Piece]) -> str:
    return "".join(p.text for p in pieces)


def _change(f: FaultLine) -> str:
    """What an article says and what is offered instead."""
    if f.suggestion is not None:
        return f"{quoted(f.quote)} → {quoted(f.suggestion) if f.suggestion else 'delete'}"
    return f"{quoted(f.quote)} where others have {quoted(f.other)}" if f.other else quoted(f.quote)


def _whose(f: FaultLine) -> str:
    note = f"; {f.article.note}" if f.article.note else ""
    return f"{f.article.outlet}: {f.article.title}{note}"


def _bad_feeds(m: Morning) -> tuple[FeedLine, ...]:
    return tuple(f for f in m.feeds.shown if f.report.status in BAD)[:FEEDS]


def _to(href: str | None, reports: str | None) -> str | None:
    """A link of the page as an address, if reports have one."""
    return urljoin(reports.rstrip("/") + "/", href) if href and reports else None


def _address(href: str | None, reports: str | None, indent: str) -> Iterator[str]:
    address = _to(href, reports)
    if address:
        yield indent + address
