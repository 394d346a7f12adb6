"""From findings to the result: scores, risks, likelihood, consensus and family tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from audit.compare.pivot import likely_pivot
from audit.conclude import score
from audit.conclude.consensus import consensus_of
from audit.conclude.family import family_tree
from audit.conclude.likelihood import likelihood
from audit.config import Settings
from audit.judge.risk import expected_penalties
from audit.model import AuditResult, Finding, Place, Story, Version, VersionResult


def result_of(
    story: Story, findings: tuple[Finding, ...], settings: Settings, signature: str
) -> AuditResult:
    """The result of an audited story, from its merged findings."""
    expected = expected_penalties(story)
    result = AuditResult(
        story=story.id,
        versions=tuple(_of_version(story, v, findings, expected, settings) for v in story.versions),
        findings=findings,
        skipped=story.skipped,
        signature=signature,
        consensus=consensus_of(story),
    )
    family = family_tree(result, seed=settings.seed, resamples=settings.resamples)
    return replace(result, family=family)


def _of_version(
    story: Story,
    version: Version,
    findings: Sequence[Finding],
    expected: Mapping[Place, float],
    settings: Settings,
) -> VersionResult:
    sentences = story.sentences[version.id]
    own = [f for f in findings if f.version == version.id]
    points = score.penalties(sentences, own)
    nats = (story.surprisal or {}).get(version.id)
    readability = story.language.readability(sentences)
    # the likelihood's surprisal lines hold for the default model alone
    usual = nats if settings.causal_model is None else None
    judged = likelihood(sentences, own, usual, readability, story.language)
    return VersionResult(
        version=version,
        score=score.score(sentences, points, seed=settings.seed, resamples=settings.resamples),
        sentences=score.risks(story, version.id, own, expected),
        residue=tuple(r for r in story.residue if r.version == version.id),
        mt_likelihood=judged.value,
        mt_marks=(*judged.marks, *likely_pivot(own, story.language)),
        fluency=score.mean_surprisal(sentences, nats),
        surprisal=score.sentence_surprisal(sentences, nats),
        readability=readability,
    )
