"""Runs a causal language model on the processor: token ids in, surprisal of each token out.

How the work is laid out was measured with SmolLM2-135M (float32, one core, AVX-512, 62 tokens a
sequence, tokens per core-second): batches of 64 tokens 270, of 256 to 512 345, of 1,024 325;
output layer in chunks of 16 rows 276, of 64 345, of 128 357. AVX2 gives two thirds of that.
With the context read again for each sentence, that is 200 scored tokens or 175 words of news per
core-second. 114 variants of 8 short sentences: 10.9 s apart, 5.9 s with their beginnings shared.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from audit.errors import ModelError
from audit.models.processor import keep_loaded, prepare_torch
from audit.models.store import quiet_transformers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH_TOKENS = 384
HEAD_ROWS = 64
"""Half of the fastest: it spares 25 MB at the peak and costs 3 % of the time."""
WINDOW = 1024
"""Longest sequence given to a model: memory for attention grows with its square."""
SHARED_TOKENS = 512
"""Longest sequence whose beginning is shared: below every common sliding window."""
SHARED_LEAST = 4
"""Fewest sequences that share their beginning: three run as fast apart, in larger batches."""
SHARED_ROWS = 8
"""Most continuations of a shared beginning at once: each needs a copy of its keys and values."""

LIKELIEST = 96
"""Pieces kept of what a model expected at a place: of 42 right words on garbled pages that were
among the 256 likeliest, nine in ten were among these."""

T = TypeVar("T")
Ids = tuple[int, ...]
Job = tuple[Ids, Ids]
"""Ids that are given and ids whose surprisal is wanted; the given ones are never empty."""
Asked = Mapping[int, Ids]
"""Other ids whose surprisal is wanted too, by the place among the wanted ids where they would
stand."""


@dataclass(frozen=True, slots=True)
class ReadPieces:
    """What the model makes of each wanted id of a job, in order.

    `nats` has the surprisal of the id and of what else was asked there; `outlook` (ids, 3) the
    entropy in nats of what the model expected, the logarithm of 1 + the number of likelier ids, and
    the surprisal of the likeliest; `states` (ids, layers · width) the hidden states of the layers
    asked for, after the id has been read; `likeliest` and `likeliest_nats` (ids, LIKELIEST) the ids
    that the model expected most there, best first, with their surprisal.
    """

    nats: tuple[tuple[float, ...], ...]
    outlook: NDArray[np.float32]
    states: NDArray[np.float16]
    likeliest: NDArray[np.int64]
    likeliest_nats: NDArray[np.float32]


def joined(parts: Sequence[ReadPieces]) -> ReadPieces:
    """The windows of one long text as one."""
    import numpy as np

    if len(parts) == 1:
        return parts[0]
    if not parts:
        none = np.zeros((0, 0), np.float32)
        return ReadPieces(
            (), none.reshape(0, 3), none.astype(np.float16), none.astype(np.int64), none
        )
    return ReadPieces(
        tuple(row for p in parts for row in p.nats),
        np.concatenate([p.outlook for p in parts]),
        np.concatenate([p.states for p in parts]),
        np.concatenate([p.likeliest for p in parts]),
        np.concatenate([p.likeliest_nats for p in parts]),
    )


class CausalModel:
    """A transformers causal language model from a local folder, in float32.

    Raises ModelError if the folder does not hold one that transformers can read without
    running code of its own.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        prepare_torch(threads)
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            with quiet_transformers():
                model: Any = AutoModelForCausalLM.from_pretrained(
                    str(folder), dtype=torch.float32, local_files_only=True, use_safetensors=True
                )
                self._tokenizer: Any = AutoTokenizer.from_pretrained(
                    str(folder), local_files_only=True
                )
        except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as e:
            why = str(e).strip().split("\n", 1)[0]
            raise ModelError(f"{folder} cannot be loaded as a causal language model: {why}") from e
        if not self._tokenizer.is_fast:
            raise ModelError(f"{folder}: its tokenizer has no fast form, so offsets are unknown")
        self._model = model.eval()
        self._base, self._head = model.base_model, model.get_output_embeddings()
        starts = (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id, 0)
        self.start: int = next(i for i in starts if i is not None)
        self.window = min(WINDOW, getattr(model.config, "max_position_embeddings", WINDOW))
        self._pieces: dict[str, Ids] = {}
        self._plain_head = self._head_is_plain()
        self._can_share = self._plain_head and self._sharing_agrees()
        keep_loaded()

    def encode(self, text: str) -> tuple[Ids, tuple[tuple[int, int], ...]]:
        """Token ids of a text and the code points that each covers."""
        encoded = self._tokenizer(
            text, return_offsets_mapping=True, add_special_tokens=False, verbose=False
        )
        return tuple(encoded["input_ids"]), tuple(map(tuple, encoded["offset_mapping"]))

    def piece(self, word: str) -> int | None:
        """The id of a word in running text; None if it takes several."""
        ids = self.pieces(word)
        return ids[0] if len(ids) == 1 else None

    def pieces(self, word: str) -> Ids:
        """The ids of a word in running text."""
        if word not in self._pieces:
            self._pieces[word], _ = self.encode(f" {word}")
        return self._pieces[word]

    def surprisals(self, jobs: Sequence[Job]) -> list[tuple[float, ...]]:
        """Surprisal in nats of every wanted id of every job.

        Several jobs with the same given ids are run as continuations of the first of them, each
        from the first id in which it differs.
        """
        import torch

        alike: dict[Ids, list[int]] = defaultdict(list)
        for i, (given, wanted) in enumerate(jobs):
            if self._can_share and len(given) + len(wanted) <= SHARED_TOKENS:
                alike[given].append(i)
        groups = [group for group in alike.values() if len(group) >= SHARED_LEAST]
        together = {i for group in groups for i in group}
        results: list[tuple[float, ...]] = [()] * len(jobs)
        with torch.inference_mode():
            apart = [i for i in range(len(jobs)) if i not in together]
            for i, nats in self._plain(apart, jobs).items():
                results[i] = nats
            for group in groups:
                self._run_together(group, jobs, results)
        return results

    def read(
        self, jobs: Sequence[Job], asked: Sequence[Asked], layers: Sequence[int] = ()
    ) -> list[ReadPieces]:
        """Every wanted id of every job as the model reads it, and what else is asked there.

        It costs little more than `surprisals`: the model weighs all ids at every place.
        """
        import torch

        results: dict[int, ReadPieces] = {}
        lengths = {i: len(given) + len(wanted) for i, (given, wanted) in enumerate(jobs)}
        with torch.inference_mode():
            for batch in _batches(lengths, BATCH_TOKENS):
                results |= self._read_batch(batch, jobs, asked, layers)
        return [results[i] for i in range(len(jobs))]

    def _read_batch(
        self,
        batch: Sequence[int],
        jobs: Sequence[Job],
        asked: Sequence[Asked],
        layers: Sequence[int],
    ) -> Iterator[tuple[int, ReadPieces]]:

        hidden, kept = self._hidden(_padded(jobs[i][0] + jobs[i][1] for i in batch), layers)
        for row, i in enumerate(batch):
            given, wanted = jobs[i]
            places = [(row, len(given) - 1 + k) for k in range(len(wanted))]
            targets = [(id_, *asked[i].get(k, ())) for k, id_ in enumerate(wanted)]
            states = kept[row, len(given) : len(given) + len(wanted)].half().numpy()
            yield i, self._weighed(hidden, places, targets, states)

    def _plain(self, chosen: list[int], jobs: Sequence[Job]) -> dict[int, tuple[float, ...]]:
        """Surprisal of the wanted ids of the chosen jobs, each run by itself."""
        results: dict[int, tuple[float, ...]] = {}
        lengths = {i: len(jobs[i][0]) + len(jobs[i][1]) - 1 for i in chosen}
        for batch in _batches(lengths, BATCH_TOKENS):
            hidden, _ = self._hidden(_padded(jobs[i][0] + jobs[i][1][:-1] for i in batch))
            places: list[tuple[int, int]] = []
            targets: list[int] = []
            for row, i in enumerate(batch):
                given, wanted = jobs[i]
                places += [(row, len(given) - 1 + k) for k in range(len(wanted))]
                targets += wanted
            nats = iter(self._nats_of(hidden, places, targets))
            results |= {i: tuple(next(nats) for _ in jobs[i][1]) for i in batch}
        return results

    def _run_together(
        self, group: list[int], jobs: Sequence[Job], results: list[tuple[float, ...]]
    ) -> None:
        """Run the first job whole and of each other one only what follows their difference.

        The keys and values of the first sequence are kept. In a continuation, those at and
        after the difference are masked out and the new ids take their positions.
        """
        import torch

        given = jobs[group[0]][0]
        first = given + jobs[group[0]][1]
        out = self._base(torch.tensor([first]), use_cache=True)
        hidden, past = out.last_hidden_state, out.past_key_values
        own = list(zip([0] * len(first), range(len(given) - 1, len(first) - 1), strict=False))
        results[group[0]] = self._nats_of(hidden, own, first[len(given) :])
        whole = {i: jobs[i][0] + jobs[i][1] for i in group[1:]}
        split = {i: _common(first, ids) for i, ids in whole.items()}
        heads = [i for i in whole if split[i] < len(whole[i])]
        at_split = self._nats_of(
            hidden,
            [(0, split[i] - 1) for i in heads],
            [whole[i][split[i]] for i in heads],
        )
        tails: dict[int, tuple[float, ...]] = dict.fromkeys(whole, ())
        tails |= {i: (nat,) for i, nat in zip(heads, at_split, strict=True)}
        lengths = {i: len(whole[i]) - split[i] - 1 for i in heads}
        lengths = {i: n for i, n in lengths.items() if n}
        for batch in _batches(lengths, BATCH_TOKENS, SHARED_ROWS):
            ids = _padded(whole[i][split[i] : -1] for i in batch)
            starts = torch.tensor([[split[i]] for i in batch])
            keys = torch.arange(len(first))[None, :] < starts
            mask = torch.cat([keys, torch.ones_like(ids, dtype=torch.bool)], dim=1).long()
            cache = copy.deepcopy(past)
            cache.batch_repeat_interleave(len(batch))
            after = self._base(
                ids,
                attention_mask=mask,
                position_ids=starts + torch.arange(ids.shape[1])[None, :],
                past_key_values=cache,
                use_cache=True,
            ).last_hidden_state
            places = [(row, k) for row, i in enumerate(batch) for k in range(lengths[i])]
            targets = [t for i in batch for t in whole[i][split[i] + 1 :]]
            nats = iter(self._nats_of(after, places, targets))
            for i in batch:
                tails[i] += tuple(next(nats) for _ in range(lengths[i]))
        for i, tail in tails.items():
            results[i] = results[group[0]][: split[i] - len(given)] + tail

    def _hidden(self, ids: Any, layers: Sequence[int] = ()) -> tuple[Any, Any]:
        """What the output layer turns into logits (the logits themselves if it is not plain), and
        the hidden states of some layers side by side."""
        import torch

        # Padding stands on the right, where no earlier id sees it, so no mask is needed.
        model = self._base if self._plain_head else self._model
        out = model(ids, use_cache=False, output_hidden_states=bool(layers))
        hidden = out.last_hidden_state if self._plain_head else out.logits
        kept = [out.hidden_states[k] for k in layers] or [hidden[..., :0]]
        return hidden, torch.cat(kept, dim=-1)

    def _nats_of(
        self, hidden: Any, places: Sequence[tuple[int, int]], targets: Sequence[int]
    ) -> tuple[float, ...]:
        """Surprisal of each place's target id, predicted at (row, column) of the hidden states."""
        import torch

        nats: list[float] = []
        for logits, some in self._logits(hidden, places, targets):
            wanted = torch.tensor(some)[:, None]
            nats += (logits.logsumexp(-1) - logits.gather(1, wanted)[:, 0]).tolist()
        return tuple(nats)

    def _weighed(
        self,
        hidden: Any,
        places: Sequence[tuple[int, int]],
        targets: Sequence[Ids],
        states: NDArray[np.float16],
    ) -> ReadPieces:
        """Surprisal of each place's target ids, and what was expected there."""
        import torch

        nats: list[tuple[float, ...]] = []
        seen = []
        for logits, some in self._logits(hidden, places, targets):
            row = torch.tensor([r for r, ids in enumerate(some) for _ in ids])
            wanted = torch.tensor([id_ for ids in some for id_ in ids])
            log_p = logits.log_softmax(-1)
            found = iter((-log_p[row, wanted]).tolist())
            nats += [tuple(next(found) for _ in ids) for ids in some]
            own = log_p.gather(1, torch.tensor([ids[0] for ids in some])[:, None])
            entropy = -(log_p.exp() * log_p).sum(-1)
            better = (log_p > own).sum(-1).float().log1p()
            best, likeliest = log_p.topk(LIKELIEST)
            seen.append((torch.stack([entropy, better, -best[:, 0]], 1), likeliest, -best))
        outlook, likeliest, best = (torch.cat(s).numpy() for s in zip(*seen, strict=True))
        return ReadPieces(tuple(nats), outlook, states, likeliest, best)

    def _logits(
        self, hidden: Any, places: Sequence[tuple[int, int]], targets: Sequence[T]
    ) -> Iterator[tuple[Any, Sequence[T]]]:
        """The logits at some places at a time, with the targets there."""
        import torch

        for k in range(0, len(places), HEAD_ROWS):
            rows, columns = zip(*places[k : k + HEAD_ROWS], strict=True)
            logits = hidden[torch.tensor(rows), torch.tensor(columns)]
            yield self._head(logits) if self._plain_head else logits, targets[k : k + HEAD_ROWS]

    def _head_is_plain(self) -> bool:
        """Whether logits are the output layer's product alone (some models cap or scale them)."""
        import torch

        ids = torch.tensor([[self.start, *range(1, 8)]])
        with torch.inference_mode():
            ours = self._head(self._base(ids, use_cache=False).last_hidden_state)
            theirs = self._model(ids, use_cache=False).logits
        return bool(torch.allclose(ours, theirs, atol=1e-3))

    def _sharing_agrees(self) -> bool:
        """Whether continuing a kept beginning gives what a run of its own gives.

        It does for decoders with rotary or learned positions; others are run without sharing.
        """
        import torch

        given = (self.start, 5, 6, 7)
        jobs: list[Job] = [(given, (8, 9, 10, 11)), (given, (8, 12, 13)), (given, (9, 12, 13, 8))]
        shared: list[tuple[float, ...]] = [()] * len(jobs)
        with torch.inference_mode():
            plain = self._plain([0, 1, 2], jobs)
            try:
                self._run_together([0, 1, 2], jobs, shared)
            except (TypeError, ValueError, AttributeError, RuntimeError):
                return False
        apart = [n for i in range(len(jobs)) for n in plain[i]]
        pairs = zip(apart, (n for s in shared for n in s), strict=True)
        return all(abs(a - b) < 1e-2 for a, b in pairs)


def _common(a: Ids, b: Ids) -> int:
    """How many ids two sequences have in common from the beginning."""
    n = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        n += 1
    return n


def _batches(
    lengths: dict[int, int], tokens: int, rows: int | None = None
) -> Iterator[tuple[int, ...]]:
    """Keys in batches of similar length that hold at most so many ids, padding counted."""
    batch: list[int] = []
    for i in sorted(lengths, key=lambda i: lengths[i]):
        if batch and ((len(batch) + 1) * lengths[i] > tokens or len(batch) == rows):
            yield tuple(batch)
            batch = []
        batch.append(i)
    if batch:
        yield tuple(batch)


def _padded(sequences: Iterable[Ids]) -> Any:
    """A matrix of ids with zeros on the right."""
    import torch

    rows = [torch.tensor(s) for s in sequences]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
