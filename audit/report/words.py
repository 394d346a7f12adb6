"""The plain words that every report uses for categories, severities and terms."""

from __future__ import annotations

from collections.abc import Mapping

from audit.model import Severity, Suppression

SEVERITY: Mapping[Severity, str] = {
    "critical": "misleads the reader or garbles a name or fact (10 points)",
    "major": "disturbs the reader or blurs the sense (5 points)",
    "minor": "a blemish that the reader passes over (1 point)",
}

GLOSSARY: Mapping[str, str] = {
    "Version": "One rendering of the story: an article as one outlet published it.",
    "Row": "Sentences of several versions that say the same thing.",
    "Witness": "Another version that shows a reading of the same place.",
    "Consensus": "The cell of a row that agrees best with the others, if most independent versions "
    "agree with it; copies share one vote. There is none below three independent versions, nor "
    "where numbers or direct quotations differ. Not the truth: versions may share a fault.",
    "Confidence": "How probable it is that a careful reader agrees that the place is a fault.",
    "Suspicion": "A place that is less sure to be a fault than a finding: at least a third of such "
    "places are none. Shown apart, and in no score.",
    "Compared": "How much of a version, in words, is in sentences that another version has too: "
    "only there can it be seen to depart from the others.",
    "Score": "100 × (1 − penalty points / words), never below 0. Comparable within one story.",
    "Interval": "Where the score would lie in 95 of 100 resamples of the version’s sentences.",
    "MT likelihood": "How probable it is that the version was machine-translated.",
    "Second reader": "A large language model that was asked which words are faulty, and whether "
    "serious findings are faults. It is believed as far as it was measured.",
    "Page residue": "Bylines, captions, share buttons and the like; never scored as language.",
    "Surprisal": "How unexpected a word is to a language model, in nats; garbled words stand out.",
}

METHOD: tuple[str, ...] = (
    "The versions are cut into sentences; page residue is set apart. Sentences that say the same "
    "thing are laid side by side in rows, and their words are linked. Detectors then look for "
    "places where one version departs from the others or from correct usage.",
    "Each finding carries its evidence: the place, the witnesses, the measured value and the "
    "threshold it crossed. Penalty points follow MQM: minor 1, major 5, critical 10.",
)


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 fault", "3 faults"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def kept_out(by: Suppression) -> str:
    """Why a finding is no fault, and who said so where, when and until when."""
    if by.at is None:
        return f"{by.why} ({by.source})"
    until = f", until {by.until}" if by.until else ""
    return f"{by.why} ({by.who}, {by.at:%Y-%m-%d}{until}; {by.source})"


def stories(number: int) -> str:
    """1 story, 3 stories."""
    return f"{number:,} {'story' if number == 1 else 'stories'}"


LIMITS: tuple[str, ...] = (
    "No source text is read: where all versions share a fault, it cannot be seen.",
    "Agreement is not truth. Numbers and direct quotations are never settled by a vote; "
    "both sides are shown.",
    "Scores compare versions of one story, not stories or subjects with each other.",
    "Findings are for an editor to judge; a low confidence means: look, do not assume.",
)
