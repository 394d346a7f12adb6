"""What trained models make of the evidence: words, sentences, edits."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from engines import engine
from hypothesis import given
from hypothesis import strategies as st

from audit.align.witnesses import choose
from audit.config import Settings
from audit.detect import ungrammatical, unidiomatic, wrong_term
from audit.detect.shared.edits import likely
from audit.judge.doubts import with_doubts
from audit.judge.edits import offered
from audit.judge.evidence import COLUMNS, cell_evidence
from audit.judge.measures import MEASURES
from audit.judge.risk import expected_penalties
from audit.judge.trees import Forest, dumps, loads, to_text
from audit.judge.tried import tried
from audit.language.en import ENGLISH
from audit.model import Edit, Reading, Story, Version
from audit.model.evidence import Doubt
from audit.pipeline import Engine

DETECTORS_OF_EDITS = (wrong_term, ungrammatical, unidiomatic)

A = "The mayor opened the new bridge on Friday. Nobody was hurt."
B = "On Friday the mayor opened a new bridge. There were no injuries."
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")


@pytest.fixture(scope="module")
def story() -> Story:
    return engine().align("s", [Version("a", A), Version("b", B)])


def column(table: np.ndarray, name: str) -> np.ndarray:
    return table[:, COLUMNS.index(name)]


def test_evidence_has_a_row_a_token_and_a_column_a_name(story: Story) -> None:
    for row in story.rows:
        for version in row.cells:
            tokens = [t for s in story.cell(row, version) for t in s.tokens]
            for laid in (
                story,
                replace(story, witnesses={(row.id, version): choose(version, [], {})}),
            ):
                table = cell_evidence(laid, row, version)
                assert table.shape == (len(tokens), len(COLUMNS))


def test_words_that_a_witness_shares_are_supported(story: Story) -> None:
    row = story.row_of["a", 0]
    table = cell_evidence(story, row, "a")
    tokens = [t.text for s in story.cell(row, "a") for t in s.tokens]
    same = dict(zip(tokens, column(table, "same_form"), strict=True))
    assert same["mayor"] == 1.0
    assert same["."] == 0.0


def test_what_was_not_measured_is_unknown_not_zero(story: Story) -> None:
    row = story.row_of["a", 0]
    alone = replace(story, witnesses={(row.id, "a"): choose("a", [], {})})
    table = cell_evidence(alone, row, "a")
    for name in ("surprisal", "support_mean", "row_unsaid"):
        assert np.isnan(column(table, name)).all()
    assert not column(table, "witnesses").any()


def test_neighbours_stop_at_the_border_of_a_sentence(story: Story) -> None:
    table = cell_evidence(story, story.row_of["a", 0], "a")
    assert np.isnan(column(table, "previous_zipf")[0])
    assert np.isnan(column(table, "next_zipf")[-1])
    assert column(table, "previous_zipf")[1] == column(table, "zipf")[0]


def test_every_word_is_doubted_between_0_and_1_and_every_sentence_measured(story: Story) -> None:
    doubted = with_doubts(story)
    for version, sentences in story.sentences.items():
        for s in sentences:
            doubts = doubted.doubts[version, s.index]
            assert len(doubts) == len(s.tokens)
            assert all(0 <= d.serious <= d.any <= 1 for d in doubts)
            assert set(doubted.measures[version, s.index]) == set(MEASURES)


def test_a_copy_is_no_witness_of_its_original_and_copies_are_one() -> None:
    text = " ".join(f"The {n} boats of the {n} harbours left at {n} that day." for n in NUMBERS)
    versions = [Version(v, text) for v in ("a", "b", "c")] + [Version("d", text[: len(A)] + A)]
    for (_, version), found in engine().align("s", versions).witnesses.items():
        own = "abc" if version in "abc" else version
        assert not set(found.versions) & set(own)
        assert len(set(found.versions) & set("abc")) <= 1
        assert (found.key in found.versions) if found.versions else found.key is None


def measured(story: Story, **changes: dict[str, float]) -> Story:
    """The story with 1 for every measure of every sentence, but for the changes by version."""
    places = ((v, s.index) for v, own in story.sentences.items() for s in own)
    base = dict.fromkeys(MEASURES, 1.0)
    return replace(story, measures={p: base | changes.get(p[0], {}) for p in places})


@pytest.mark.parametrize("measure", ["worst_doubt", "nats", "unsupported", "unsaid"])
def test_risk_grows_with_what_speaks_against_a_sentence(story: Story, measure: str) -> None:
    heard = replace(story, surprisal={})
    low, high = (
        expected_penalties(measured(heard, a=changes))["a", 0] for changes in ({}, {measure: 1.5})
    )
    assert 0 < low < high


def test_without_a_language_model_neither_doubt_nor_surprisal_counts(story: Story) -> None:
    silent = {"worst_doubt": 0.0, "nats": 0.0}
    plain, other = (expected_penalties(measured(story, a=c)) for c in ({}, silent))
    assert plain == pytest.approx(other)


def test_a_sentence_is_riskier_where_the_rest_of_its_version_fares_worse(story: Story) -> None:
    heard = measured(replace(story, surprisal={}))
    worse = {**heard.measures, ("a", 1): heard.measures["a", 1] | {"unsaid": 3.0}}
    before, after = (
        expected_penalties(replace(heard, measures=m)) for m in (heard.measures, worse)
    )
    assert after["a", 0] > before["a", 0]
    assert after["b", 0] < before["b", 0]


def test_a_version_alone_and_a_story_of_one_row_have_no_standing(story: Story) -> None:
    alone = engine().align("s", [Version("a", A)])
    one = expected_penalties(measured(replace(alone, surprisal={})))
    both = expected_penalties(measured(replace(story, surprisal={})))
    assert set(one.values()) == {both["a", 0]}


def test_copies_do_not_make_a_version_fare_worse() -> None:
    other = "The harbour was shut on Monday after the storm, and no ship could leave it till noon."
    text = f"{A} {B} {other}"
    worse = f"{B} {A} {other}".replace("Friday", "Sunday")
    few = [Version("a", text), Version("b", worse)]
    many = [*few, *(Version(v, worse) for v in "cde")]
    points = []
    for versions in (few, many):
        laid = engine().align("s", versions)
        heavy = measured(replace(laid, surprisal={}), **{v: {"unsaid": 3.0} for v in "bcde"})
        points.append(expected_penalties(heavy)["a", 0])
    assert points[0] == pytest.approx(points[1])


def test_edits_say_what_they_replace_and_gain() -> None:
    texts = {
        "a": "The firm came below scrutiny after the accident on Friday.",
        "b": "The firm came under scrutiny after the accident on Friday.",
    }
    (story,) = engine().stories([("s", [Version(*v) for v in texts.items()])], "edits")
    (edit,) = [e for e in story.edits if e.version == "a" and not e.proposal]
    assert texts["a"][edit.start : edit.end] == "below"
    assert edit.text == "under"
    assert edit.witness is not None and edit.witness.quote == "under"
    assert edit.gain > 3
    assert 0 <= edit.confidence <= 1


def test_order_and_company_do_not_change_edits() -> None:
    texts = {
        "a": "The firm came below scrutiny after the accident on Friday.",
        "b": "The firm came under scrutiny after the accident on Friday.",
        "c": "The firm came under scrutiny after an accident on Friday.",
    }
    versions = [Version(*v) for v in texts.items()]
    one, two = (engine().stories([("s", v)], "edits") for v in (versions, versions[::-1]))
    (alone,) = one
    assert alone.edits == two[0].edits
    batch = engine().stories([("t", versions[:1]), ("s", versions)], "edits")
    assert [(e.start, e.text) for e in batch[1].edits] == [(e.start, e.text) for e in alone.edits]


SLIP = "Nobody was allowed to entered the building before noon."


def judged(*texts: str) -> Story:
    versions = [Version(v, text) for v, text in zip("abc", texts, strict=False)]
    (story,) = engine().stories([("s", versions)], "edits")
    return story


def proposals(story: Story) -> list[Edit]:
    return [e for e in story.edits if e.proposal and e.version == "a"]


def test_the_language_model_proposes_what_no_version_has() -> None:
    story = judged(SLIP)
    (edit,) = [e for e in proposals(story) if e.text == "enter"]
    assert SLIP[edit.start : edit.end] == edit.quote == "entered"
    assert (edit.proposal, edit.witness, edit.support) == ("form", None, 0)
    assert edit.gain > 5
    assert edit.ahead > 2
    (finding,) = ungrammatical.detect(story, Settings())
    assert (finding.quote, finding.suggestion, finding.witnesses) == ("entered", "enter", ())
    assert "the language model alone proposes “enter”" in finding.message


def test_a_proposal_that_a_version_shows_names_it() -> None:
    other = "Before noon nobody was let in, and few tried to enter the building."
    story = judged(SLIP, other)
    shown = [e for e in proposals(story) if e.text == "enter"]
    assert [(e.witness, e.support) for e in shown] == [(Reading("b", 48, 53, "enter"), 1)]
    assert other[48:53] == "enter"


@pytest.mark.parametrize(
    "texts",
    [
        ("The guard said: “Nobody was allowed to entered the building.”",),
        (SLIP, "Before noon nobody was allowed to entered the building."),
        (SLIP + " Two men entered it all the same.",),
        ("Nobody allowed to entered building\n\nThe mayor left the hall at noon.",),
    ],
    ids=["direct speech", "a witness has the word", "the version repeats it", "headline"],
)
def test_nothing_is_proposed_for_words_that_are_meant(texts: tuple[str, ...]) -> None:
    assert not [e for e in proposals(judged(*texts)) if e.quote == "entered"]


def test_without_a_language_model_there_are_no_edits_and_no_findings_of_them() -> None:
    with Engine(Settings(causal_model="none")) as silent:
        (plain,) = silent.stories([("s", [Version("a", A), Version("b", B)])], "edits")
    assert plain.surprisal is None
    assert plain.edits == ()
    assert not [f for d in DETECTORS_OF_EDITS for f in d.detect(plain, Settings())]


def doubted_everywhere(story: Story) -> Story:
    doubts = {
        (v, s.index): (Doubt(0.9, 0.5),) * len(s.tokens)
        for v, own in story.sentences.items()
        for s in own
    }
    return replace(story, doubts=doubts)


def test_a_copy_is_no_witness_against_its_original() -> None:
    text = " ".join(f"The {n} boats of the {n} harbours left at {n} that day." for n in NUMBERS)
    story = engine().align("s", [Version("a", text), Version("b", text)])
    assert not list(
        unidiomatic.detect(doubted_everywhere(replace(story, surprisal={})), Settings())
    )


def test_a_text_without_full_stops_is_not_tried_word_by_word() -> None:
    texts = [Version("a", "the old boat left " * 200), Version("b", "the new boat came " * 200)]
    assert not list(offered(doubted_everywhere(engine().align("s", texts))))


EDIT = Edit("a", 0, 4, 9, "below", "under", ("below",), ("under",), Reading("b", 4, 9, "under"),
            Doubt(0.8, 0.2), gain=5.0, confidence=0.8)  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        replace(EDIT, confidence=0.49),
        replace(EDIT, confidence=0.59, witness=None, proposal="form"),
        replace(EDIT, gain=-0.1),
        replace(EDIT, lost=("did",), new=("did", "not")),
        replace(EDIT, lost=("wooden",), new=(), text="", confidence=0.65),
    ],
    ids=["unsure", "unsure without a witness", "not preferred", "negation", "content goes"],
)
def test_an_edit_that_proves_nothing_is_not_reported(other: Edit) -> None:
    assert likely((EDIT,), ENGLISH) == (EDIT,)
    assert likely((other,), ENGLISH) == ()


@pytest.mark.parametrize(
    "worse", [{"confidence": 0.7}, {"gain": 4.0, "confidence": 0.9}], ids=["unsurer", "gains less"]
)
def test_of_edits_at_one_place_the_one_that_gains_most_is_reported(worse: dict[str, float]) -> None:
    rival = replace(EDIT, start=0, end=9, text="He under", **worse)
    elsewhere = replace(rival, start=20, end=25)
    assert set(likely((rival, EDIT, elsewhere), ENGLISH)) == {EDIT, elsewhere}


def test_a_known_name_is_neither_edited_nor_doubted(story: Story) -> None:
    at = A.index("bridge")
    edit = replace(
        EDIT, start=at, end=at + 6, quote="bridge", lost=("bridge",), text="pier", new=("pier",)
    )
    doubts = {
        (v, s.index): tuple(Doubt(0.9 * (t.text == "bridge"), 0.0) for t in s.tokens)
        for v, own in story.sentences.items()
        for s in own
    }
    laid = replace(story, surprisal={}, doubts=doubts)
    offering = replace(laid, edits=(edit,))
    known = Settings(names=("bridge",))
    assert [f.suggestion for f in wrong_term.detect(offering, Settings())] == ["pier"]
    assert not list(wrong_term.detect(offering, known))
    assert {f.quote for f in unidiomatic.detect(laid, Settings())} == {"bridge"}
    assert not list(unidiomatic.detect(laid, known))


WORD = st.sampled_from(
    ["the", "old", "boat", "boat's", "left", "quickly", "with", "12", "Oslo", "men", "."]
)
# A text without a word is not scored (tests/test_pipeline.py says so), so none is dealt here.
WORDS = st.lists(WORD, min_size=3, max_size=12).filter(lambda words: {*words} != {"."})


@given(WORDS, WORDS)
def test_an_edit_changes_words_of_one_sentence_and_neither_names_nor_numbers(
    first: list[str], second: list[str]
) -> None:
    versions = [Version("a", " ".join(first) + "."), Version("b", " ".join(second) + ".")]
    story = doubted_everywhere(engine().align("s", versions))
    for edit in offered(story):
        text = story.version(edit.version).text
        sentence = story.sentences[edit.version][edit.sentence]
        assert sentence.start <= edit.start < edit.end <= sentence.end
        assert text[edit.start : edit.end] == edit.quote
        assert edit.text.casefold() != edit.quote.casefold()
        assert not {"12", "Oslo"} & {*edit.lost, *edit.new}
        w = edit.witness
        assert w is not None
        assert story.version(w.version).text[w.start : w.end] == w.quote
        (_, read), (_, edited) = tried(story, sentence, edit.start, edit.end, edit.text)
        assert sentence.text.startswith(read)
        assert letters(edited) == letters(read) - letters(*edit.lost) + letters(*edit.new)
        assert " '" not in edited and "  " not in edited


def letters(*texts: str) -> Counter[str]:
    return Counter("".join(texts).casefold().replace(" ", ""))


@pytest.fixture(scope="module")
def trained() -> tuple[object, Forest]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(7)
    table = rng.normal(size=(600, 3)).astype(np.float32)
    table[rng.random(table.shape) < 0.1] = np.nan
    label = np.nan_to_num(table[:, 0]) + np.nan_to_num(table[:, 1]) ** 2 > 0.7
    classifier = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(table, label)
    forest = loads(json.loads(to_text(dumps(classifier, ("x", "y", "z")))))
    return classifier, forest


VALUE = st.one_of(st.just(math.nan), st.floats(-4, 4, width=32))


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=30))
def test_stored_trees_agree_with_the_fitted_ones(
    trained: tuple[object, Forest], rows: list[tuple[float, float, float]]
) -> None:
    classifier, forest = trained
    values = np.array(rows, dtype=np.float32)
    expected = classifier.predict_proba(values)[:, 1]  # type: ignore[attr-defined]
    assert np.abs(forest.probability(values) - expected).max() < 1e-3


def test_a_forest_keeps_the_names_of_its_columns(
    trained: tuple[object, Forest],
) -> None:
    assert trained[1].columns == ("x", "y", "z")
