"""What LanguageTool objects to in the versions of a story.

Half of its time goes into what to propose for words that it does not know, most of them names. So
it is asked about spelling only in sentences that have a word which may be reported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from audit.errors import StageUnavailable
from audit.language.spelling import may_be_misspelt
from audit.measure.languagetool import GrammarChecker, Query
from audit.model import GrammarMatch, Language, Sentence, Skipped, Story

_LETTERS = re.compile(r"[^\W\d_]+")
_SEEN = re.compile(r"\S")


def with_grammar(story: Story, checker: GrammarChecker | Skipped) -> Story:
    """The story with LanguageTool's objections, or with why there are none."""
    if isinstance(checker, Skipped):
        return replace(story, skipped=(*story.skipped, checker))
    try:
        return replace(story, grammar=_objections(story, checker))
    except StageUnavailable as e:
        return replace(story, skipped=(*story.skipped, Skipped("grammar", str(e))))


def _objections(story: Story, checker: GrammarChecker) -> dict[str, tuple[GrammarMatch, ...]]:
    """Those to each version, in text order."""
    language = story.language
    table = language.table("languagetool")
    if "code" not in table:
        raise StageUnavailable(f"no rules of LanguageTool were chosen for {language.name}")
    spelling = tuple(table["spelling"]["rules"])
    grammar = [Query(v.text, left_out=spelling) for v in story.versions]
    words = [
        Query(_unusual(v.text, story.sentences[v.id], language), only=spelling)
        for v in story.versions
    ]
    found = checker.check_all([*grammar, *words], table["code"])
    pairs = zip(found[: len(grammar)], found[len(grammar) :], strict=True)
    return {
        v.id: tuple(sorted((*a, *b), key=lambda m: (m.start, m.end)))
        for v, (a, b) in zip(story.versions, pairs, strict=True)
    }


def _unusual(text: str, sentences: Sequence[Sentence], language: Language) -> str:
    """The sentences of a text with a word that may be misspelt; blanks stand for the rest, so that
    places stay the same."""
    shown, at = [], 0
    for s in sentences:
        if any(may_be_misspelt(word, language) for word in _LETTERS.findall(s.text)):
            shown += [_SEEN.sub(" ", text[at : s.start]), s.text]
            at = s.end
    return "".join(shown)
