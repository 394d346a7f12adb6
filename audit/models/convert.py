"""Turns a GGUF file into safetensors, a configuration and a tokenizer, and float32 into eight bits.

A Llama with a byte-level BPE tokenizer, such as the default model, is converted here with numpy
alone; other models by transformers, in torch. Weights, configuration and tokens are those that
transformers makes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.errors import ModelError
from audit.models import eight_bit
from audit.models.processor import prepare_torch
from audit.models.sources import Source
from audit.models.store import quiet_transformers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how much of it is done, how much there is in all)."""

_OF_A_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_OF_THE_MODEL = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
"""Names of weights in a GGUF file, and in transformers."""

_CONTROL = 3
"""Type of a token that stands for no text, in a GGUF file."""


def convert(source: Source, gguf: Path, into: Path, report: Progress) -> None:
    """Write a model's folder. Raises ModelError if torch is needed and missing."""
    from gguf import GGUFReader

    reader = GGUFReader(gguf)
    said = {name: field.contents() for name, field in reader.fields.items()}
    if (said["general.architecture"], said["tokenizer.ggml.model"]) != ("llama", "gpt2"):
        _convert_with_transformers(source, gguf, into, report)
        return
    into.mkdir()
    weights = _weights(reader.tensors, said)
    report("converting", 1, 3)
    _write(weights, into / "model.safetensors")
    _write(eight_bit.llama_weights(weights, said["llama.block_count"]), into / eight_bit.FILE)
    report("converting", 2, 3)
    _write_json(_configuration(said, tied="lm_head.weight" not in weights), into / "config.json")
    _tokenizer(said).save(str(into / "tokenizer.json"))
    tokens: Sequence[str] = said["tokenizer.ggml.tokens"]
    _write_json(
        {
            "bos_token": source.document_start,
            "eos_token": tokens[said["tokenizer.ggml.eos_token_id"]],
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
        into / "tokenizer_config.json",
    )


def add_eight_bits(folder: Path) -> None:
    """Write the weights in eight bits of the BERT in a folder beside those in float32."""
    from safetensors.numpy import load_file

    weights = load_file(str(folder / "model.safetensors"))
    _write(eight_bit.bert_weights(weights), folder / eight_bit.FILE)


def _weights(tensors: Sequence[Any], said: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    """The weights under transformers' names."""
    from gguf import dequantize

    heads = {
        "attn_q": said["llama.attention.head_count"],
        "attn_k": said["llama.attention.head_count_kv"],
    }
    found = {}
    for tensor in tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        name = _OF_THE_MODEL.get(tensor.name)
        if name is None:
            _, layer, part, _ = tensor.name.split(".")
            name = f"model.layers.{layer}.{_OF_A_LAYER[part]}.weight"
            if part in heads:
                values = _halves(values, heads[part])
        found[name] = values
    return found


def _halves(values: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of a head in the order of transformers, which turns its first half with its second;
    llama.cpp turns neighbours."""
    pairs = values.reshape(heads, -1, 2, values.shape[1])
    return pairs.swapaxes(1, 2).reshape(values.shape)


def _write(weights: Mapping[str, NDArray[np.generic]], file: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    whole = {name: np.ascontiguousarray(values) for name, values in weights.items()}
    save_file(whole, str(file), metadata={"format": "pt"})


def _configuration(said: Mapping[str, Any], *, tied: bool) -> dict[str, Any]:
    """What transformers calls a model's configuration."""
    width, heads = said["llama.embedding_length"], said["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "bos_token_id": said["tokenizer.ggml.bos_token_id"],
        "dtype": "float32",
        "eos_token_id": said["tokenizer.ggml.eos_token_id"],
        "head_dim": said.get("llama.rope.dimension_count", width // heads),
        "hidden_act": "silu",
        "hidden_size": width,
        "intermediate_size": said["llama.feed_forward_length"],
        "max_position_embeddings": said["llama.context_length"],
        "model_type": "llama",
        "num_attention_heads": heads,
        "num_hidden_layers": said["llama.block_count"],
        "num_key_value_heads": said["llama.attention.head_count_kv"],
        "rms_norm_eps": said["llama.attention.layer_norm_rms_epsilon"],
        "rope_parameters": {"rope_theta": said["llama.rope.freq_base"], "rope_type": "default"},
        "tie_word_embeddings": tied,
        "vocab_size": len(said["tokenizer.ggml.tokens"]),
    }


def _tokenizer(said: Mapping[str, Any]) -> Any:
    """Byte-level BPE (Radford et al. 2019)."""
    from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE

    tokens, types = said["tokenizer.ggml.tokens"], said["tokenizer.ggml.token_type"]
    merges = [tuple(merge.split(" ")) for merge in said["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(BPE({token: id_ for id_, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, types, strict=True) if kind == _CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in control])
    return tokenizer


def _write_json(content: Mapping[str, Any], file: Path) -> None:
    file.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _convert_with_transformers(source: Source, gguf: Path, into: Path, report: Progress) -> None:
    try:
        prepare_torch(None)
    except ModelError as e:
        raise ModelError(f"model {source.name} cannot be converted: {e}") from e
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {
        "pretrained_model_name_or_path": str(gguf.parent),
        "gguf_file": gguf.name,
        "local_files_only": True,
    }
    auto: Any = AutoModelForCausalLM
    with quiet_transformers():
        # The GGUF reader draws a bar of its own that cannot be turned off.
        with redirect_stderr(io.StringIO()):
            read = auto.from_pretrained(**where, dtype=torch.float32)
        report("converting", 1, 3)
        # A model read from GGUF refuses to be saved, so its values go into a plain one.
        del read.config.quantization_config
        plain = auto.from_config(read.config, dtype=torch.float32)
        plain.load_state_dict(read.state_dict())
        plain.save_pretrained(into)
        report("converting", 2, 3)
        tokenizer = AutoTokenizer.from_pretrained(**where)
        tokenizer.bos_token = source.document_start
        tokenizer.save_pretrained(into)
