"""What LanguageTool objects to, as far as it is worth a finding.

Grammar checkers find few of the faults of machine translation, and on clean news most of what
they say is false: names taken for misspellings, British spelling, taste. `our_category` says which
rules count and as what, by the table `languagetool` of the language; `objections` leaves out what a
name, a speaker or another version explains. docs/grammar.md has what was measured.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from audit.compare.known_names import KnownNames
from audit.detect.base import Info, Settings, finding
from audit.language.spelling import may_be_misspelt, plain_words
from audit.model import (
    CATEGORIES,
    Finding,
    GrammarMatch,
    Language,
    Measure,
    OtherCell,
    Sentence,
    Story,
)

__all__ = ["objections", "our_category"]

SAID: frozenset[str] = frozenset({"ungrammatical"})
"""What a quoted person may have said so: not corrected inside quotation marks."""


def objections(info: Info, story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield LanguageTool's matches of a detector's category as its findings.

    Left out: page furniture, names, what a quoted person said, and wording that a version which is
    no copy has in the same row. Nothing where LanguageTool did not run.
    """
    found = list(_of_category(story, info.category))
    if not found:
        return
    known = KnownNames(settings.names, story.language)
    copies = story.copies_of
    marks = {v: story.annotations[v].quotes for v in {s.version for s, _ in found}}
    for s, match in found:
        said = info.category in SAID and marks[s.version].covers(match.start, match.end)
        if said or _names_someone(s, match, known):
            continue
        independent = [v for v in story.beside(s) if v.version not in copies[s.version]]
        if not any(_has_wording(view, s, match) for view in independent):
            yield _found(info, story, s, match)


def _of_category(story: Story, category: str) -> Iterator[tuple[Sentence, GrammarMatch]]:
    """The matches of a category that lie in a sentence, with it; page furniture has none."""
    for version, matches in (story.grammar or {}).items():
        text, sentences = story.version(version).text, story.sentences[version]
        starts = [s.start for s in sentences]
        for m in matches:
            at = bisect_right(starts, m.start) - 1
            inside = at >= 0 and m.start < m.end <= sentences[at].end
            if inside and our_category(m, text[m.start : m.end], story.language) == category:
                yield sentences[at], m


def _names_someone(s: Sentence, match: GrammarMatch, known: KnownNames) -> bool:
    """Whether the best proposal would do away with a name: a known one, or a word with a capital.

    At the beginning of a sentence a capital says nothing.
    """
    best = match.replacements[0] if match.replacements else ""
    if known.forbids(s.text[match.start - s.start : match.end - s.start], best):
        return True
    kept = set(plain_words(best))
    return any(
        match.start <= t.start
        and t.end <= match.end
        and t.is_word
        and t.text[0].isupper()
        and not kept.issuperset(plain_words(t.text))
        for t in s.tokens[1:]
    )


def _has_wording(view: OtherCell, s: Sentence, match: GrammarMatch) -> bool:
    """Whether another version's cell has these words between the same two neighbours."""
    inside = [i for i, t in enumerate(s.tokens) if t.start < match.end and match.start < t.end]
    if not inside:
        return False
    around = s.tokens[max(0, inside[0] - 1) : inside[-1] + 2]
    wanted = [t.text.casefold() for t in around]
    there = [t.text.casefold() for t in view.tokens]
    return any(there[i : i + len(wanted)] == wanted for i in range(len(there)))


def _found(info: Info, story: Story, s: Sentence, match: GrammarMatch) -> Finding:
    precision = story.language.table("languagetool")["precision"]
    sure = precision[info.category]
    return finding(
        info,
        story,
        s.version,
        (match.start, match.end),
        f"LanguageTool objects ({match.rule}): {' '.join(match.message.split())}",
        measure=Measure("grammar-precision", sure, precision["least"]),
        confidence=sure,
        severity="minor",
        suggestion=match.replacements[0] if match.replacements else None,
    )


def our_category(match: GrammarMatch, quote: str, language: Language) -> str | None:
    """Our category of a match over a quote; None where it is not worth a finding.

    Judged by the rule, else by LanguageTool's category; what is no plain misspelling is left out.
    """
    table = language.table("languagetool")
    if not table:
        return None
    if match.rule in table["spelling"]["rules"]:
        return "typo" if _is_typo(quote, match.replacements[:1], language) else None
    if match.rule in table["ignored"]["rules"]:
        return None
    if any(_same_letters(quote, r) for r in match.replacements):
        return None
    name = table["rules"].get(match.rule) or table["categories"].get(match.category)
    return name if name in CATEGORIES else None


def _same_letters(a: str, b: str) -> bool:
    """Whether two spellings differ in hyphens and spaces alone: one word or two, both in use."""
    return re.sub(r"[\s-]", "", a) == re.sub(r"[\s-]", "", b)


def _is_typo(word: str, proposals: tuple[str, ...], language: Language) -> bool:
    """Whether a rare word in small letters is proposed a common one that looks much like it."""
    if not may_be_misspelt(word, language):
        return False
    rule = language.table("languagetool")["spelling"]
    short = len(word) <= rule["short_letters"]
    common = rule["zipf_of_short_proposal_from" if short else "zipf_of_proposal_from"]
    errors = 2 if len(word) >= rule["two_errors_from_letters"] else 1
    return any(
        p.isalpha()
        and p.islower()
        and language.zipf(p) >= common
        and OSA.distance(word, p) <= errors
        for p in proposals
    )
