"""The flow: check → segment → align → link words → measure → doubt → detect → merge → score."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from audit.align.embed import Embedder, SentenceVectors
from audit.align.rows import align
from audit.align.witnesses import with_hearing
from audit.align.words import link_rows
from audit.compare.pivot import likely_pivot
from audit.conclude import score
from audit.conclude.consensus import Witnesses
from audit.conclude.likelihood import likelihood
from audit.conclude.merge import merge
from audit.config import Settings
from audit.detect import DETECTORS
from audit.detect.base import Detector
from audit.errors import AuditError, InputError, ModelError, NotScored, StageUnavailable
from audit.ingest.read import check_scorable
from audit.judge import calibration
from audit.judge.doubts import with_doubts
from audit.judge.edits import with_edits
from audit.judge.risk import expected_penalties
from audit.measure.languagetool import GrammarChecker, checker_for
from audit.measure.readability import profile
from audit.measure.retelling import with_retellings
from audit.measure.surprisal import ReadWords, SurprisalModel
from audit.model import (
    AuditResult,
    Consensus,
    Finding,
    Place,
    Row,
    Skipped,
    Story,
    Version,
    VersionResult,
)
from audit.segment.sentences import segment
from audit.version import __version__

NO_MODEL = "none"
"""Value of the setting `causal_model` that switches the language model off."""


@dataclass(frozen=True)
class _Draft:
    """A story on its way, with what did not take part so far."""

    story: Story
    skipped: tuple[Skipped, ...]


class Engine:
    """Audits stories; loads each model once, on first use, and keeps it for the next story.

    `encoder_loaded` is called once, when the sentence encoder has been loaded and is about to work:
    the time for a thread to load what is needed later, as the encoder's work leaves Python idle.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        encoder_loaded: Callable[[], None] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.embedder = Embedder(
            self.settings.embedding_model,
            offline=self.settings.offline,
            threads=self.settings.threads,
            loaded=encoder_loaded,
        )

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        checker = self.__dict__.get("grammar_checker")  # not made only to be closed
        if isinstance(checker, GrammarChecker):
            checker.close()

    def audit(self, story_id: str, versions: Sequence[Version]) -> AuditResult:
        """Audit one story. Raises InputError if none of its versions can be scored."""
        (outcome,) = self.audit_many([(story_id, versions)])
        if isinstance(outcome, AuditError):
            raise outcome
        return outcome

    def audit_many(
        self, batch: Sequence[tuple[str, Sequence[Version]]]
    ) -> list[AuditResult | AuditError]:
        """Audit several stories with shared model calls; an error stands in its story's place."""
        outcomes: list[_Draft | AuditError] = []
        for story_id, versions in batch:
            try:
                outcomes.append(self._prepare(story_id, versions))
            except AuditError as e:
                outcomes.append(e)
        drafts = [d for d in outcomes if isinstance(d, _Draft)]
        aligned = self._align([d.story for d in drafts])
        measured = iter(self.doubt(self._measure(list(aligned))))
        return [
            self._judge(self._grammar(replace(d, story=next(measured))))
            if isinstance(d, _Draft)
            else d
            for d in outcomes
        ]

    def align(self, story_id: str, versions: Sequence[Version]) -> Story:
        """Lay one story's versions side by side, without judging them."""
        (story,) = self._align([self._prepare(story_id, versions).story])
        return story

    def measure(self, batch: Sequence[tuple[str, Sequence[Version]]]) -> list[Story]:
        """Align and measure several stories, without judging them."""
        drafts = [self._prepare(story_id, versions) for story_id, versions in batch]
        return self._measure(list(self._align([d.story for d in drafts])))

    def _prepare(self, story_id: str, versions: Sequence[Version]) -> _Draft:
        """Check the versions and cut them into sentences and residue."""
        ids = [v.id for v in versions]
        if len(ids) != len(set(ids)):
            raise InputError(story_id, "two versions have the same id; give each its own")
        skipped: list[Skipped] = []
        fit: list[Version] = []
        for v in sorted(versions, key=lambda v: v.id):
            try:
                check_scorable(v, self.settings)
                fit.append(v)
            except NotScored as e:
                skipped.append(Skipped("input", str(e)))
        if not fit:
            why = "; ".join(s.why for s in skipped) or "the story has no versions"
            raise NotScored(story_id, why)
        if len(fit) == 1:
            skipped.append(Skipped("comparison", "one version only: no witness to compare it with"))
        cut = {v.id: segment(v) for v in fit}
        story = Story(
            id=story_id,
            versions=tuple(fit),
            sentences={v: sentences for v, (sentences, _) in cut.items()},
            residue=tuple(r for _, residue in cut.values() for r in residue),
        )
        return _Draft(story, tuple(skipped))

    def _align(self, stories: Sequence[Story]) -> Iterator[Story]:
        """Lay the sentences of each story in rows and link the words inside them."""
        compared = [s for s in stories if len(s.versions) > 1]
        sentences = [x for s in compared for v in s.versions for x in s.sentences[v.id]]
        vectors = iter(self.embedder.encode(sentences) if sentences else ())
        for story in stories:
            mine = [x for v in story.versions for x in story.sentences[v.id]]
            if len(story.versions) == 1:
                rows = tuple(Row(f"R{x.index + 1:03}", {x.version: (x.index,)}) for x in mine)
                yield replace(story, rows=rows, matches={})
                continue
            own = list(islice(vectors, len(mine)))
            by_place: Mapping[tuple[str, int], SentenceVectors] = {
                (x.version, x.index): v for x, v in zip(mine, own, strict=True)
            }
            rows = align(mine, own)
            yield replace(story, rows=rows, matches=link_rows(rows, story.sentences, by_place))

    def _measure(self, stories: Sequence[Story]) -> list[Story]:
        """Ask the language model how surprising each word is, after the sentence before it."""
        model = self.surprisal_model
        if isinstance(model, Skipped):
            return list(stories)
        versions = [s.sentences[v.id] for s in stories for v in s.versions]
        sentences = [x for own in versions for x in own]
        contexts = [b.text if b else "" for own in versions for b in (None, *own[:-1]) if own]
        told = iter(model.words_and_alternatives(sentences, contexts) if sentences else ())
        return [_with_surprisal(s, told) for s in stories]

    def doubt(self, stories: Sequence[Story]) -> list[Story]:
        """Ask the trained models what they doubt, and what the witnesses' readings would gain.

        Before that, the witnesses of each cell are found and read with it by the language model.
        """
        model = self.surprisal_model
        heard = [with_hearing(s) for s in stories]
        if isinstance(model, Skipped):
            return [with_doubts(s) for s in heard]
        doubted = [with_doubts(s) for s in with_retellings(heard, model)]
        asked = any("surprisal" in d.INFO.needs for d in self.detectors)
        return with_edits(doubted, model) if asked else doubted

    @cached_property
    def surprisal_model(self) -> SurprisalModel | Skipped:
        """The causal language model, or why there is none."""
        if self.settings.causal_model == NO_MODEL:
            return Skipped("surprisal", "switched off by the setting causal_model")
        try:
            return SurprisalModel(self.settings.causal_model, self.settings.threads)
        except ModelError as e:
            return Skipped("surprisal", str(e))

    def _grammar(self, draft: _Draft) -> _Draft:
        """Ask LanguageTool what it objects to; a story over which it fails goes on without."""
        checker, story = self.grammar_checker, draft.story
        if isinstance(checker, Skipped):
            return replace(draft, skipped=(*draft.skipped, checker))
        try:
            found = {v.id: checker.check(v.text) for v in story.versions}
        except StageUnavailable as e:
            return replace(draft, skipped=(*draft.skipped, Skipped("grammar", str(e))))
        return replace(draft, story=replace(story, grammar=found))

    @cached_property
    def grammar_checker(self) -> GrammarChecker | Skipped:
        """The one checker of a run, which starts its server on first use; or why there is none."""
        try:
            return checker_for(self.settings)
        except StageUnavailable as e:
            return Skipped("grammar", str(e))

    def _judge(self, draft: _Draft) -> AuditResult:
        """Detect, merge and score."""
        story, settings = draft.story, self.settings
        skipped = list(draft.skipped)
        if isinstance(self.surprisal_model, Skipped):
            skipped.append(self.surprisal_model)
        findings = merge(f for d in self.detectors for f in d.detect(story, settings))
        findings = tuple(f for f in findings if f.confidence >= settings.min_confidence)
        expected = expected_penalties(story)
        return AuditResult(
            story=story.id,
            versions=tuple(self._result(story, v, findings, expected) for v in story.versions),
            findings=findings,
            skipped=tuple(skipped),
            signature=self.signature(
                compared=len(story.versions) > 1, checked=story.grammar is not None
            ),
            consensus=self._consensus(story),
        )

    def _consensus(self, story: Story) -> tuple[Consensus, ...]:
        """What the versions of each row agree on; rows of one version have nothing to tell."""
        if len(story.versions) == 1:
            return ()
        told = Witnesses(story).consensus()
        return tuple(told[row.id] for row in story.rows if len(row.cells) > 1)

    def _result(
        self,
        story: Story,
        version: Version,
        findings: Sequence[Finding],
        expected: Mapping[Place, float],
    ) -> VersionResult:
        sentences = story.sentences[version.id]
        own = [f for f in findings if f.version == version.id]
        points = score.penalties(sentences, own)
        nats = (story.surprisal or {}).get(version.id)
        readability = profile(sentences)
        # the likelihood's surprisal lines hold for the default model alone
        told = likelihood(
            sentences, own, nats if self.settings.causal_model is None else None, readability
        )
        return VersionResult(
            version=version,
            score=score.score(
                sentences, points, seed=self.settings.seed, resamples=self.settings.resamples
            ),
            sentences=score.risks(story, version.id, own, expected),
            residue=tuple(r for r in story.residue if r.version == version.id),
            mt_likelihood=told.value,
            mt_marks=(*told.marks, *likely_pivot(own)),
            fluency=score.mean_surprisal(sentences, nats),
            surprisal=score.sentence_surprisal(sentences, nats),
            readability=readability,
        )

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """The detectors that the settings ask for, in their order."""
        only, ignore = self.settings.only, self.settings.ignore
        return tuple(
            d for d in DETECTORS if (not only or d.INFO.id in only) and d.INFO.id not in ignore
        )

    def signature(self, *, compared: bool, checked: bool) -> str:
        """The recipe of a score: version, detectors, models with their hashes, settings, seed.

        `compared` with other versions, `checked` by LanguageTool: what took part is named.
        """
        ids = ",".join(d.INFO.id for d in self.detectors)
        detectors = hashlib.sha256(ids.encode()).hexdigest()[:6]
        parts = [f"mtaudit:{__version__}", f"detectors:{len(self.detectors)}@{detectors}"]
        if compared:
            parts.append(f"embedding:{self.embedder.name}@{self.embedder.digest}")
        if isinstance(self.surprisal_model, SurprisalModel):
            parts.append(f"causal:{self.surprisal_model.name}@{self.surprisal_model.digest}")
        if checked and isinstance(self.grammar_checker, GrammarChecker):
            parts.append(f"grammar:LanguageTool@{self.grammar_checker.version}")
        parts.append(f"calibration:{calibration.digest()}")
        parts += [f"settings:{self.settings.digest()}", f"seed:{self.settings.seed}"]
        return "|".join(parts)


def _with_surprisal(story: Story, told: Iterator[ReadWords]) -> Story:
    """The story with what the language model told of its sentences, taken in their order."""
    own = {v: [next(told) for _ in sentences] for v, sentences in story.sentences.items()}
    return replace(
        story,
        surprisal={v: tuple(nats for nats, _ in found) for v, found in own.items()},
        alternatives={(v, i): a for v, found in own.items() for i, (_, a) in enumerate(found)},
    )


def audit_story(
    versions: Sequence[Version], *, story_id: str = "story", settings: Settings | None = None
) -> AuditResult:
    """Audit several versions of one story. Raises InputError if none can be scored."""
    with Engine(settings) as engine:
        return engine.audit(story_id, versions)


def audit_text(text: str, *, settings: Settings | None = None) -> AuditResult:
    """Audit one text alone. Raises InputError if it cannot be scored."""
    return audit_story([Version("text", text)], story_id="text", settings=settings)
