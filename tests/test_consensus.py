"""What independent versions agree on, what is not voted on, which version descends from which."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engines import engine

from audit.align.copies import copy_groups
from audit.conclude.consensus import consensus_of
from audit.conclude.family import family_tree
from audit.language.spelling import plain_words
from audit.model import (
    AuditResult,
    Descent,
    FamilyTree,
    Finding,
    Score,
    SentenceRisk,
    Story,
    Version,
    VersionResult,
)

REPORT = (
    "The bridge over the Venn was built ninety years ago by farmers of three villages. They "
    "carried the stones from the quarry in baskets. It stood two floods and one war. On Sunday "
    "the third flood took it within an hour, while the market was still open on the bank. "
    "Nobody was hurt. The ferry has run without a pause ever since, and the queue reaches the "
    "church. The council wants to decide in June whether there is money for a new bridge, or "
    "only for a second ferry."
)
RETOLD = (
    "Ninety years ago, peasants from three villages erected the Venn bridge, hauling stone out of "
    "a quarry in baskets. Two floods and a war left it standing. The third flood swept it away on "
    "Sunday inside an hour, with the market still going on by the river. There were no injuries. "
    "Since then the ferry has been working non-stop, with people queueing back to the church. In "
    "June councillors will say if a new crossing can be paid for, or just one more ferry."
)


def align(**texts: str) -> Story:
    return engine().align("story", [Version(v, t) for v, t in texts.items()])


# copies


def groups(**texts: str) -> list[set[str]]:
    return [set(g) for g in copy_groups({v: plain_words(t) for v, t in texts.items()})]


def test_reprint_excerpt_and_extended_reprint_are_copies() -> None:
    longer = f"BANK, Monday. {REPORT} Our reporter was on the spot and will go on reporting."
    edited = REPORT.replace("Sunday", "Saturday").upper()
    assert groups(a=REPORT, b=REPORT, c=longer, d=edited, e=RETOLD) == [{"a", "b", "c", "d"}, {"e"}]
    assert groups(a=REPORT, b=REPORT[:180]) == [{"a", "b"}]


def test_retelling_and_shared_sentence_are_no_copies() -> None:
    shared = "It stood two floods and one war. "
    assert groups(a=REPORT, b=RETOLD, c=shared + RETOLD) == [{"a"}, {"b", "c"}]
    assert groups(a=REPORT, b=RETOLD) == [{"a"}, {"b"}]


def test_one_sentence_in_the_same_words_is_agreement_and_no_copy() -> None:
    sentence = "The flood destroyed the old bridge over the Venn on Sunday within an hour."
    assert groups(a=sentence, b=sentence) == [{"a"}, {"b"}]


def test_a_copy_of_a_copy_belongs_to_them() -> None:
    words = REPORT.split()
    first, last = " ".join(words[:80]), " ".join(words[20:])
    assert groups(a=first, b=REPORT, c=last) == [{"a", "b", "c"}]


def test_copies_share_one_vote() -> None:
    story = align(a=REPORT, b=REPORT, c=RETOLD)
    assert story.copies_of["a"] == story.copies_of["b"] == {"a", "b"}
    most = max(consensus_of(story), key=lambda c: c.why)
    assert most.why == "independent versions: 2; 3 are needed"


# consensus

GONE = "The flood destroyed the old bridge over the Venn on Sunday within an hour."


def test_reading_is_the_one_closest_to_the_others() -> None:
    story = align(
        a=GONE,
        b="The flood destroyed the old Venn bridge on Sunday within one hour.",
        c="The high tide killed old bridge over the Venn the Sunday in the hour.",
        d="On Sunday the flood destroyed the old bridge over the Venn within an hour.",
    )
    (found,) = consensus_of(story)
    assert found.reading is not None and found.reading.version in {"a", "d"}
    assert found.reading.quote == story.version(found.reading.version).text
    assert 0.5 < found.support <= 1


def test_too_few_independent_versions_give_no_reading() -> None:
    (two,) = consensus_of(align(a=GONE, b=GONE))
    assert two.reading is None and "3 are needed" in two.why
    reprints = consensus_of(align(a=REPORT, b=REPORT, c=REPORT, d=RETOLD))
    assert all(c.reading is None and "3 are needed" in c.why for c in reprints)


def test_numbers_are_not_voted_on() -> None:
    text = "The police said that {} people had been arrested in the port on Sunday."
    story = align(a=text.format(120), b=text.format(120), c=text.format(120), d=text.format(210))
    (found,) = consensus_of(story)
    assert found.reading is None and "120" in found.why and "210" in found.why
    agreed = align(a=text.format(120), b=text.format(120), c=text.format(120))
    assert all(c.reading for c in consensus_of(agreed))


def test_direct_speech_is_not_voted_on() -> None:
    said = "“It hurts us to know that the old bridge is gone,” the ferryman told reporters."
    other = "“It pains us to hear that the old bridge is lost,” the ferryman told reporters."
    story = align(a=said, b=said, c=said, d=other)
    (found,) = consensus_of(story)
    assert found.reading is None and "direct speech" in found.why
    (same,) = consensus_of(align(a=said, b=said, c=said))
    assert same.reading is not None


# family tree

TIMES = {"early": "2024-05-14T06:30:00Z", "late": "2024-05-14T09:12:00+00:00"}


def result(
    texts: dict[str, str],
    faults: dict[str, list[str]] | None = None,
    published: dict[str, str] | None = None,
    category: str = "wrong-term",
) -> AuditResult:
    """A result whose rows are the sentences by their number; faults are words of the text."""
    versions = []
    findings = []
    for v, text in texts.items():
        starts = [0]
        while (at := text.find(". ", starts[-1])) >= 0:
            starts.append(at + 2)
        ends = [*(s - 1 for s in starts[1:]), len(text)]
        risks = tuple(
            SentenceRisk(a, b, 0.0, f"R{n}")
            for n, (a, b) in enumerate(zip(starts, ends, strict=True))
        )
        version = Version(v, text, outlet=f"Outlet {v}", published=(published or {}).get(v))
        versions.append(VersionResult(version, Score(90.0, 80.0, 95.0, 100), risks))
        for words in (faults or {}).get(v, []):
            start = text.index(words)
            findings.append(
                Finding(
                    v, start, start + len(words), words, category, "major", 0.9, "", category, ()
                )
            )
    return AuditResult("story", tuple(versions), tuple(findings), (), "")


def tree_of(r: AuditResult) -> FamilyTree:
    return family_tree(r, seed=20240, resamples=1000)


def parents(tree: FamilyTree) -> dict[str, str | None]:
    return {d.version: d.parent for d in tree.descents}


def test_copy_descends_from_the_version_published_before() -> None:
    times = {"a": TIMES["late"], "b": TIMES["early"]}
    tree = tree_of(result({"a": REPORT, "b": REPORT, "c": RETOLD}, published=times))
    assert parents(tree) == {"a": "b", "b": None, "c": None}
    assert tree.is_known
    (descent,) = [d for d in tree.descents if d.parent]
    assert descent.support == 1.0 and "words" in descent.why


@pytest.mark.parametrize(
    "published",
    [{}, {"a": "2024-05-14", "b": TIMES["late"]}, {"a": TIMES["late"], "b": "soon"}],
)
def test_copies_of_unknown_order_have_no_parent(published: dict[str, str]) -> None:
    tree = tree_of(result({"a": REPORT, "b": REPORT}, published=published))
    assert not tree.is_known and all(d.parent is None for d in tree.descents)
    assert all("nearly all its words" in d.why for d in tree.descents)


SHARED = ["peasants", "hauling", "quarry", "standing", "swept", "non-stop"]
OWN = ["injuries", "councillors", "crossing", "river"]


def test_version_that_adds_faults_to_anothers_descends_from_it() -> None:
    other = " ".join(
        w for w in RETOLD.split(" ") if w not in {"from", "of", "a", "the", "on", "to"}
    )
    r = result({"a": RETOLD, "b": other, "c": REPORT}, {"a": SHARED, "b": SHARED + OWN})
    assert parents(tree_of(r)) == {"a": None, "b": "a", "c": None}
    shared = tree_of(r).shared
    assert {s.places[0].quote for s in shared} == set(SHARED)
    assert all(s.outlets == ("Outlet a", "Outlet b") for s in shared)


def test_two_shared_faults_are_thin_evidence() -> None:
    tree = tree_of(
        result(
            {"a": RETOLD, "b": " ".join(RETOLD.split(" the ")), "c": REPORT},
            {"a": SHARED[:2], "b": SHARED[:2] + OWN},
        )
    )
    assert not tree.is_known and "thin" in tree.why
    assert len(tree.shared) == 2


def test_faults_that_anyone_makes_show_no_descent() -> None:
    texts = {"a": RETOLD, "b": " ".join(RETOLD.split(" the ")), "c": REPORT}
    tree = tree_of(result(texts, {"a": SHARED, "b": SHARED + OWN}, category="stray-capital"))
    assert not tree.is_known and not tree.shared


def test_fault_of_most_versions_is_not_rare() -> None:
    texts = {v: RETOLD.replace(" the ", f" {v} ") for v in "abc"}
    assert tree_of(result(texts, dict.fromkeys(texts, SHARED))).shared == ()


def test_tree_is_the_same_for_the_same_seed_and_has_no_circle() -> None:
    texts = dict.fromkeys("abcd", REPORT)
    published = {v: f"2024-05-14T0{n}:00:00Z" for n, v in enumerate("abcd", 1)}
    r = result(texts, published=published)
    assert tree_of(r) == tree_of(r)
    parent = parents(tree_of(r))
    for v in parent:
        seen = set()
        at: str | None = v
        while at is not None:
            assert at not in seen
            seen.add(at)
            at = parent[at]


def test_one_version_and_empty_versions_have_no_tree() -> None:
    assert tree_of(result({"a": REPORT})).descents == (
        Descent("a", None, 0.0, "One version only."),
    )
    empty = result({"a": REPORT, "b": REPORT})
    bare = replace(empty, versions=tuple(replace(v, sentences=()) for v in empty.versions))
    assert not tree_of(bare).is_known
