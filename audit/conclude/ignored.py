"""What comments in a text say is no fault of it (`audit.ingest.ignores`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from audit.detect import DETECTORS
from audit.detect.base import Detector, Need
from audit.model import Finding, Skipped, Story, Suppression

__all__ = ["ignored", "notes"]


def ignored(finding: Finding, story: Story) -> Suppression | None:
    """What comment keeps a finding out, if one does. The finding is one of the given text."""
    for ignore in story.version(finding.version).ignores:
        if finding.rule in ignore.rules and ignore.covers(finding.start):
            return Suppression("", ignore.why, None, ignore.place)
    return None


def notes(
    found: Iterable[Finding], story: Story, detectors: Sequence[Detector]
) -> Iterator[Skipped]:
    """Which comments are not understood, name rules that do not exist, or are stale: nothing of
    that rule was found under them. `found` are findings of the given texts, by `detectors`.

    What a rule cannot find without a language model or LanguageTool is not called stale. A text
    without other versions is the usual case; there the note says so.
    """
    known = {d.INFO.id for d in DETECTORS}
    ran = {d.INFO.id for d in detectors if _missing(story).isdisjoint(d.INFO.needs)}
    alone = " (the text was checked alone)" if len(story.versions) == 1 else ""
    places = [(f.version, f.rule, f.start) for f in found]
    for version in story.versions:
        for ignore in version.ignores:
            if not ignore.rules:
                why = f"not understood: “{ignore.why}”; write ignore RULE, or ignore-file RULE"
                yield Skipped("ignore", f"{ignore.place}: {why}")
            for rule in ignore.rules:
                if rule not in known:
                    why = f"unknown rule {rule}; `mtaudit rules` lists them"
                    yield Skipped("ignore", f"{ignore.place}: {why}")
                elif rule in ran and not any(
                    (v, r) == (version.id, rule) and ignore.covers(start) for v, r, start in places
                ):
                    yield Skipped("ignore", f"{ignore.place}: stale: no {rule} found there{alone}")


def _missing(story: Story) -> frozenset[Need]:
    """What detectors may draw on and no stage gave."""
    given: dict[Need, object] = {"surprisal": story.surprisal, "grammar": story.grammar}
    return frozenset(need for need, is_given in given.items() if is_given is None)
