"""A Llama from a GGUF file is what transformers makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audit.errors import ModelError
from audit.measure.causal import CausalModel
from audit.measure.causal_torch import TorchRuntime
from audit.models import convert as converting
from audit.models import eight_bit, processor
from audit.models.convert import convert
from audit.models.sources import DEFAULT, SOURCES

SIZES = {"width": 64, "inner": 96, "layers": 2, "heads": 4, "key_heads": 2}
SOURCE = replace(SOURCES[DEFAULT], document_start="<|end|>")
TEXT = "The dam – 3.5 m high – gave way.\n\tTroops came 🌊 at once <|end|> <|im|> 東京"


def written(folder: Path, *, tied: bool, architecture: str = "llama") -> Path:
    """A small model with random weights, some of them in blocks of four bits."""
    from gguf import GGMLQuantizationType, GGUFWriter, quantize
    from tokenizers import pre_tokenizers

    file = folder / "model.gguf"
    tokens = ["<|end|>", "<|im|>", *sorted(pre_tokenizers.ByteLevel.alphabet()), "Ġt", "he", "Ġthe"]
    w = GGUFWriter(str(file), architecture)
    w.add_context_length(128)
    w.add_embedding_length(SIZES["width"])
    w.add_block_count(SIZES["layers"])
    w.add_feed_forward_length(SIZES["inner"])
    w.add_head_count(SIZES["heads"])
    w.add_head_count_kv(SIZES["key_heads"])
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_freq_base(10000.0)
    w.add_rope_dimension_count(SIZES["width"] // SIZES["heads"])
    w.add_vocab_size(len(tokens))
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("gpt-2")
    w.add_token_list(tokens)
    w.add_token_types([3, 3, *[1] * (len(tokens) - 2)])
    w.add_token_merges(["Ġ t", "h e", "Ġt he"])
    w.add_bos_token_id(1)
    w.add_eos_token_id(0)
    w.add_unk_token_id(0)
    w.add_pad_token_id(0)
    random = np.random.default_rng(7)

    def put(name: str, *shape: int) -> None:
        values = random.normal(0, 0.2, shape).astype(np.float32)
        if len(shape) == 2 and shape[1] % 32 == 0:
            kind = GGMLQuantizationType.Q4_1
            w.add_tensor(name, quantize(values, kind), raw_dtype=kind)
        else:
            w.add_tensor(name, values)

    keys = SIZES["width"] * SIZES["key_heads"] // SIZES["heads"]
    put("token_embd.weight", len(tokens), SIZES["width"])
    for k in range(SIZES["layers"]):
        put(f"blk.{k}.attn_norm.weight", SIZES["width"])
        put(f"blk.{k}.ffn_norm.weight", SIZES["width"])
        put(f"blk.{k}.attn_q.weight", SIZES["width"], SIZES["width"])
        put(f"blk.{k}.attn_k.weight", keys, SIZES["width"])
        put(f"blk.{k}.attn_v.weight", keys, SIZES["width"])
        put(f"blk.{k}.attn_output.weight", SIZES["width"], SIZES["width"])
        put(f"blk.{k}.ffn_gate.weight", SIZES["inner"], SIZES["width"])
        put(f"blk.{k}.ffn_up.weight", SIZES["inner"], SIZES["width"])
        put(f"blk.{k}.ffn_down.weight", SIZES["width"], SIZES["inner"])
    put("output_norm.weight", SIZES["width"])
    if not tied:
        put("output.weight", len(tokens), SIZES["width"])
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    return file


def silent(what: str, done: int, of: int) -> None:
    pass


@pytest.mark.parametrize("tied", [True, False])
def test_weights_and_tokens_are_those_of_transformers(tmp_path: Path, tied: bool) -> None:
    from safetensors.numpy import load_file

    gguf = written(tmp_path, tied=tied)
    convert(SOURCE, gguf, tmp_path / "own", silent)
    converting._convert_with_transformers(SOURCE, gguf, tmp_path / "theirs", silent)
    own, theirs = (load_file(tmp_path / x / "model.safetensors") for x in ("own", "theirs"))
    assert own.keys() == theirs.keys()
    assert all((own[name] == theirs[name]).all() for name in own)

    small = load_file(tmp_path / "own" / eight_bit.FILE)
    assert small.keys() == eight_bit.llama_weights(own, SIZES["layers"]).keys()

    fast, slow = CausalModel(tmp_path / "own"), TorchRuntime(tmp_path / "theirs", 128, None)
    assert fast.encode(TEXT) == slow.encode(TEXT)
    assert (fast.start, fast.window) == (slow.start, slow.window)

    said: list[dict[str, Any]] = [
        json.loads((tmp_path / x / "config.json").read_text()) for x in ("own", "theirs")
    ]
    assert {k: said[1][k] for k in said[0]} == said[0]


def test_another_kind_of_model_needs_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "_TORCH", ("no_such_library",))
    gguf = written(tmp_path, tied=True, architecture="qwen2")
    with pytest.raises(
        ModelError, match=r"needs no_such_library; run: pip install 'mtaudit\[torch\]'"
    ):
        convert(SOURCE, gguf, tmp_path / "own", silent)
