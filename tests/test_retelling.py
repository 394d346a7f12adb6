"""Cells read after a witness: whom, how much, and what it shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engines import engine

from audit.align.witnesses import LONGEST_CELL, choose
from audit.judge.doubts import RETOLD, TRIED
from audit.judge.evidence import COLUMNS, cell_evidence
from audit.measure.retelling import with_retellings
from audit.measure.surprisal import SurprisalModel
from audit.model import Story, Version
from audit.model.evidence import Retelling

TEXTS = {
    "a": "The ferry left the port at noon. Nobody was hurt in the collision.",
    "b": "The ferry left the harbour at noon. No one was hurt in the collision.",
    "c": "The liner sailed from the port at midday. No one was injured.",
}


def laid(texts: dict[str, str]) -> Story:
    return engine().align("s", [Version(*v) for v in texts.items()])


def retold(real: SurprisalModel, *stories: Story) -> list[dict[tuple[str, str], Retelling]]:
    return [dict(s.retellings) for s in with_retellings(stories, real)]


def test_every_token_of_a_cell_and_of_its_witness_is_read(real: SurprisalModel) -> None:
    story = laid(TEXTS)
    (found,) = retold(real, story)
    assert set(found) == {(row.id, v) for row in story.rows for v in row.cells}
    for row in story.rows:
        for version in row.cells:
            key = story.witnesses[row.id, version].key
            assert key is not None and key != version
            own = found[row.id, version]
            for nats, v in ((own.own, version), (own.theirs, key)):
                assert len(nats) == sum(len(s.tokens) for s in story.cell(row, v))
                assert all(n >= 0 for n in nats)


def test_sentences_of_one_cell_are_read_together_token_by_token(real: SurprisalModel) -> None:
    long = "The ferry left the port at noon and hit a pier, but nobody was hurt in the collision."
    cut = "The ferry left the port at noon and hit a pier. But nobody was hurt in the collision."
    story = laid({"a": long, "b": cut})
    (two,) = [row for row in story.rows if len(row.cells.get("b", ())) == 2]
    found = retold(real, story)[0][two.id, "b"]
    words = [t.text for s in story.cell(two, "b") for t in s.tokens]
    assert len(found.own) == len(words)
    second = dict(zip(words[words.index("But") :], found.own[words.index("But") :], strict=True))
    assert max(second[w] for w in ("was", "hurt", "collision")) < 2


def test_what_the_witness_has_is_expected_and_what_it_lacks_is_not(real: SurprisalModel) -> None:
    story = laid({"a": TEXTS["a"].replace("port", "wallet"), "b": TEXTS["a"]})
    row = story.row_of["a", 0]
    words = [t.text for s in story.cell(row, "a") for t in s.tokens]
    nats = dict(zip(words, retold(real, story)[0][row.id, "a"].own, strict=True))
    assert nats["wallet"] > 5
    assert max(n for w, n in nats.items() if w in ("ferry", "left", "noon")) < 3


def test_what_only_the_witness_has_is_unexpected_there(real: SurprisalModel) -> None:
    text = "The ferry left the port at noon. Nobody on the ferry or in the port was hurt by fire."
    story = laid({"a": text.replace(" by fire", ""), "b": text})
    (story,) = with_retellings([replace(story, surprisal=dict(surprisals(story)))], real)
    row = story.row_of["a", 1]
    table = cell_evidence(story, row, "a")
    words = [t.text for s in story.cell(row, "a") for t in s.tokens]
    after = dict(zip(words, table[:, COLUMNS.index("untold_after")], strict=True))
    assert after["hurt"] > 3
    assert after["Nobody"] == 0


def surprisals(story: Story) -> list[tuple[str, tuple[tuple[float, ...], ...]]]:
    """One nat for every token."""
    return [(v, tuple((1.0,) * len(s.tokens) for s in own)) for v, own in story.sentences.items()]


def test_the_key_witness_is_most_like_the_others_or_else_the_version() -> None:
    likeness = {("b", "c"): 0.9, ("b", "d"): 0.8, ("c", "d"): 0.5, ("a", "b"): 0.1, ("a", "c"): 0.3}
    assert choose("a", ["b", "c", "d"], likeness).key == "b"
    assert choose("a", ["b", "c"], likeness).key == "c"
    assert choose("a", ["b"], {}).key == "b"
    assert choose("a", [], likeness).key is None


def test_witnesses_are_as_alike_as_their_pairs_in_the_mean() -> None:
    likeness = {("b", "c"): 0.9, ("b", "d"): 0.8, ("c", "d"): 0.4, ("a", "b"): 0.1}
    assert choose("a", ["b", "c", "d"], likeness).likeness == pytest.approx(0.7)
    assert choose("a", ["b"], likeness).likeness is None


def test_a_text_alone_and_an_endless_sentence_are_retold_by_nobody(real: SurprisalModel) -> None:
    endless = " ".join(["and the old boat left the port"] * (LONGEST_CELL // 6)) + "."
    alone, long = laid({"a": TEXTS["a"]}), laid({"a": endless, "b": endless.replace("old", "new")})
    assert retold(real, alone, long) == [{}, {}]


def test_company_changes_nothing(real: SurprisalModel) -> None:
    story, other = laid(TEXTS), laid({"a": TEXTS["b"], "b": TEXTS["c"]})
    (alone,) = retold(real, story)
    _, beside = retold(real, other, story)
    assert set(alone) == set(beside)
    for place, t in alone.items():
        assert t.own == pytest.approx(beside[place].own, abs=1e-3)
        assert t.theirs == pytest.approx(beside[place].theirs, abs=1e-3)


def test_only_chosen_cells_are_read_and_the_witness_only_where_it_is_asked_for(
    real: SurprisalModel,
) -> None:
    story = laid(TEXTS)
    every = retold(real, story)[0]
    first, second, *_ = every
    (chosen,) = with_retellings([story], real, [{first: True, second: False}])
    assert set(chosen.retellings) == {first, second}
    assert chosen.retellings[first].own == pytest.approx(every[first].own, abs=1e-3)
    assert chosen.retellings[first].theirs == pytest.approx(every[first].theirs, abs=1e-3)
    assert chosen.retellings[second].own == pytest.approx(every[second].own, abs=1e-3)
    assert chosen.retellings[second].theirs is None


def test_what_nobody_doubts_is_not_read_again_and_what_is_doubted_is() -> None:
    text = TEXTS["a"] + " The captain told reporters that the crew would be questioned on Friday."
    garbled = text.replace("told reporters", "counted journalists")
    (story,) = engine().stories([("s", [Version("a", garbled), Version("b", text)])], "doubt")
    assert story.retellings
    for row in story.rows:
        for version, cell in row.cells.items():
            doubt = max(d.any for i in cell for d in story.doubts[version, i])
            if doubt >= TRIED:
                assert (row.id, version) in story.retellings
    undoubted = {(row.id, v) for row in story.rows for v in row.cells} - set(story.retellings)
    assert undoubted
    for row_id, version in undoubted:
        cell = next(row for row in story.rows if row.id == row_id).cells[version]
        assert max(d.any for i in cell for d in story.doubts[version, i]) < RETOLD
