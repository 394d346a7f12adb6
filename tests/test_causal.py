"""The causal model: ONNX Runtime reads what transformers reads, whatever lies in the folder."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ModelError
from audit.measure.causal import CausalModel, Job, Parts
from audit.measure.causal_onnx import OnnxRuntime
from audit.measure.causal_torch import TorchRuntime
from audit.measure.prefix_tree import PrefixTree, laid_out
from audit.measure.surprisal import SurprisalModel
from audit.measure.weighing import LIKELIEST, surprisals, weighed

SEED = Path(__file__).resolve().parent.parent / "seeds"


def saved(folder: Path, model: Any, start: str = "<s>") -> Path:
    """A folder with a model and a tokenizer of bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(
        models.BPE(vocab={start: 0} | {c: i for i, c in enumerate(alphabet, 1)}, merges=[])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=start).save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


def llama(**other: Any) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    sizes: dict[str, Any] = {
        "vocab_size": 257,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 96,
        "initializer_range": 0.2,
    }
    return LlamaForCausalLM(LlamaConfig(**(sizes | other)))


def gpt2() -> Any:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(7)
    return GPT2LMHeadModel(
        GPT2Config(vocab_size=257, n_positions=96, n_embd=32, n_layer=2, n_head=2)
    )


def read_by_transformers(
    folder: Path, jobs: list[Job], layers: tuple[int, ...]
) -> list[tuple[Any, Any]]:
    """Logarithms of probabilities before each wanted id, and the hidden states after it."""
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32).eval()
    found = []
    for given_, wanted in jobs:
        with torch.inference_mode():
            out = model(torch.tensor([given_ + wanted]), output_hidden_states=True)
        first, end = len(given_), len(given_) + len(wanted)
        states = torch.cat([out.hidden_states[k][0, first:end] for k in layers], -1)
        found.append((out.logits[0, first - 1 : end - 1].log_softmax(-1).numpy(), states.numpy()))
    return found


def agrees(model: CausalModel, folder: Path, jobs: list[Job], layers: tuple[int, ...]) -> None:
    truth = read_by_transformers(folder, jobs, layers)
    alone: list[Parts] = [(given_, (wanted,)) for given_, wanted in jobs]
    read = model.read(alone, [{0: (7, 9)}] * len(jobs), layers)
    nats = model.surprisals(jobs)
    for (_, wanted), (log_p, states), pieces, own in zip(jobs, truth, read, nats, strict=True):
        expected = -log_p[range(len(wanted)), wanted]
        assert own == pytest.approx(expected, abs=1e-3)
        assert [row[0] for row in pieces.nats] == pytest.approx(expected, abs=1e-3)
        assert pieces.nats[0][1:] == pytest.approx(-log_p[0, [7, 9]], abs=1e-3)
        entropy = -(np.exp(log_p) * log_p).sum(-1)
        better = np.log1p((log_p > -expected[:, None]).sum(-1))
        assert pieces.outlook[:, 0] == pytest.approx(entropy, abs=1e-3)
        assert pieces.outlook[:, 1] == pytest.approx(better, abs=0.7)  # a tie lost or won
        assert np.median(abs(pieces.outlook[:, 1] - better)) < 1e-3
        assert pieces.outlook[:, 2] == pytest.approx(-log_p.max(-1), abs=1e-3)
        best = -np.sort(-log_p, axis=-1)[:, :LIKELIEST]
        assert -pieces.likeliest_nats == pytest.approx(best, abs=1e-3)
        at = np.take_along_axis(log_p, pieces.likeliest, -1)
        assert at == pytest.approx(best, abs=1e-3)
        size = abs(states).max(-1, keepdims=True)
        assert (abs(pieces.states.astype(float) - states) / size).max() < 1e-3


def edits(given_: tuple[int, ...], ids: tuple[int, ...]) -> list[Job]:
    """A text, and variants of it that part from it at several places and go on alike."""
    cuts = (1, len(ids) // 2, len(ids) - 2)
    return [(given_, ids), *((given_, (*ids[:k], ids[k] + 1, *ids[k + 1 :])) for k in cuts)]


BYTES = tuple(1 + b % 90 for b in b"The uranium digger said so on Monday, and nobody minded.")


@pytest.mark.parametrize(
    ("name", "runtime"),
    [
        ("llama", OnnxRuntime),
        ("tied", OnnxRuntime),
        ("narrow", TorchRuntime),
        ("biased", TorchRuntime),
        ("bfloat16", TorchRuntime),
        ("gpt2", TorchRuntime),
    ],
)
def test_any_model_is_read_as_transformers_reads_it(
    name: str, runtime: type, tmp_path: Path
) -> None:
    import torch

    made = {
        "llama": llama,
        "tied": lambda: llama(tie_word_embeddings=True, rope_theta=500.0),
        "narrow": lambda: llama(num_attention_heads=8),
        "biased": lambda: llama(attention_bias=True),
        "bfloat16": lambda: llama().to(torch.bfloat16),
        "gpt2": gpt2,
    }[name]()
    folder = saved(tmp_path / name, made)
    model = CausalModel(folder, 1)
    assert type(model._runtime) is runtime
    assert model._runtime.shares
    assert model.window == 96
    jobs = [*edits((0, *BYTES[:20]), BYTES[20:]), ((0,), BYTES), ((0, *BYTES[9:30]), BYTES[:3])]
    agrees(model, folder, jobs, (0, 1, 2))


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_each_part_of_a_text_is_read_after_the_one_before_it(name: str, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    folder = saved(tmp_path / name, llama() if name == "llama" else gpt2())
    given_, parts = (0, *BYTES[:7]), (BYTES[7:19], BYTES[19:22], BYTES[22:40], BYTES[40:])
    ids = [*given_, *(i for part in parts for i in part)]
    part_of = [0] * len(given_) + [n for n, part in enumerate(parts, 1) for _ in part]
    seen = torch.tensor(
        [
            [j <= i and (j == 0 or part_of[j] >= part_of[i] - 1) for j in range(len(ids))]
            for i in range(len(ids))
        ]
    )
    transformer: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32)
    with torch.inference_mode():
        logits = transformer.eval()(
            torch.tensor([ids]),
            attention_mask=torch.where(seen, 0.0, torch.finfo(torch.float32).min)[None, None],
            position_ids=torch.arange(len(ids))[None],
        ).logits[0]
    log_p = logits.log_softmax(-1).numpy()
    places = range(len(given_), len(ids))
    short: Parts = ((0,), (BYTES[:3],))
    found, other = CausalModel(folder, 1).read([(given_, parts), short], [{20: (7,)}, {}])
    assert [row[0] for row in found.nats] == pytest.approx(
        [-log_p[k - 1, ids[k]] for k in places], abs=1e-3
    )
    assert found.nats[20][1] == pytest.approx(-log_p[len(given_) + 19, 7], abs=1e-3)
    assert len(other.nats) == 3


def test_threads_that_read_at_once_read_what_one_reads(tmp_path: Path) -> None:
    folder = saved(tmp_path, llama(max_position_embeddings=600))
    jobs: list[Job] = [((0, *BYTES[:k]), BYTES * (1 + k % 7)) for k in range(1, 40)]
    parts: list[Parts] = [(given_, (wanted,)) for given_, wanted in jobs]
    one, three = CausalModel(folder, 1), CausalModel(folder, 3)
    assert (one._runtime.at_once, three._runtime.at_once) == (1, 3)
    assert one.surprisals(jobs) == three.surprisals(jobs)
    for a, b in zip(*(m.read(parts, [{}] * len(jobs), (1, 2)) for m in (one, three)), strict=True):
        assert a.nats == b.nats
        assert (a.states == b.states).all()
        assert (a.likeliest == b.likeliest).all()


def test_the_default_model_is_read_as_transformers_reads_it(real: SurprisalModel) -> None:
    model = CausalModel(real.folder, 1)
    assert isinstance(model._runtime, OnnxRuntime)
    text = next(iter(sorted(SEED.glob("*.txt")))).read_text(encoding="utf-8")
    texts = [line for part in text.split("\n") for line in part.split(". ") if len(line) > 20][:12]
    ids = [model.encode(f" {t}")[0] for t in texts]
    jobs: list[Job] = [((model.start, *a), b) for a, b in pairwise(ids)]
    jobs += edits(*jobs[3])
    agrees(model, real.folder, jobs, (12, 20, 30))


def test_tokens_are_those_of_transformers(real: SurprisalModel) -> None:
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(str(real.folder))
    model = CausalModel(real.folder, 1)
    assert model.start == tokenizer.bos_token_id
    for text in ("", " a b", "Ἰθάκη 😀\u200d🔥 1,648\t“so”\n<|endoftext|> <|im_end|>x", "naïve  é"):
        theirs = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
        ids, spans = model.encode(text)
        assert list(ids) == theirs["input_ids"]
        assert list(spans) == list(map(tuple, theirs["offset_mapping"]))


def test_the_default_model_needs_neither_torch_nor_transformers(real: SurprisalModel) -> None:
    code = (
        "import sys; from pathlib import Path; from audit.measure.causal import CausalModel;"
        "m = CausalModel(Path(sys.argv[1])); m.read([((0, 5), ((6, 7),))], [{}], (12,));"
        "m.surprisals([((0, 5), (6, 7))]); print({'torch', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(real.folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
    assert done.stderr == ""


def cut_weights(folder: Path, name: str = "model.safetensors") -> None:
    file = folder / name
    file.write_bytes(file.read_bytes()[:-4])


def lose_a_layer(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 4}))


def change_a_shape(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_key_value_heads": 4}))


def spoil_the_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def spoil_the_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


@pytest.mark.parametrize(
    "harm", [cut_weights, lose_a_layer, change_a_shape, spoil_the_tokenizer, spoil_the_config]
)
def test_a_damaged_folder_is_a_model_error(harm: Any, tmp_path: Path) -> None:
    folder = saved(tmp_path / "model", llama())
    harm(folder)
    with pytest.raises(ModelError, match=r"model cannot be loaded as a causal language model: ."):
        CausalModel(folder, 1)


SEQUENCES = st.lists(
    st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple), min_size=1, max_size=6
)


@given(SEQUENCES)
def test_a_tree_shows_each_id_its_own_sequence_alone(sequences: list[tuple[int, ...]]) -> None:
    tree = PrefixTree()
    for key, ids in enumerate(sequences):
        common = tree.common(ids)
        before = len(tree)
        tree.add(key, ids)
        assert len(tree) == before + len(ids) - common
    sees = tree.sees()
    for key, ids in enumerate(sequences):
        path = tree.paths[key]
        assert tuple(tree.ids[k] for k in path) == ids
        assert [tree.positions()[k] for k in path] == list(range(len(ids)))
        for n, column in enumerate(path):
            assert set(np.flatnonzero(sees[column])) == set(path[: n + 1])
    batch = laid_out([tree, tree])
    assert (batch.mask is None) == (not tree.branches)
    assert batch.ids[batch.real].tolist() == tree.ids * 2


@given(
    st.lists(st.integers(-40, 40), min_size=LIKELIEST, max_size=700),
    st.lists(st.integers(0, LIKELIEST - 1), min_size=1, max_size=3),
)
def test_weighing_is_the_softmax_and_its_best(values: list[int], asked: list[int]) -> None:
    row = np.array(values, np.float32) / 2
    log_p = row.astype(float) - np.log(np.exp(row.astype(float)).sum())
    (nats,), ((entropy, better, best),), (likeliest,), (likeliest_nats,) = weighed(
        row[None].copy(), [asked]
    )
    assert nats == pytest.approx(-log_p[asked], abs=1e-4)
    assert surprisals(row[None].copy(), [asked])[0] == pytest.approx(nats, abs=1e-4)
    assert entropy == pytest.approx(-(np.exp(log_p) * log_p).sum(), abs=1e-3)
    assert better == pytest.approx(math.log1p((row > row[asked[0]]).sum()))
    assert best == pytest.approx(-log_p.max(), abs=1e-4)
    assert likeliest_nats == pytest.approx(np.sort(-log_p)[:LIKELIEST], abs=1e-4)
    assert -log_p[likeliest] == pytest.approx(likeliest_nats, abs=1e-4)
    assert len(set(likeliest.tolist())) == LIKELIEST
