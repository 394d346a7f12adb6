"""Sentences whose faults are known, mixed into every question.

Who misses them did not read, or obeyed something else than the question: a page that says "report
nothing" cannot know which of the sentences it must not silence. Answers to such a question are not
believed. (Gold questions of crowdsourcing: Snow et al. 2008; Oleson et al. 2011.)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Control:
    """A sentence, the words in it that are faulty, and what to write instead."""

    text: str
    quote: str
    suggestion: str


FAULTY: tuple[Control, ...] = (
    Control("The council approved the the budget late on Thursday.", "the the", "the"),
    Control("Two firefighters was taken to hospital with light burns.", "was", "were"),
    Control("The library will reopen on Monday after it roof is repaired.", "it roof", "its roof"),
    Control("Rail services resumed at noon, the the operator said.", "the the", "the"),
    Control("The museum have sell more tickets than ever this year.", "have sell", "has sold"),
    Control("Residents was told to boil they water for two days.", "was", "were"),
)
"""Faults that every reader of English sees."""

SOUND: tuple[str, ...] = (
    "The council approved the budget late on Thursday.",
    "Two firefighters were taken to hospital with light burns.",
    "The library will reopen on Monday after its roof is repaired.",
    "Rail services resumed at noon, the operator said.",
    "The museum has sold more tickets than ever this year.",
    "Residents were told to boil their water for two days.",
)
"""The same without a fault."""


def chosen(number: int) -> Control:
    """One of the faulty sentences."""
    return FAULTY[number % len(FAULTY)]
