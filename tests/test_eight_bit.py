"""Weights in eight bits: what they say, and that a model reads with them as it does without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from scipy.linalg import block_diag, hadamard
from test_causal import BYTES, cut_weights, edits, llama, saved

from audit.config import Settings
from audit.errors import ModelError
from audit.measure.causal import CausalModel, Job
from audit.measure.surprisal import SurprisalModel
from audit.models.eight_bit import EMBEDDINGS, FILE, RECIPE, SCALE, TURN, llama_weights
from audit.models.processor import multiplies_bytes
from audit.models.store import DEFAULT, locate
from audit.pipeline import Engine

LAYERS = 3
FAST = pytest.mark.skipif(
    not multiplies_bytes(), reason="the processor has no instructions for products of bytes"
)
"""Elsewhere the sums of such products overflow, so mtaudit makes none."""


def with_bytes(folder: Path, made: Any) -> Path:
    """A folder with a Llama in float32 and in eight bits."""
    saved(folder, made)
    weights = load_file(folder / "model.safetensors")
    save_file(llama_weights(weights, LAYERS), str(folder / FILE))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_bytes(tmp_path_factory.mktemp("llama"), llama())


def jobs() -> list[Job]:
    return [*edits((0, *BYTES[:20]), BYTES[20:]), ((0,), BYTES), ((0, *BYTES[9:30]), BYTES[:3])]


@pytest.mark.parametrize("tied", [True, False])
def test_turned_back_they_are_the_weights_to_half_a_step(tmp_path: Path, tied: bool) -> None:
    made = llama(tie_word_embeddings=tied)
    for name, values in made.named_parameters():
        if "norm" in name:  # as a model has learnt them, not all one
            values.data += values.data.new_tensor(np.random.default_rng(1).random(len(values)))
    with_bytes(tmp_path, made)
    real, small = load_file(tmp_path / "model.safetensors"), load_file(tmp_path / FILE)
    turn = small[TURN]
    assert turn @ turn.T == pytest.approx(np.eye(len(turn)), abs=1e-5)

    def said(name: str) -> Any:
        return small[name].T * small[name + SCALE][:, None]

    norms = {
        "input_layernorm": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        "post_attention_layernorm": ("mlp.gate_proj", "mlp.up_proj"),
    }
    truth = {
        f"model.layers.{k}.{name}.weight": (
            real[f"model.layers.{k}.{name}.weight"] * real[f"model.layers.{k}.{norm}.weight"]
        )
        @ turn
        for k in range(LAYERS)
        for norm, names in norms.items()
        for name in names
    }
    for k in range(LAYERS):
        for name in ("self_attn.o_proj", "mlp.down_proj"):
            added = f"model.layers.{k}.{name}.weight"
            truth[added] = turn.T @ real[added]
        spread = block_diag(*[hadamard(32) / np.sqrt(32)] * 3)
        truth[f"model.layers.{k}.mlp.down_proj.weight"] @= spread
    head = real["model.embed_tokens.weight" if tied else "lm_head.weight"]
    truth["lm_head.weight"] = (head * real["model.norm.weight"]) @ turn
    for name, values in truth.items():
        half = small[name + SCALE][:, None] / 2
        assert (abs(said(name) - values) <= half * 1.001).all(), name
    ones = [name for name in small if "norm" in name]
    assert len(ones) == 2 * LAYERS + 1
    assert all((small[name] == 1).all() for name in ones)
    embedded = small[EMBEDDINGS].reshape(len(real[EMBEDDINGS]), -1, 32)
    steps = small[EMBEDDINGS + SCALE][..., None]
    off = abs(embedded * steps - real[EMBEDDINGS].reshape(embedded.shape))
    assert (off <= steps / 2 * 1.001).all()
    assert len(small) == 2 * len(truth) + len(ones) + 3


@given(seed=st.integers(0, 2**32 - 1))
def test_embeddings_that_a_gguf_file_keeps_in_eight_bits_stay_as_they_are(seed: int) -> None:
    chance = np.random.default_rng(seed)
    whole = chance.integers(-127, 128, (50, 2, 32))
    whole[..., 0] = 127 * chance.choice((-1, 1), (50, 2))
    steps = chance.uniform(1e-4, 1, (50, 2)).astype(np.float16).astype(np.float32)
    kept = (whole * steps[..., None]).astype(np.float32).reshape(50, 64)
    weights = {EMBEDDINGS: kept, "model.norm.weight": np.ones(64, np.float32)}
    made = llama_weights(weights, 0)
    assert (made[EMBEDDINGS] == whole.reshape(50, 64)).all()
    assert (made[EMBEDDINGS + SCALE] == steps).all()


def test_the_default_models_embeddings_are_the_same_to_the_last_bit() -> None:
    folder = locate(DEFAULT)
    real, small = load_file(folder / "model.safetensors"), load_file(folder / FILE)
    steps = np.repeat(small[EMBEDDINGS + SCALE], 32, axis=1)
    assert (small[EMBEDDINGS] * steps == real[EMBEDDINGS]).all()


@FAST
def test_it_reads_what_the_model_reads(folder: Path) -> None:
    exact = CausalModel(folder, 1).read([(a, (b,)) for a, b in jobs()], [{}] * 6, (0, 1, 2))
    model = CausalModel(folder, 1, in_eight_bits=True)
    found = model.read([(a, (b,)) for a, b in jobs()], [{}] * 6, (0, 1, 2))
    for truth, own in zip(exact, found, strict=True):
        a, b = (np.array([row[0] for row in x.nats]) for x in (truth, own))
        assert abs(a - b).mean() < 0.2
        states, turned_back = (x.states.astype(float).ravel() for x in (truth, own))
        assert np.corrcoef(states, turned_back)[0, 1] > 0.99


@FAST
def test_what_is_read_does_not_depend_on_what_else_is(folder: Path) -> None:
    model = CausalModel(folder, 1, in_eight_bits=True)
    together = model.surprisals(jobs())
    for job, nats in zip(jobs(), together, strict=True):
        assert model.surprisals([job])[0] == pytest.approx(nats, abs=1e-3)


@FAST
def test_the_default_model_reads_nearly_the_same(real: SurprisalModel, seeds: Path) -> None:
    text = next(iter(sorted(seeds.glob("*.txt")))).read_text(encoding="utf-8")
    items = [("", line) for line in text.split("\n") if len(line) > 40][:12]
    small = SurprisalModel(eight_bit=True)
    assert small.in_eight_bits and not real.in_eight_bits
    a, b = (np.array([n for s in m.score(items) for n in s.nats]) for m in (real, small))
    assert np.corrcoef(a, b)[0, 1] > 0.997
    assert abs(a - b).mean() < 0.15


@FAST
def test_the_signature_says_so_and_a_setting_forbids_it(real: SurprisalModel) -> None:
    allowed, forbidden = Settings(grammar=False), Settings(grammar=False, eight_bit=False)
    assert allowed.digest() == forbidden.digest()
    digests = []
    for settings in (allowed, forbidden):
        with Engine(settings) as engine:
            model = engine.surprisal_model
            assert isinstance(model, SurprisalModel)
            digests.append(model.digest)
    assert digests == [f"{real.digest}-{RECIPE}", real.digest]


@FAST
def test_what_was_read_in_float32_is_not_taken_for_it(real: SurprisalModel) -> None:
    item = [("", "The uranium digger said so on Monday.")]
    exact = real.score(item)[0].nats
    assert SurprisalModel(eight_bit=True).score(item)[0].nats != exact
    assert SurprisalModel().score(item)[0].nats == exact


def test_a_folder_without_them_is_read_in_float32(tmp_path: Path) -> None:
    model = SurprisalModel(str(saved(tmp_path, llama())), eight_bit=True)
    assert not model.in_eight_bits
    assert model.total([("", "a word")])[0] > 0


def test_a_damaged_file_is_a_model_error(tmp_path: Path) -> None:
    with_bytes(tmp_path, llama())
    cut_weights(tmp_path, FILE)
    with pytest.raises(ModelError, match="cannot be loaded as a causal language model"):
        CausalModel(tmp_path, 1, in_eight_bits=True)


@given(cores=st.integers(1, 4), has=st.booleans())
def test_the_processor_is_asked(
    tmp_path_factory: pytest.TempPathFactory, cores: int, has: bool
) -> None:
    root = tmp_path_factory.mktemp("root")
    assert not multiplies_bytes(root)
    (root / "proc").mkdir()
    flags = "flags\t\t: fpu avx2 avx512f" + (" avx512_vnni" if has else " avx512_vnnix")
    (root / "proc" / "cpuinfo").write_text("\n\n".join([f"processor\t: 0\n{flags}"] * cores))
    assert multiplies_bytes(root) == has
