"""The verdict on a story in one sentence, and what to bear in mind with it."""

from __future__ import annotations

import math

from audit.model import Severity
from audit.report.passages import clip
from audit.report.shown import Fault, Piece, VersionView

_GRAVE: tuple[Severity, ...] = ("critical", "major")


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 fault", "3 faults"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def verdict(versions: tuple[VersionView, ...], faults: tuple[Fault, ...]) -> tuple[Piece, ...]:
    """Which version to trust and what is wrong with the worst; `versions` from best to worst."""
    if not versions:
        return (Piece("There is no version to judge."),)
    best, worst = versions[0], versions[-1]
    if not faults:
        whole = "this version" if len(versions) == 1 else f"any of the {len(versions)} versions"
        return (Piece(f"No fault was found in {whole}."),)
    if len(versions) == 1:
        return (
            Piece(best.name, "version"),
            Piece(f" scores {_points(best)} of 100: {_tally(best)}"),
            *_example(best, faults),
            Piece("."),
        )
    if not _apart(best, worst):
        return (
            Piece("Prefer "),
            Piece(best.name, "version"),
            Piece(f" ({_points(best)} of 100, {_tally(best)}), though not by a sure margin; "),
            Piece("be most careful with "),
            Piece(worst.name, "version"),
            Piece(f" ({_points(worst)}), which has {_tally(worst)}"),
            *_example(worst, faults),
            Piece("."),
        )
    trust = "Trust " if not best.counts["critical"] else "Prefer "
    return (
        Piece(trust),
        Piece(best.name, "version"),
        Piece(f" ({_points(best)} of 100, {_tally(best)}); do not rely on "),
        Piece(worst.name, "version"),
        Piece(f" ({_points(worst)}), which has {_tally(worst)}"),
        *_example(worst, faults),
        Piece("."),
    )


def _apart(better: VersionView, worse: VersionView) -> bool:
    """Whether two scores differ by more than chance.

    The 95 % interval of their difference, composed of both intervals, must leave out 0: that
    intervals overlap does not make two values equal. Source: Zou and Donner (2008), Construction
    of confidence limits about effect measures, Statistics in Medicine 27:1693, eq. 8.
    """
    a, b = better.result.score, worse.result.score
    return a.value - b.value > math.hypot(a.value - a.low, b.high - b.value)


def _points(version: VersionView) -> str:
    return f"{version.result.score.value:.1f}"


def _tally(version: VersionView) -> str:
    """Faults of a version in words, the worst severity named."""
    if not version.total:
        return "no fault found"
    for severity in _GRAVE:
        number = version.counts[severity]
        if number:
            of_them = "" if number == version.total else f", {number} of them {severity}"
            faults = count(version.total, "fault" if of_them else f"{severity} fault")
            return faults + of_them
    return count(version.total, "minor fault")


def _example(version: VersionView, faults: tuple[Fault, ...]) -> tuple[Piece, ...]:
    """The worst fault of a version, with the reading that is shown instead."""
    mine = next((f for f in faults if f.version is version), None)
    if mine is None:
        return ()
    pieces = (Piece(", the worst being "), Piece(_quoted(mine.quote), "quote"))
    if mine.disputed and mine.witnesses:
        other = mine.witnesses[0].text
        return (*pieces, Piece(" where others have "), Piece(_quoted(other), "quote"))
    if mine.suggestion:
        return (*pieces, Piece(" for "), Piece(_quoted(mine.suggestion), "quote"))
    return (*pieces, Piece(f" ({mine.category.label.lower()})"))


def _quoted(text: str) -> str:
    """The text in quotation marks, unless it brings its own."""
    short = clip(text, 80)
    return short if short.startswith(("“", "”", "„", "«", "‘", '"', "'")) else f"“{short}”"


def caveats(versions: tuple[VersionView, ...]) -> tuple[str, ...]:
    """What keeps the ranking from being taken at face value."""
    if len(versions) < 2:
        return ("With one version alone, only faults that show in the text itself can be found.",)
    found = []
    best = versions[0]
    close = [v.name for v in versions[1:] if not _apart(best, v)]
    if len(close) > 1 and len(close) == len(versions) - 1:
        found.append("The scores of all versions lie too close to rank them.")
    elif close:
        listed = ", ".join(close[:4]) + (f" and {len(close) - 4} more" if len(close) > 4 else "")
        found.append(f"The scores of {best.name} and of {listed} lie too close to rank them.")
    if len(versions) < 3:
        found.append("With two versions there is no majority: where they differ, look at both.")
    if best.counts["critical"]:
        found.append(f"Even {best.name} has {count(best.counts['critical'], 'critical fault')}.")
    return tuple(found)
