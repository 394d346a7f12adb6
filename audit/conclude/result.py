"""From findings to the result: scores, risks, likelihood, consensus and family tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from audit.compare.pivot import likely_pivot
from audit.conclude import score
from audit.conclude.consensus import consensus_of
from audit.conclude.family import family_tree
from audit.conclude.likelihood import likelihood
from audit.conclude.merge import Merged
from audit.config import Settings
from audit.judge.risk import expected_penalties
from audit.model import AuditResult, Place, Profile, Severity, Story, Version, VersionResult

HIDDEN: Mapping[Profile, frozenset[Severity]] = {
    "errors": frozenset({"minor"}),
    "editor": frozenset(),
    "everything": frozenset(),
}
"""The severities that a profile leaves out of findings and suspicions. Scores, likelihood and
family tree rest on all findings: the profile that a reader chooses makes no version better."""


def result_of(story: Story, merged: Merged, settings: Settings, signature: str) -> AuditResult:
    """The result of an audited story, from its merged findings and suspicions."""
    expected = expected_penalties(story)
    result = AuditResult(
        story=story.id,
        versions=tuple(_of_version(story, v, merged, expected, settings) for v in story.versions),
        findings=merged.findings,
        skipped=story.skipped,
        signature=signature,
        consensus=consensus_of(story),
        suspicions=merged.suspicions,
        profile=settings.profile,
        suppressed=merged.suppressed,
        second_reading=story.second_reading,
    )
    hidden = HIDDEN[settings.profile]
    return replace(
        result,
        findings=tuple(f for f in result.findings if f.severity not in hidden),
        suspicions=tuple(f for f in result.suspicions if f.severity not in hidden),
        suppressed=tuple(s for s in result.suppressed if s.finding.severity not in hidden),
        family=family_tree(result, seed=settings.seed, resamples=settings.resamples),
    )


def _of_version(
    story: Story,
    version: Version,
    merged: Merged,
    expected: Mapping[Place, float],
    settings: Settings,
) -> VersionResult:
    sentences = story.sentences[version.id]
    own = [f for f in merged.findings if f.version == version.id]
    suspected = [f for f in merged.suspicions if f.version == version.id and not f.by_second_reader]
    points = score.penalties(sentences, own)
    nats = (story.surprisal or {}).get(version.id)
    readability = story.language.readability(sentences)
    # the likelihood's surprisal lines hold for the default model alone
    usual = nats if settings.causal_model is None else None
    judged = likelihood(sentences, own, usual, readability, story.language)
    return VersionResult(
        version=version,
        score=score.score(sentences, points, seed=settings.seed, resamples=settings.resamples),
        sentences=score.risks(story, version.id, [*own, *suspected], expected),
        residue=tuple(r for r in story.residue if r.version == version.id),
        mt_likelihood=judged.value,
        mt_marks=(*judged.marks, *likely_pivot(own, story.language)),
        fluency=score.mean_surprisal(sentences, nats),
        surprisal=score.sentence_surprisal(sentences, nats),
        readability=readability,
        compared=compared(story, version.id),
    )


def compared(story: Story, version: str) -> float:
    """Share of a version's words, 0 to 1, in sentences that share a row with another version."""
    sentences = story.sentences[version]
    words = [score.word_count(s) for s in sentences]
    beside = sum(
        n
        for s, n in zip(sentences, words, strict=True)
        if len(story.row_of[version, s.index].cells) > 1
    )
    return round(beside / max(1, sum(words)), 4)
