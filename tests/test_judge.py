"""The word model: evidence in the right shape, trees that say what scikit-learn's say."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import Engine, Version
from audit.judge.evidence import COLUMNS, OWN_COLUMNS, cell_evidence
from audit.judge.trees import Forest, dumps, loads, to_text
from audit.model import Story

A = "The mayor opened the new bridge on Friday. Nobody was hurt."
B = "On Friday the mayor opened a new bridge. There were no injuries."


@pytest.fixture(scope="module")
def story() -> Story:
    with Engine() as engine:
        return engine.align("s", [Version("a", A), Version("b", B)])


def test_evidence_has_a_row_a_token_and_a_column_a_name(story: Story) -> None:
    for row in story.rows:
        for version in row.cells:
            tokens, table = cell_evidence(story, row, version, ["a", "b"])
            assert table.shape == (len(tokens), len(COLUMNS))


def test_a_version_is_never_its_own_witness(story: Story) -> None:
    row = story.row_of["a", 0]
    _, table = cell_evidence(story, row, "a", ["a"])
    assert not table[:, COLUMNS.index("witnesses")].any()


def test_words_that_a_witness_shares_are_supported(story: Story) -> None:
    row = story.row_of["a", 0]
    tokens, table = cell_evidence(story, row, "a", ["a", "b"])
    same = {
        t.text: value for t, value in zip(tokens, table[:, COLUMNS.index("same_form")], strict=True)
    }
    assert same["mayor"] == 1.0
    assert same["."] == 0.0


def test_without_a_language_model_its_columns_are_unknown_not_zero(story: Story) -> None:
    row = story.row_of["a", 0]
    _, table = cell_evidence(story, row, "a", ["b"])
    assert np.isnan(table[:, OWN_COLUMNS.index("surprisal")]).all()


def test_neighbours_stop_at_the_border_of_a_sentence(story: Story) -> None:
    row = story.row_of["a", 0]
    _, table = cell_evidence(story, row, "a", ["b"])
    assert np.isnan(table[0, COLUMNS.index("previous_zipf")])
    assert np.isnan(table[-1, COLUMNS.index("next_zipf")])
    assert table[1, COLUMNS.index("previous_zipf")] == table[0, COLUMNS.index("zipf")]


@pytest.fixture(scope="module")
def trained() -> tuple[object, Forest, np.ndarray]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(7)
    table = rng.normal(size=(600, 3)).astype(np.float32)
    table[rng.random(table.shape) < 0.1] = np.nan
    label = np.nan_to_num(table[:, 0]) + np.nan_to_num(table[:, 1]) ** 2 > 0.7
    classifier = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(table, label)
    forest = loads(json.loads(to_text(dumps(classifier, ("x", "y", "z")))))
    return classifier, forest, table


VALUE = st.one_of(st.just(math.nan), st.floats(-4, 4, width=32))


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=30))
def test_stored_trees_agree_with_the_fitted_ones(
    trained: tuple[object, Forest, np.ndarray], rows: list[tuple[float, float, float]]
) -> None:
    classifier, forest, table = trained
    # only values from training: others may lie between a threshold and its rounded form
    known = table[[abs(hash(r)) % len(table) for r in rows]]
    expected = classifier.predict_proba(known)[:, 1]  # type: ignore[attr-defined]
    assert np.abs(forest.probability(known) - expected).max() < 1e-3
    other = np.array(rows, dtype=np.float32)
    inside = forest.probability(other)
    assert ((inside >= 0) & (inside <= 1)).all()


def test_a_forest_keeps_the_names_of_its_columns(
    trained: tuple[object, Forest, np.ndarray],
) -> None:
    assert trained[1].columns == ("x", "y", "z")
