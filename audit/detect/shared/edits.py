"""What witnesses offer and the language model proposes, sorted by the kind of fault it would mend.

The language model says how much the sentence gains, the word model how much the place is doubted;
together they make the confidence of an edit (`audit.judge.contrast`). The words say what it is: a
word that is missing, one too many, an inflection, a function word or the order of words is grammar;
a content word for one of another stem is a term; the rest is phrasing. What the language model
proposes is grammar, or a slip of one letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from typing import Literal

from audit.compare.known_names import KnownNames
from audit.compare.prior import is_garbled
from audit.detect.base import Info, Settings, counted, finding, quoted
from audit.language.spelling import plain
from audit.model import EDIT, Doubt, Edit, Finding, Language, Measure, Severity, Story

__all__ = ["is_serious", "likely", "offers"]

Kind = Literal["wrong-term", "ungrammatical", "unidiomatic", "typo"]

OFFERED = 0.5
"""Least confidence of an edit that a witness offers. On `newsroom` 56 of 64 such edits on garbled
pages mend a marked place, and one stands on a sound page."""

PROPOSED = 0.6
"""The same for what the language model alone proposes: there 27 of 34, and one on a sound page. In
`clusters` 12 of either kind reach it in 60,087 words, in `native` none in 11,600."""

SURE = 0.7
"""Least confidence where a content word would go: what a version alone has is mostly what it adds,
and every word less is a gain."""

SLIP = 12.0
"""Least gain in nats of a word a letter apart, as both are words and the doubt says little. In two
human translations (`humanpair`) two slips gain over 13, and what is right under 9; in `native` one
word that is right would gain 10.5."""

SERIOUS = 0.6
"""Share of a place's doubt that must be for a serious fault to call a wrong term major; grammar and
phrasing are minor."""

GRAVE = 8.0
"""Least gain in nats of a content word, exchanged in a garbled version, to call it major: as it
stands, the sentence says something else or nothing."""

AGREEING = 2
"""Fewest witnesses for that, none of which has the word: two translators word one story so freely
that with one of them `humanpair` has 1.83 instead of 1.36 serious findings in 1,000 words."""

STEM = 4
"""Letters that another inflection of a word shares with it."""


def offers(info: Info, story: Story, settings: Settings) -> Iterator[Finding]:
    """The findings of one kind, which is the detector's id: at each place the best edit."""
    language = story.language
    known = KnownNames(settings.names, language)
    for edit in likely(story.edits, language):
        if _kind(edit, language) != info.id or known.forbids(edit.quote, edit.text):
            continue
        if _puts_article_before_title(story, edit) or _attributes_again(story, edit):
            continue
        misleads = _misleads(story, edit)
        if misleads or info.id != "wrong-term" or not _in_headlines(story, edit):
            yield _found(info, story, edit, misleads=misleads)


@lru_cache(maxsize=4)
def likely(edits: tuple[Edit, ...], language: Language) -> tuple[Edit, ...]:
    """The edit of each place that gains most, of those that are sure enough and that the language
    model prefers: the rest is in doubt, but not mended. What a version shows goes before what none
    does.

    With or without a negation a sentence says another thing: that is left to `meaning-shift`.
    """
    sure = [
        e
        for e in edits
        if e.gain > _gain(e)
        and e.confidence >= _bar(e, language)
        and not _negates(e, language.words("negations"))
    ]
    best: list[Edit] = []
    for edit in sorted(sure, key=_rank):
        if not any(_overlap(edit, other) for other in best):
            best.append(edit)
    return tuple(best)


def _rank(edit: Edit) -> tuple[bool, float, float, str, int]:
    """By what the edits of a place are ordered, the best one first."""
    return not edit.witness, -edit.gain, -edit.confidence, edit.version, edit.start


def is_serious(doubt: Doubt) -> bool:
    """Whether a doubt is mostly that of a serious fault."""
    return doubt.serious >= SERIOUS * doubt.any


def _bar(edit: Edit, language: Language) -> float:
    if not edit.new and not all(map(language.is_function_word, edit.lost)):
        return SURE
    return PROPOSED if edit.proposal else OFFERED


def _gain(edit: Edit) -> float:
    return SLIP if edit.proposal == "spelling" else 0.0


def _negates(edit: Edit, negations: frozenset[str]) -> bool:
    lost, new = (negations.intersection(map(plain, words)) for words in (edit.lost, edit.new))
    return lost != new


def _overlap(a: Edit, b: Edit) -> bool:
    return a.version == b.version and a.start < b.end and b.start < a.end


def _puts_article_before_title(story: Story, edit: Edit) -> bool:
    """Whether an article would go before the title of a name, which needs none."""
    language = story.language
    if edit.lost or not {plain(w) for w in edit.new} <= language.words("articles"):
        return False
    words = story.annotations[edit.version].words[edit.sentence]
    after = [w for w in words if w.end > edit.start][1:]
    titles = list(takewhile(lambda w: w.folded in language.words("titles"), after))
    at = len(titles)
    return 0 < at < len(after) and all(w.text[:1].isupper() for w in after[: at + 1])


def _attributes_again(story: Story, edit: Edit) -> bool:
    """Whether a speech word would come into a sentence that says already whose words it has."""
    speech = story.language.words("speech")
    if edit.lost or speech.isdisjoint(map(plain, edit.new)):
        return False
    words = story.annotations[edit.version].words[edit.sentence]
    return any(w.folded in speech for w in words)


def _misleads(story: Story, edit: Edit) -> bool:
    """Whether a garbled version has another content word than its witnesses, a far worse one."""
    exchanged = edit.witness and edit.lost and edit.new and not _same_words(edit)
    if not exchanged or edit.gain < GRAVE or not is_garbled(story, edit.version):
        return False
    row = story.row_of[edit.version, edit.sentence]
    witnesses = story.witnesses[row.id, edit.version].versions
    content = {plain(w) for w in edit.lost if not story.language.is_function_word(w)}
    theirs = {plain(t.text) for w in witnesses for s in story.cell(row, w) for t in s.tokens}
    return len(witnesses) >= AGREEING and bool(content - theirs)


def _in_headlines(story: Story, edit: Edit) -> bool:
    """Whether the place or its witness stands in a headline: there all word it differently."""
    row = story.row_of[edit.version, edit.sentence]
    versions = [edit.version, *([edit.witness.version] if edit.witness else ())]
    cells = (story.cell(row, v) for v in versions)
    return any(s.kind == "headline" for cell in cells for s in cell)


def _kind(edit: Edit, language: Language) -> Kind:
    if edit.proposal:
        return "typo" if edit.proposal == "spelling" else "ungrammatical"
    grammar = not edit.lost or not edit.new or _same_words(edit)
    if grammar or all(map(language.is_function_word, (*edit.lost, *edit.new))):
        return "ungrammatical"
    if len(edit.lost) == len(edit.new) == 1:
        same_stem = plain(edit.lost[0])[:STEM] == plain(edit.new[0])[:STEM]
        return "ungrammatical" if same_stem else "wrong-term"
    return "unidiomatic"


def _same_words(edit: Edit) -> bool:
    """Whether only the order of the words changes."""
    return sorted(map(plain, edit.lost)) == sorted(map(plain, edit.new))


def _found(info: Info, story: Story, edit: Edit, *, misleads: bool) -> Finding:
    serious = info.id == "wrong-term" and is_serious(edit.doubt)
    severity: Severity = "major" if serious or misleads else "minor"
    return finding(
        info,
        story,
        edit.version,
        (edit.start, edit.end),
        _message(edit),
        measure=(
            Measure(EDIT, edit.confidence, _bar(edit, story.language)),
            Measure("gain in nats", edit.gain, GRAVE if misleads else _gain(edit)),
        ),
        confidence=round(edit.confidence, 2),
        severity=severity,
        suggestion=edit.text,
        witnesses=(edit.witness,) if edit.witness else (),
    )


def _message(edit: Edit) -> str:
    here, lost, new = quoted(edit.quote), quoted(" ".join(edit.lost)), quoted(" ".join(edit.new))
    others = f"{counted(edit.support, 'other version')} of the sentence"
    if edit.proposal:
        if not edit.support:
            return f"{here} reads wrongly here; the language model alone proposes {new}."
        verb = "have" if edit.support > 1 else "has"
        return f"{here} reads wrongly here; the language model proposes {new}; {others} {verb} it."
    if not edit.lost:
        return f"{new} is missing in {here}; it stands in {others}."
    if not edit.new:
        return f"{lost} is too much here; it is not in {others}."
    if _same_words(edit):
        return f"The words {here} are in the wrong order; {quoted(edit.text)} stands in {others}."
    return f"{here} reads wrongly here; {quoted(edit.text)} stands in {others}."
