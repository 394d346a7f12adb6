"""The second reader: finds faults of sense in a story, and verifies the findings of the rules."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from audit.compare.instructions import is_instruction, may_be_instruction
from audit.conclude.merge import SUSPICION, Merged
from audit.config import Settings
from audit.detect.base import counted
from audit.errors import StageUnavailable
from audit.model import (
    DENIED,
    PENALTY,
    SECOND_READER,
    Finding,
    Kept,
    Measure,
    OtherCell,
    SecondReading,
    Sentence,
    Skipped,
    Story,
    touched,
)
from audit.second_reader import STAGE, answers
from audit.second_reader.budget import Budget
from audit.second_reader.calibration import Calibration
from audit.second_reader.client import (
    ANSWER_TOKENS,
    Answer,
    Client,
    Question,
    estimated_tokens,
)
from audit.second_reader.fuse import as_finding, fused
from audit.second_reader.prompts import (
    PROMPT,
    FindQuestion,
    Trial,
    VerifyQuestion,
    find_question,
    find_trial,
    verify_question,
)
from audit.second_reader.scope import apart, stretches, wording_beside

log = logging.getLogger(__name__)

FAILURES = 3
"""After so many questions running without an answer no more is asked for a while, so that a run
does not wait for the time-outs of each."""

PAUSE = 300.0
"""So long, seconds; then one question tries again."""

TOGETHER = 6
"""Most findings that are verified by one question."""

AROUND = 20
"""Characters on each side by which a place is known that is put to the model."""

SERIOUS = PENALTY["major"]

SAID: Mapping[str, tuple[str, str]] = {
    "yes": ("The second reader agrees", SECOND_READER),
    "no": ("The second reader holds it for no fault", DENIED),
    "cannot say": ("The second reader cannot say", SECOND_READER),
}
"""How a verdict is said, and the name of its measure."""

Q = TypeVar("Q", bound=FindQuestion | VerifyQuestion | Trial)


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question: its answer, and whether it was asked now and not kept before."""

    answer: Answer | None
    is_new: bool = False


class SecondReader:
    """Asks one model. `client` answers questions, `kept` keeps what it said for the next run,
    `clock` tells seconds.

    Not for several threads at once; it asks several questions at once itself.
    """

    def __init__(
        self,
        settings: Settings,
        client: Client,
        calibration: Calibration,
        kept: Kept,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        assert settings.judge_model is not None
        self.model = settings.judge_model
        self.calibration = calibration
        self._settings = settings
        self._client = client
        self._kept = kept
        self._budget = Budget(settings.judge_tokens)
        self._clock = clock
        self._failed = 0
        self._until = 0.0
        self._why = ""

    @property
    def digest(self) -> str:
        """What its answers depend on besides the model: the questions, and what was measured."""
        return f"{PROMPT}+{self.calibration.digest}"

    def find(self, stories: Sequence[Story]) -> list[Story]:
        """The stories with what the model remarks on them; the most doubtful places first.

        A text may have led the model astray where its answer fails the control: then each sentence
        is asked about apart, so that a text can spoil no answer but its own. What it remarks is put
        to it again with nothing beside but the page that it names, and dropped if it then denies
        it: a text that made it see faults elsewhere does not stand there.
        """
        chosen = [s for story in stories for s in stretches(story, self._settings.judge_scope)]
        chosen.sort(key=lambda s: -s.doubt)
        wanted = chosen if self._settings.judge_ask != "verify" else []
        asked = self._ask_all([find_question(s) for s in wanted])
        again = [find_question(part) for q in _failed(asked) for part in apart(q.stretch)]
        asked_again = self._ask_all(again) if again and self._passes(find_trial()) else []
        return [self._held(self._with_remarks(story, asked, asked_again)) for story in stories]

    def _held(self, story: Story) -> Story:
        """A story without the remarks that the model denies when they are put to it."""
        reading = story.second_reading
        if reading is None or not story.remarks:
            return story
        findings = {as_finding(r, self.calibration): r for r in story.remarks}
        said, tokens, dropped = self._said(story, findings)
        denied = {findings[f] for f, (fault, _) in said.items() if fault == "no"}
        dropped += Counter({"put to the model again, it is no fault": len(denied)})
        reading = replace(
            reading,
            tokens=reading.tokens + tokens,
            dropped=dict(Counter(reading.dropped) + dropped),
        )
        kept = tuple(r for r in story.remarks if r not in denied)
        return replace(story, remarks=kept, second_reading=reading)

    def _passes(self, trial: Trial | VerifyQuestion) -> bool:
        """Whether the model answers a question without any text of a page as it should: otherwise
        it is not a page that leads it astray."""
        ((_, asked),) = self._ask_all([trial])
        return asked.answer is not None and answers.objection(trial, asked.answer) is None

    def _with_remarks(
        self,
        story: Story,
        asked: Sequence[tuple[FindQuestion, Asked]],
        again: Sequence[tuple[FindQuestion, Asked]],
    ) -> Story:
        own = [(q, a) for q, a in asked if q.stretch.story is story]
        all_own = [*own, *((q, a) for q, a in again if q.stretch.story is story)]
        dropped: Counter[str] = Counter()
        found = [r for q, a in all_own if a.answer for r in answers.remarks(q, a.answer, dropped)]
        read = sum(len(q.sentences) for q, a in own if a.answer)
        reading = SecondReading(
            model=self.model,
            calibrated=self.calibration.measured is not None,
            of=sum(len(s) for s in story.sentences.values()),
            read=read,
            left=sum(len(q.sentences) for q, a in own if not a.answer),
            tokens=_spent(all_own),
            dropped=dict(dropped),
        )
        skipped = (*story.skipped, *self._left(reading))
        return replace(story, remarks=tuple(found), second_reading=reading, skipped=skipped)

    def _left(self, reading: SecondReading) -> list[Skipped]:
        """Why sentences were left."""
        if not reading.left:
            return []
        why = self._why or "the setting judge_tokens allows no more in this run"
        return [Skipped(STAGE, f"{counted(reading.left, 'sentence')} not read: {why}")]

    def heard(self, found: Iterable[Finding], story: Story, rules: Iterable[str]) -> list[Finding]:
        """Findings with the remarks on the story; those of rules that are not asked for are left
        out."""
        wanted = frozenset(rules)
        remarks = [as_finding(r, self.calibration) for r in story.remarks if r.category in wanted]
        return fused(found, remarks, self.calibration)

    def verified(self, story: Story, merged: Merged, bar: float) -> tuple[Story, Merged]:
        """Serious findings after the model was asked whether they are faults.

        What it denies falls among the suspicions if it was measured to be right in that; the
        message says so either way. What the model itself found is not put to it.
        """
        reading = story.second_reading
        if self._settings.judge_ask == "find" or reading is None:
            return story, merged
        said, tokens, dropped = self.verdicts(story, merged.findings)
        reading = replace(
            reading,
            verified=len(said),
            denied=sum(fault == "no" for fault, _ in said.values()),
            tokens=reading.tokens + tokens,
            dropped=dict(Counter(reading.dropped) + dropped),
        )
        judged = [self._judged(f, *said[f]) if f in said else f for f in merged.findings]
        fallen = [f for f in judged if f.confidence < bar]
        suspicions = sorted([*merged.suspicions, *fallen], key=_by_place)
        kept = tuple(f for f in judged if f.confidence >= bar)
        merged = replace(merged, findings=kept, suspicions=tuple(suspicions))
        return replace(story, second_reading=reading), merged

    def verdicts(
        self, story: Story, findings: Iterable[Finding]
    ) -> tuple[dict[Finding, tuple[str, str]], int, Counter[str]]:
        """What the model says of serious findings, and why; tokens; what was not believed."""
        serious = [f for f in findings if PENALTY[f.severity] >= SERIOUS and f.found_by == "rules"]
        return self._said(story, serious)

    def _said(
        self, story: Story, findings: Iterable[Finding]
    ) -> tuple[dict[Finding, tuple[str, str]], int, Counter[str]]:
        """What the model says of findings, and why; tokens; what was not believed."""
        questions = [_verify_question(story, group) for group in _groups(story, findings)]
        asked = self._ask_all(questions)
        again = [
            _verify_question(story, [f], is_apart=True)
            for q in _failed(asked)
            for f in q.findings.values()
        ]
        if again and self._passes(verify_question([], [])):
            asked = [*asked, *self._ask_all(again)]
        dropped: Counter[str] = Counter()
        said = {
            finding: verdict
            for q, a in asked
            if a.answer
            for finding, verdict in answers.verdicts(q, a.answer, dropped).items()
        }
        return said, _spent(asked), dropped

    def _judged(self, finding: Finding, fault: str, why: str) -> Finding:
        """A finding after the model's answer about it."""
        confidence = self.calibration.after(finding.confidence, fault)
        said, measure = SAID[fault]
        return replace(
            finding,
            confidence=confidence,
            message=f"{finding.message} {said}{f': {why}' if why else '.'}",
            measures=(*finding.measures, Measure(measure, confidence, SUSPICION)),
        )

    def _ask_all(self, questions: Sequence[Q]) -> list[tuple[Q, Asked]]:
        """Each question with what became of it: kept answers first, the rest asked in parallel."""
        kind = f"second-reader-{self.model}-{PROMPT}"
        keys = [_key(q.question, self._settings.seed) for q in questions]
        known = self._kept.get(kind, list(dict.fromkeys(keys))) if keys else {}
        fresh = {k: q.question for k, q in zip(keys, questions, strict=True) if k not in known}
        with ThreadPoolExecutor(self._settings.judge_parallel) as pool:
            came = dict(zip(fresh, pool.map(self._ask, fresh.values()), strict=True))
        self._kept.put(kind, {k: _packed(a) for k, a in came.items() if a is not None})
        found = {k: Asked(_unpacked(data)) for k, data in known.items()}
        found |= {k: Asked(a, is_new=True) for k, a in came.items()}
        return [(q, found[k]) for k, q in zip(keys, questions, strict=True)]

    def _ask(self, question: Question) -> Answer | None:
        """One answer; None if there is none or no budget for it."""
        if self._failed >= FAILURES and self._clock() < self._until:
            return None
        wanted = estimated_tokens(question) + ANSWER_TOKENS
        if not self._budget.take(wanted):
            return None
        try:
            answer = self._client.ask(question)
        except StageUnavailable as e:
            self._failed += 1
            self._until = self._clock() + PAUSE
            self._why = str(e)
            self._budget.settle(wanted, 0)
            log.info("%s: %s", STAGE, e)
            return None
        self._failed, self._why = 0, ""
        self._budget.settle(wanted, answer.tokens)
        return answer


def _met(finding: Finding, story: Story) -> tuple[Sentence, ...]:
    """The sentences that a finding touches."""
    sentences = story.sentences[finding.version]
    return tuple(sentences[i] for i in touched(sentences, finding.start, finding.end))


def _groups(story: Story, findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings that are put to the model together, each group of one version. One in a sentence
    that might speak to a language model is alone, and none in a sentence that does."""
    by_version: defaultdict[str, list[Finding]] = defaultdict(list)
    for f in findings:
        met = _met(f, story)
        if not met or any(is_instruction(s, story.language) for s in met):
            continue
        if any(may_be_instruction(s, story.language) for s in met):
            yield [f]
        else:
            by_version[f.version].append(f)
    for own in by_version.values():
        yield from (own[k : k + TOGETHER] for k in range(0, len(own), TOGETHER))


def _failed(asked: Iterable[tuple[Q, Asked]]) -> Iterator[Q]:
    """The questions whose answers are not believed."""
    return (q for q, a in asked if a.answer and answers.objection(q, a.answer))


def _verify_question(
    story: Story, findings: Sequence[Finding], *, is_apart: bool = False
) -> VerifyQuestion:
    met = [_met(f, story) for f in findings]
    text = story.version(findings[0].version).text
    return verify_question(
        [
            (
                f,
                text[m[0].start : m[-1].end],
                text[max(m[0].start, f.start - AROUND) : min(m[-1].end, f.end + AROUND)],
            )
            for f, m in zip(findings, met, strict=True)
        ],
        [[] if is_apart else _beside(story, f, m[0]) for f, m in zip(findings, met, strict=True)],
    )


def _beside(story: Story, finding: Finding, sentence: Sentence) -> list[OtherCell]:
    """What is shown beside a finding: of one of the model's own, the page that it names."""
    named = {w.version for w in finding.witnesses}
    return [
        c
        for c in wording_beside(story, sentence)
        if not finding.by_second_reader or c.version in named
    ]


def _spent(asked: Iterable[tuple[object, Asked]]) -> int:
    """The tokens of what was asked now."""
    return sum(a.answer.tokens for _, a in asked if a.answer and a.is_new)


def _by_place(finding: Finding) -> tuple[str, int, int]:
    return finding.version, finding.start, finding.end


def _key(question: Question, seed: int) -> bytes:
    joined = json.dumps([question.name, question.system, question.user, seed])
    return hashlib.blake2b(joined.encode(), digest_size=16).digest()


def _packed(answer: Answer) -> bytes:
    return json.dumps([answer.content, answer.tokens]).encode()


def _unpacked(data: bytes) -> Answer:
    return Answer(*json.loads(data))
