"""What LanguageTool objects to in the versions of a story."""

from __future__ import annotations

from dataclasses import replace

from audit.errors import StageUnavailable
from audit.measure.languagetool import GrammarChecker
from audit.model import Skipped, Story


def with_grammar(story: Story, checker: GrammarChecker | Skipped) -> Story:
    """The story with LanguageTool's objections, or with why there are none."""
    if isinstance(checker, Skipped):
        return replace(story, skipped=(*story.skipped, checker))
    language = story.language
    try:
        if "code" not in language.table("languagetool"):
            raise StageUnavailable(f"no rules of LanguageTool were chosen for {language.name}")
        code = language.table("languagetool")["code"]
        found = checker.check_all([v.text for v in story.versions], code)
    except StageUnavailable as e:
        return replace(story, skipped=(*story.skipped, Skipped("grammar", str(e))))
    by_version = zip((v.id for v in story.versions), found, strict=True)
    return replace(story, grammar=dict(by_version))
