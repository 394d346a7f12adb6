"""Surprisal: sums, spans and independence of batching on a tiny model; facts on the real one."""

from __future__ import annotations

import math
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.errors import ModelError
from audit.language.base import Plain
from audit.language.en import ENGLISH
from audit.measure import surprisal
from audit.measure.causal import CausalModel, Parts
from audit.measure.expectation import Expectation, excess, expected
from audit.measure.memory import Scores
from audit.measure.passages import Passage
from audit.measure.surprisal import ReadSentence, SurprisalModel
from audit.model import Sentence, Token


@pytest.fixture(scope="module", params=["onnx", "torch"])
def tiny_folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A random Llama of two layers that reads bytes, with a window of 96 ids.

    Its heads are 16 wide for ONNX Runtime, and 8, which is not covered, for torch.
    """
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<s>": 0} | {c: i for i, c in enumerate(alphabet, 1)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>").save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2 if request.param == "onnx" else 4,
        num_key_value_heads=1 if request.param == "onnx" else 2,
        max_position_embeddings=96,
        initializer_range=0.5,
        bos_token_id=0,
        eos_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> SurprisalModel:
    return SurprisalModel(str(tiny_folder))


def sentence(text: str, start: int = 0) -> Sentence:
    """A sentence whose tokens are its words, at an offset in its version."""
    tokens, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        tokens.append(Token(start + at, start + at + len(word), word))
        at += len(word)
    return Sentence("v", 0, start, start + len(text), text, "body", tuple(tokens))


def read(model: SurprisalModel, context: str, text: str) -> list[ReadSentence]:
    return model.read([(Passage(context, (sentence(text),)), ENGLISH)])


TEXTS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40
)
SLOW = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOW
@given(context=TEXTS, text=TEXTS)
def test_word_surprisals_sum_to_the_sentence(tiny: SurprisalModel, context: str, text: str) -> None:
    one = sentence(text, start=11)
    words = tiny.read([(Passage(context, (one,)), ENGLISH)])[0].nats
    assert len(words) == len(one.tokens)
    if one.tokens:
        assert math.isclose(sum(words), tiny.total([(context, text)])[0], rel_tol=1e-6)


@SLOW
@given(items=st.lists(st.tuples(st.sampled_from(["", "Before.", "Else"]), TEXTS), max_size=8))
def test_scores_do_not_depend_on_what_else_is_scored(
    tiny_folder: Path, tiny: SurprisalModel, items: list[tuple[str, str]]
) -> None:
    alone = [tiny.score([item])[0] for item in items]
    together = SurprisalModel.__new__(SurprisalModel)
    together.__dict__ = {**tiny.__dict__, "_scores": type(tiny._scores)()}
    for a, b in zip(alone, together.score(items), strict=True):
        assert a.spans == b.spans
        assert a.nats == pytest.approx(b.nats, abs=1e-3)


@SLOW
@given(text=TEXTS)
def test_spans_cover_every_character_in_order(tiny: SurprisalModel, text: str) -> None:
    (scores,) = tiny.score([("Before.", text)])
    covered = {i for start, end in scores.spans for i in range(start, end)}
    assert covered >= {i for i, c in enumerate(text) if not c.isspace()}
    assert max(covered) < len(text)
    assert [s for s, _ in scores.spans] == sorted(s for s, _ in scores.spans)
    assert all(n >= 0 for n in scores.nats)


def test_shared_beginnings_give_what_separate_runs_give(tiny: SurprisalModel) -> None:
    base = "The uranium digger said so."
    variants = [base, base.replace("digger", "producer"), base[:9], base + " Twice.", "No."]
    fresh = SurprisalModel(str(tiny.folder))
    assert fresh._model._runtime.shares
    together = fresh.score([("Before.", v) for v in variants])
    for variant, scores in zip(variants, together, strict=True):
        alone = SurprisalModel(str(tiny.folder)).score([("Before.", variant)])[0]
        assert scores.nats == pytest.approx(alone.nats, abs=1e-3)


def fresh(model: SurprisalModel) -> SurprisalModel:
    """The same model with nothing kept in the process or on disk."""
    other = SurprisalModel(str(model.folder))
    other.__dict__ |= {"_model": model._model, "_memory": Nowhere()}
    return other


class Nowhere:
    """Keeps nothing."""

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Scores]:
        return {}

    def put(self, scores: Mapping[bytes, Scores]) -> None:
        pass


@SLOW
@given(texts=st.lists(TEXTS.filter(str.strip), min_size=2, max_size=4))
def test_a_sentence_is_read_the_same_whatever_comes_after_it(
    tiny: SurprisalModel, texts: list[str]
) -> None:
    sentences = tuple(map(sentence, texts))
    whole = fresh(tiny).read([(Passage("Before.", sentences), ENGLISH)])
    part = fresh(tiny).read([(Passage("Before.", sentences[:-1]), ENGLISH)])
    for a, b in zip(whole, part, strict=False):
        assert a.nats == pytest.approx(b.nats, abs=1e-3)
    (first,) = fresh(tiny).read([(Passage("Before.", sentences[:1]), ENGLISH)])
    assert whole[0].nats == pytest.approx(first.nats, abs=1e-3)


def test_what_was_read_is_not_read_again_and_a_changed_end_is(tiny: SurprisalModel) -> None:
    model = fresh(tiny)
    old, new = (tuple(map(sentence, ("One here.", "Two there.", end))) for end in ("A.", "B."))
    before = model.read([(Passage("", old), ENGLISH)])
    model.__dict__["_model"] = None
    assert model.read([(Passage("", old), ENGLISH)]) == before
    assert model.read([(Passage("", old[:2]), ENGLISH)]) == before[:2]
    with pytest.raises(AttributeError):
        model.read([(Passage("", new), ENGLISH)])


def test_passages_are_read_some_at_a_time_and_alike(
    tiny: SurprisalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["Twelve here.", "Four", "Twenty-four pieces long", "x" * 130, "y"]
    passages = [(Passage("", (sentence(text),)), ENGLISH) for text in texts]
    together = fresh(tiny).read(passages)
    read, held = CausalModel.read, []

    def counted(model: CausalModel, jobs: Sequence[Parts], *rest: Any) -> Any:
        held.append(sum(len(part) for _, parts in jobs for part in parts))
        return read(model, jobs, *rest)

    monkeypatch.setattr(CausalModel, "read", counted)
    monkeypatch.setattr(surprisal, "READ_AT_ONCE", 24)
    found = fresh(tiny).read(passages)
    assert held == [16, 23, 130, 1]
    for a, b in zip(found, together, strict=True):
        assert a.nats == pytest.approx(b.nats, abs=1e-3)
        assert a.alternatives == b.alternatives


def test_empty_text_has_no_surprisal(tiny: SurprisalModel) -> None:
    (scores,) = tiny.score([("Before.", "")])
    assert (scores.spans, scores.nats, scores.total) == ((), (), 0)


def test_text_beyond_the_window_is_scored_whole(tiny: SurprisalModel) -> None:
    text = "abc " * 100
    (scores,) = tiny.score([("", text)])
    assert len(scores.nats) == len(text) > tiny._model.window
    (start,) = tiny.score([("", text[:40])])
    assert scores.nats[:40] == pytest.approx(start.nats, abs=1e-3)


def test_emoji_is_one_token_of_several_pieces(tiny: SurprisalModel) -> None:
    (scores,) = tiny.score([("", "a 😀 b")])
    of_emoji = sum(
        n for (a, b), n in zip(scores.spans, scores.nats, strict=True) if a < 3 and b > 2
    )
    words = tiny.read([(Passage("", (sentence("a 😀 b", start=5),)), ENGLISH)])[0].nats
    assert words[1] >= of_emoji * 0.7
    assert len(words) == 3


def test_context_is_read_and_not_scored(tiny: SurprisalModel) -> None:
    with_context, without = tiny.score([("Something else.", "a word"), ("", "a word")])
    assert len(with_context.nats) == len(without.nats) + 1  # the space between them
    assert with_context.total != pytest.approx(without.total)


@SLOW
@given(context=st.sampled_from(["", "Before."]), text=TEXTS)
def test_asking_for_alternatives_changes_no_surprisal(
    tiny: SurprisalModel, context: str, text: str
) -> None:
    (plain,), (asked,) = tiny.score([(context, text)]), read(tiny, context, text)
    assert sum(asked.nats) == pytest.approx(plain.total if text.strip() else 0.0, abs=1e-2)


def test_alternatives_are_found_beyond_the_window(real: SurprisalModel) -> None:
    filler = "The council met again on Monday and agreed on nothing. " * 110
    (long,) = read(real, "", filler + "They drove theirs car home.")
    start = len(filler) + len("They drove ")
    assert (start, start + len("theirs"), "their") in {
        (a.start, a.end, a.text) for a in long.alternatives
    }


def test_an_alternative_gains_what_its_beginning_gains(real: SurprisalModel) -> None:
    (found,) = read(real, "It was noon.", "They drove theirs car home.")
    best = next(a for a in found.alternatives if (a.start, a.end) == (11, 17))
    beginnings = [("It was noon.", f"They drove {w}") for w in ("theirs", best.text)]
    there, other = real.total(beginnings)
    assert best.gain == pytest.approx(there - other, abs=0.01)


def test_digest_changes_with_the_files(tiny_folder: Path, tmp_path: Path) -> None:
    before = SurprisalModel(str(tiny_folder)).digest
    other = tmp_path / "other"
    other.mkdir()
    for file in tiny_folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert SurprisalModel(str(other)).digest == before
    (other / "config.json").write_text((other / "config.json").read_text() + "\n")
    assert SurprisalModel(str(other)).digest != before


def test_damaged_weights_are_a_model_error(tiny_folder: Path, tmp_path: Path) -> None:
    for file in tiny_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        SurprisalModel(str(tmp_path)).score([("", "a")])


def test_scoring_asks_no_network(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert SurprisalModel(str(tiny_folder)).total([("", "a word")])[0] > 0


def test_real_model_prefers_the_right_name(real: SurprisalModel) -> None:
    context = "Washington has imposed new sanctions."
    wrong, right = real.total(
        [
            (context, f"U.S. Secretary of State {name} said so on Monday.")
            for name in ("Anthony Brinken", "Antony Blinken")
        ]
    )
    assert wrong - right > 10


def test_real_model_prefers_the_right_term(real: SurprisalModel) -> None:
    wrong, right = (
        read(real, "", f"Kazakhstan is the world's largest uranium {word} and exporter.")[0]
        for word in ("digger", "producer")
    )
    assert wrong.nats[6] - right.nats[6] > 5


def test_the_reader_doubts_a_word_that_does_not_fit(real: SurprisalModel) -> None:
    (found,) = read(real, "", "On Monday the troops Shoot Suppress the protest in the capital.")
    doubts = [d.serious for d in found.doubts]
    assert len(doubts) == len(found.nats)
    assert max(doubts[4:6]) > 5 * doubts[1]
    assert all(0 <= d.any <= 1 for d in found.doubts)


def usual(text: str, *, first: bool = False) -> Expectation:
    found = expected(text, ENGLISH, first=first)
    assert found
    return found


def test_rare_words_names_and_numbers_are_expected_to_surprise() -> None:
    common, rare = usual("house"), usual("threnody")
    assert rare.mean - common.mean > 5
    assert rare.spread > common.spread
    assert usual("Tokayev").mean > usual("tokayev").mean - 1 > common.mean
    assert usual("1,648").mean > usual("16").mean
    assert usual("Protests", first=True).mean > usual("protests").mean
    assert usual("—").mean < 3


def test_excess_is_judged_by_class_and_place() -> None:
    read = sentence("The 4,581 ministers met Zhanibek .")
    lines = [usual(t.text, first=i == 0) for i, t in enumerate(read.tokens)]
    assert excess(read.tokens, [x.mean for x in lines], ENGLISH) == pytest.approx([0] * 6)
    more = [x.mean + x.spread for x in lines]
    assert excess(read.tokens, more, ENGLISH) == pytest.approx([1] * 6)
    assert excess(read.tokens, more, Plain()) == (0,) * 6


@given(st.text(min_size=1, max_size=30), st.booleans())
def test_every_token_has_an_expectation(text: str, first: bool) -> None:
    line = usual(text, first=first)
    assert line.mean > 0
    assert line.spread > 0
