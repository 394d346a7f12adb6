"""The kinds of faults and their severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Severity = Literal["minor", "major", "critical"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From least to most severe."""

PENALTY: Mapping[Severity, int] = {"minor": 1, "major": 5, "critical": 10}
"""MQM penalty points of one finding (Freitag et al. 2021, with critical as in MQM Core)."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of fault: how reports name it and what its findings say of a version.

    `label`, `tag` (on the mark in a text) and `meaning` are what readers see; `mqm` is the MQM
    category.
    """

    id: str
    label: str
    tag: str
    meaning: str
    mqm: str
    is_contradiction: bool = False
    """Versions contradict each other: reports show all sides and recommend none."""
    is_of_names: bool = False
    """Reports list the forms of the name."""
    is_rare: bool = False
    """Two translators do not make the same one by chance, so that it shows descent."""
    is_human_slip: bool = False
    """A slip of the hand: surprising words there say nothing of a machine."""
    machine_sign: str | None = None
    """The plural noun by which the machine-translation likelihood reports its findings; None if
    they do not count there."""


CATEGORIES: Mapping[str, Category] = {
    c.id: c
    for c in (
        Category(
            "name-garble",
            "Garbled name",
            "name",
            "The name of a person, place or body that came out as something else, or is missing.",
            "Accuracy/Mistranslation",
            is_of_names=True,
            is_rare=True,
            machine_sign="garbled names",
        ),
        Category(
            "name-variant",
            "Name variant",
            "spelling",
            "A name spelled unlike in the other versions, or two ways in one.",
            "Terminology/Inconsistent use of terminology",
            is_of_names=True,
            machine_sign="names spelled in several ways",
        ),
        Category(
            "wrong-term",
            "Wrong term",
            "term",
            "A word that translates the wrong sense of the original word.",
            "Accuracy/Mistranslation",
            is_rare=True,
            machine_sign="wrong terms",
        ),
        Category(
            "meaning-shift",
            "Shifted meaning",
            "meaning",
            "The sentence says something else than the other versions: a negation, a role, "
            "a degree.",
            "Accuracy/Mistranslation",
            is_rare=True,
            machine_sign="shifted meanings",
        ),
        Category(
            "number-mismatch",
            "Number mismatch",
            "number",
            "A figure, date or unit that contradicts other versions.",
            "Accuracy/Mistranslation",
            is_contradiction=True,
            is_rare=True,
        ),
        Category(
            "broken-sentence",
            "Broken sentence",
            "broken",
            "A sentence cut in two, cut off, or with its words in an impossible order.",
            "Fluency/Grammar",
            is_rare=True,
            machine_sign="broken sentences",
        ),
        Category(
            "ungrammatical",
            "Ungrammatical",
            "grammar",
            "A breach of grammar.",
            "Fluency/Grammar",
            machine_sign="ungrammatical places",
        ),
        Category(
            "unidiomatic",
            "Unidiomatic",
            "idiom",
            "Grammatical, but no native writer would put it so.",
            "Style/Unidiomatic style",
            machine_sign="unidiomatic phrases",
        ),
        Category(
            "duplicated-word",
            "Duplicated word",
            "twice",
            "A word or phrase written twice.",
            "Fluency/Duplication",
            is_rare=True,
            is_human_slip=True,
            machine_sign="words typed twice, as people do",
        ),
        Category(
            "stray-capital",
            "Capitalisation",
            "capital",
            "A capital letter where there should be none, or none where there should be one.",
            "Fluency/Capitalization",
            machine_sign="faults of capitalisation",
        ),
        Category(
            "quote-punctuation",
            "Punctuation",
            "punctuation",
            "Quotation marks, commas, other marks or spaces that are missing, misplaced or too "
            "many.",
            "Fluency/Punctuation",
            machine_sign="faults of punctuation",
        ),
        Category(
            "untranslated",
            "Untranslated",
            "foreign",
            "A word, script or sign of another language, or characters that were damaged.",
            "Accuracy/Untranslated",
            is_rare=True,
            machine_sign="untranslated words",
        ),
        Category(
            "scrape-residue",
            "Page residue",
            "page",
            "Text or code of the web page that is no part of the article.",
            "Locale/Markup",
        ),
        Category(
            "typo",
            "Misspelling",
            "typo",
            "A word that is misspelled, or that a letter more or less turned into another.",
            "Fluency/Spelling",
            is_rare=True,
            is_human_slip=True,
        ),
        Category(
            "quote-drift",
            "Quote drift",
            "wording",
            "One speaker’s direct quotation, worded differently from version to version.",
            "Accuracy/Mistranslation",
            is_contradiction=True,
            machine_sign="direct speech worded differently elsewhere",
        ),
    )
}
"""Every category by its id, in the order of reports. A new category is one row here."""
