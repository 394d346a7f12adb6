"""The flow of an audit: `STAGES` in their order, then detect, merge, score and conclude."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from audit import baseline
from audit.align.embed import Embedder
from audit.align.story import with_rows
from audit.align.strangers import without_strangers
from audit.align.witnesses import with_witnesses
from audit.annotate import annotate
from audit.conclude.confidence import corrected
from audit.conclude.given import as_given
from audit.conclude.merge import SUSPICION, merge
from audit.conclude.result import result_of
from audit.conclude.suppress import Known, suppress
from audit.config import Settings
from audit.detect import DETECTORS
from audit.detect.base import Detector
from audit.errors import AuditError, InputError, ModelError, NotScored, StageUnavailable
from audit.ingest.scorable import check_scorable
from audit.judge.doubts import doubtful, with_doubts
from audit.judge.misread import with_misread
from audit.measure.grammar import with_grammar
from audit.measure.languagetool import GrammarChecker, checker_for
from audit.model import (
    AuditResult,
    Finding,
    Kept,
    Language,
    Skipped,
    Story,
    Suppression,
    Version,
)
from audit.second_reader import STAGE as SECOND_READER
from audit.segment.story import with_repairs, with_sentences
from audit.stage import Stage, check_order
from audit.version import __version__

if TYPE_CHECKING:
    from audit.measure.languagetool_lent import Lender
    from audit.measure.surprisal import SurprisalModel
    from audit.second_reader.reader import SecondReader

NO_MODEL = "none"
"""Value of the setting `causal_model` that switches the language model off."""

Batch = Sequence[tuple[str, Sequence[Version]]]
"""Stories to audit together: id and versions."""


class Engine:
    """Audits stories; loads each model once, on first use, and keeps it for the next story.

    `encoder_loaded` is called once, when the sentence encoder has been loaded and is about to work:
    the time for a thread to load what is needed later, as the encoder's work leaves Python idle.
    `kept` keeps what the models say of texts; without it the language model's surprisals alone are
    kept, in the cache folder. `names_in` says which names in texts are known to be right, besides
    those of the settings. `dismissed` says, by version and fault, what people dismissed of
    versions. `grammar_server` lends a LanguageTool server where the settings name none; without it
    the engine starts its own.
    Raises StageOrderError if the stages stand in an impossible order, ConfigurationError if the
    baseline cannot be read.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        encoder_loaded: Callable[[], None] | None = None,
        stages: Sequence[Stage[Engine]] | None = None,
        kept: Kept | None = None,
        names_in: Callable[[Sequence[str]], tuple[str, ...]] | None = None,
        dismissed: Callable[[Sequence[str]], Mapping[tuple[str, str], Suppression]] | None = None,
        grammar_server: Lender | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.stages = STAGES if stages is None else tuple(stages)
        check_order(self.stages)
        if self.settings.baseline is not None:
            baseline.read(Path(self.settings.baseline))
        self.embedder = Embedder(
            self.settings.embedding_model,
            offline=self.settings.offline,
            threads=self.settings.threads,
            loaded=encoder_loaded,
            kept=kept,
            eight_bit=self.settings.eight_bit,
        )
        self._kept = kept
        self._names_in = names_in
        self._dismissed = dismissed
        self._grammar_server = grammar_server

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

    def audit_many(self, batch: Batch) -> list[AuditResult | AuditError]:
        """Audit several stories with shared model calls; an error stands in its story's place."""
        outcomes: list[Story | AuditError] = []
        for story_id, versions in batch:
            try:
                outcomes.append(self._check(story_id, versions))
            except AuditError as e:
                outcomes.append(e)
        staged = iter(self._staged([s for s in outcomes if isinstance(s, Story)]))
        return [self._conclude(next(staged)) if isinstance(o, Story) else o for o in outcomes]

    def stories(self, batch: Batch, until: str) -> list[Story]:
        """Several stories after the stage of that name, without judging them."""
        return self._staged([self._check(*story) for story in batch], until)

    def align(self, story_id: str, versions: Sequence[Version]) -> Story:
        """Lay one story's versions side by side, without judging them."""
        (story,) = self.stories([(story_id, versions)], "witnesses")
        return story

    def _check(self, story_id: str, versions: Sequence[Version]) -> Story:
        """The versions that can be scored, in the language that most of them are written in."""
        ids = [v.id for v in versions]
        if len(ids) != len(set(ids)):
            raise InputError(story_id, "two versions have the same id; give each its own")
        unfit: list[NotScored] = []
        fit: dict[Version, Language] = {}
        for v in sorted(versions, key=lambda v: v.id):
            try:
                fit[v] = check_scorable(v, self.settings)
            except NotScored as e:
                unfit.append(e)
        if not fit:
            if len(unfit) == 1:
                raise unfit[0]
            raise NotScored(story_id, "; ".join(map(str, unfit)) or "the story has no versions")
        ((language, _),) = Counter(fit.values()).most_common(1)
        for v in [v for v, own in fit.items() if own is not language]:
            why = f"in {fit.pop(v).name}, most versions are in {language.name}"
            unfit.append(NotScored(v.id, why))
        skipped = [Skipped("input", str(e)) for e in unfit]
        if len(fit) == 1:
            skipped.append(Skipped("comparison", "one version only: no witness to compare it with"))
        return Story(story_id, tuple(fit), language, tuple(skipped))

    def _staged(self, stories: list[Story], until: str | None = None) -> list[Story]:
        """The stories after all stages, or after the one named."""
        for stage in self.stages:
            if stories:
                stories = stage.run(self, stories)
            if stage.name == until:
                break
        return stories

    @cached_property
    def surprisal_model(self) -> SurprisalModel | Skipped:
        """The causal language model, or why there is none."""
        if self.settings.causal_model == NO_MODEL:
            return Skipped("surprisal", "switched off by the setting causal_model")
        from audit.measure.surprisal import SurprisalModel

        try:
            settings = self.settings
            return SurprisalModel(
                settings.causal_model, settings.threads, self._kept, eight_bit=settings.eight_bit
            )
        except ModelError as e:
            return Skipped("surprisal", str(e))

    @cached_property
    def grammar_checker(self) -> GrammarChecker | Skipped:
        """The one checker of a run, which gets its server on first use; or why there is none."""
        try:
            return checker_for(self.settings, self._grammar_server)
        except StageUnavailable as e:
            return Skipped("grammar", str(e))

    @cached_property
    def second_reader(self) -> SecondReader | Skipped | None:
        """The second reader; None if none is set; or why it cannot be asked."""
        if self.settings.judge_url is None:
            return None
        from audit.second_reader.make import second_reader_for

        try:
            return second_reader_for(self.settings, self._kept)
        except StageUnavailable as e:
            return Skipped(SECOND_READER, str(e))

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """The detectors that the settings ask for, in their order."""
        only, ignore = self.settings.only, self.settings.ignore
        return tuple(
            d for d in DETECTORS if (not only or d.INFO.id in only) and d.INFO.id not in ignore
        )

    def _conclude(self, story: Story) -> AuditResult:
        """Detect, merge and score."""
        settings = self.settings_for(story.versions)
        detected = (f for d in self.detectors for f in d.detect(story, settings))
        found: Iterable[Finding] = (corrected(f, story.language) for f in detected)
        bar = max(SUSPICION, settings.min_confidence)
        reader = self.second_reader
        if reader is None or isinstance(reader, Skipped):
            merged = merge(found, bar)
        else:
            found = reader.heard(found, story, [d.INFO.id for d in self.detectors])
            story, merged = reader.verified(story, merge(found, bar), bar)
        known = self.known(story.id, story.versions)
        notes = known.notes(story, merged, self.detectors)
        merged = suppress(merged, story, known)
        story = replace(story, skipped=(*story.skipped, *notes))
        result = result_of(story, merged, settings, self.signature(story, known))
        return as_given(result, story.repaired)

    def known(self, story: str, versions: Sequence[Version]) -> Known:
        """What is known to be no fault in a story's versions. The baseline is read anew each
        time, so that a long run sees what is added to it. Raises ConfigurationError if it cannot be
        read."""
        file = self.settings.baseline
        dismissed = self._dismissed([v.id for v in versions]) if self._dismissed else {}
        return Known.of(story, versions, Path(file) if file else None, dismissed)

    def settings_for(self, versions: Sequence[Version]) -> Settings:
        """The settings, with the names in these versions that are known to be right."""
        known = self._names_in([v.text for v in versions]) if self._names_in else ()
        names = tuple(dict.fromkeys((*self.settings.names, *known)))
        return self.settings.model_copy(update={"names": names}) if known else self.settings

    def signature(self, story: Story, known: Known) -> str:
        """The recipe of a score: version, detectors, models with their hashes, settings, seed, and
        what is known to be no fault, if anything is."""
        ids = ",".join(d.INFO.id for d in self.detectors)
        detectors = hashlib.sha256(ids.encode()).hexdigest()[:6]
        parts = [f"mtaudit:{__version__}", f"detectors:{len(self.detectors)}@{detectors}"]
        if len(story.versions) > 1:
            parts.append(f"embedding:{self.embedder.name}@{self.embedder.digest}")
        if not isinstance(self.surprisal_model, Skipped):
            parts.append(f"causal:{self.surprisal_model.name}@{self.surprisal_model.digest}")
        if story.grammar is not None and isinstance(self.grammar_checker, GrammarChecker):
            parts.append(f"grammar:LanguageTool@{self.grammar_checker.version}")
        reader = self.second_reader
        if story.second_reading and reader and not isinstance(reader, Skipped):
            parts.append(f"second:{reader.model}@{reader.digest}")
        parts.append(f"calibration:{story.language.trained_digest()}")
        settings = self.settings_for(story.versions)
        parts += [f"settings:{settings.digest()}", f"seed:{settings.seed}"]
        if digest := known.digest():
            parts.append(f"{_KNOWN}{digest}")
        return "|".join(parts)


_KNOWN = "known:"


def known_in(signature: str) -> str:
    """What a signature says of what is known to be no fault (`Known.digest`)."""
    return signature.partition(f"|{_KNOWN}")[2]


Run = Callable[[Engine, Sequence[Story]], list[Story]]


def _each(change: Callable[[Story], Story]) -> Run:
    """A stage that takes each story by itself and needs no model."""
    return lambda _, stories: [change(story) for story in stories]


def _align(engine: Engine, stories: Sequence[Story]) -> list[Story]:
    """Lay the sentences of each story in rows and link the words inside them."""
    return with_rows(stories, engine.embedder)


def _surprisal(engine: Engine, stories: Sequence[Story]) -> list[Story]:
    """Ask the language model how surprising each word is, after the sentence before it."""
    model = engine.surprisal_model
    if isinstance(model, Skipped):
        return [replace(s, skipped=(*s.skipped, model)) for s in stories]
    from audit.measure.sentences import with_surprisal

    return with_surprisal(stories, model)


def _meant(engine: Engine, stories: Sequence[Story]) -> list[Story]:
    """Ask which words may have been meant by misread ones."""
    model = engine.surprisal_model
    if isinstance(model, Skipped):
        return list(stories)
    from audit.judge.meant import with_meant

    return with_meant(stories, model)


def _doubt(engine: Engine, stories: Sequence[Story]) -> list[Story]:
    """Doubt each word; where some are doubted, read again after a witness, and doubt anew."""
    first, model = [with_doubts(s) for s in stories], engine.surprisal_model
    if isinstance(model, Skipped):
        return first
    from audit.measure.retelling import with_retellings

    retold = with_retellings(first, model, map(doubtful, first))
    return [with_doubts(s, s.retellings) for s in retold]


def _edits(engine: Engine, stories: Sequence[Story]) -> list[Story]:
    """Ask what doubted places would gain by other words, if a detector wants to know."""
    model = engine.surprisal_model
    wanted = any("surprisal" in d.INFO.needs for d in engine.detectors)
    if isinstance(model, Skipped) or not wanted:
        return list(stories)
    from audit.judge.edits import with_edits

    return with_edits(stories, model)


def _grammar(engine: Engine, stories: Sequence[Story]) -> list[Story]:
    """Ask LanguageTool what it objects to; a story over which it fails goes on without."""
    return [with_grammar(story, engine.grammar_checker) for story in stories]


def _second_reader(engine: Engine, stories: Sequence[Story]) -> list[Story]:
    """Ask a large language model which words are faulty, if one is set."""
    reader = engine.second_reader
    if isinstance(reader, Skipped):
        return [replace(s, skipped=(*s.skipped, reader)) for s in stories]
    return reader.find(stories) if reader else list(stories)


def _stage(name: str, requires: str, assigns: str, run: Run) -> Stage[Engine]:
    return Stage(name, frozenset(requires.split()), frozenset(assigns.split()), run)


STAGES: tuple[Stage[Engine], ...] = (
    _stage("repair", "versions", "repaired", _each(with_repairs)),
    _stage("segment", "versions repaired", "sentences residue", _each(with_sentences)),
    _stage("annotate", "sentences", "annotations", _each(annotate)),
    _stage("align", "sentences", "rows matches", _align),
    _stage(
        "witnesses",
        "annotations rows matches",
        "copies witnesses others",
        _each(lambda story: with_witnesses(without_strangers(story))),
    ),
    _stage("surprisal", "sentences", "surprisal alternatives read_doubts expected", _surprisal),
    _stage("misread", "copies surprisal read_doubts", "misread error_rates", _each(with_misread)),
    _stage("meant", "copies surprisal expected misread", "meant", _meant),
    _stage(
        "doubt", "matches witnesses surprisal alternatives", "doubts measures retellings", _doubt
    ),
    _stage(
        "edits",
        "annotations rows matches witnesses alternatives doubts error_rates",
        "edits",
        _edits,
    ),
    _stage("grammar", "versions sentences", "grammar", _grammar),
    _stage(
        SECOND_READER,
        "sentences rows witnesses read_doubts doubts",
        "remarks second_reading",
        _second_reader,
    ),
)
"""What is found out about a story before it is judged."""


def audit_story(
    versions: Sequence[Version], *, story_id: str = "story", settings: Settings | None = None
) -> AuditResult:
    """Audit several versions of one story. Raises InputError if none can be scored."""
    with Engine(settings) as engine:
        return engine.audit(story_id, versions)


def audit_text(text: str, *, settings: Settings | None = None) -> AuditResult:
    """Audit one text alone. Raises InputError if it cannot be scored."""
    return audit_story([Version("text", text)], story_id="text", settings=settings)
