"""The verdict on a story in one sentence, and what to bear in mind with it."""

from __future__ import annotations

import math

from audit.model import Severity
from audit.report.basis import COMPARED, WORDS, percent
from audit.report.passages import clip
from audit.report.shown import Fault, Piece, VersionView
from audit.report.words import count

_LISTED = 4
"""Versions that a caveat names."""

_GRAVE: tuple[Severity, ...] = ("critical", "major")


def verdict(versions: tuple[VersionView, ...], faults: tuple[Fault, ...]) -> tuple[Piece, ...]:
    """Which version to trust, or why none, and what is wrong with the worst.

    `versions` come from best to worst.
    """
    if not versions:
        return (Piece("There is no version to judge."),)
    best, worst = versions[0], versions[-1]
    if not faults:
        whole = "this version" if len(versions) == 1 else f"any of the {len(versions)} versions"
        alone = len(versions) > 1 and not any(v.result.compared for v in versions)
        but = ", but none has a sentence that another has" if alone else ""
        return (Piece(f"No {best.sought} was found in {whole}{but}."),)
    if len(versions) == 1:
        return (
            Piece(best.name, "version"),
            Piece(f" scores {_points(best)} of 100: {_tally(best)}"),
            *_example(best, faults),
            Piece("."),
        )
    why = _why_none_stands_out(versions)
    if why is None:
        return (
            Piece("Trust " if not best.counts["critical"] else "Prefer "),
            Piece(best.name, "version"),
            Piece(f" ({_points(best)} of 100, {_tally(best)}); do not rely on "),
            *_worst(worst, faults),
        )
    if _apart(best, worst):
        return (*why, Piece("; be most careful with "), *_worst(worst, faults))
    gravest = faults[0]
    return (
        *why,
        Piece("; the gravest fault, in "),
        Piece(gravest.version.name, "version"),
        Piece(", is "),
        *_described(gravest),
        Piece("."),
    )


def _why_none_stands_out(versions: tuple[VersionView, ...]) -> tuple[Piece, ...] | None:
    """What keeps the best of several versions from being recommended; None if nothing does.

    It must be compared with another version on the greater part of its words, so must one other,
    it must have enough words, and its interval must not overlap the next one's.
    """
    best, second = versions[:2]
    compared = [v for v in versions if v.result.compared >= COMPARED]
    if not compared:
        return (Piece("No version could be compared with another on most of its words"),)
    if len(compared) == 1:
        only = compared[0].name
        return (
            Piece("Only "),
            Piece(only, "version"),
            Piece(" could be compared with others on most of its words"),
        )
    score = best.result.score
    if best not in compared:
        but = f"was compared on only {percent(best.result.compared)} of its words"
    elif score.words < WORDS:
        but = f"has only {count(score.words, 'word')}"
    elif score.low <= second.result.score.high:
        but = "not by a sure margin"
    else:
        return None
    return (
        Piece("No version stands out: "),
        Piece(best.name, "version"),
        Piece(f" ({_points(best)} of 100) scores best, but {but}"),
    )


def _worst(version: VersionView, faults: tuple[Fault, ...]) -> tuple[Piece, ...]:
    return (
        Piece(version.name, "version"),
        Piece(f" ({_points(version)}), which has {_tally(version)}"),
        *_example(version, faults),
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
        return version.tally
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
    return (Piece(", the worst being "), *_described(mine))


def _described(fault: Fault) -> tuple[Piece, ...]:
    """The words of a fault, with the reading that is shown instead."""
    quote = Piece(quoted(fault.quote), "quote")
    if fault.disputed and fault.witnesses:
        other = fault.witnesses[0].text
        return (quote, Piece(" where others have "), Piece(quoted(other), "quote"))
    if fault.suggestion:
        return (quote, Piece(" for "), Piece(quoted(fault.suggestion), "quote"))
    return (quote, Piece(f" ({fault.category.label.lower()})"))


def quoted(text: str) -> str:
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
        more = f" and {len(close) - _LISTED} more" if len(close) > _LISTED else ""
        listed = ", ".join(close[:_LISTED]) + more
        found.append(f"The scores of {best.name} and of {listed} lie too close to rank them.")
    if hardly := [v for v in versions if v.result.compared < COMPARED]:
        shares = ", ".join(f"{v.name} ({percent(v.result.compared)})" for v in hardly[:_LISTED])
        more = f" and {len(hardly) - _LISTED} more" if len(hardly) > _LISTED else ""
        found.append(
            f"Compared with other versions on less than half of their words: {shares}{more}. "
            "The rest of them is judged by itself."
        )
    if len(versions) < 3:
        found.append("With two versions there is no majority: where they differ, look at both.")
    if best.counts["critical"]:
        found.append(f"Even {best.name} has {count(best.counts['critical'], 'critical fault')}.")
    return tuple(found)
