"""Runs a causal language model on the processor: token ids in, surprisal of each token out.

Jobs are laid out in batches here, and what comes out is weighed; the model itself runs on ONNX
Runtime where it is a Llama (`audit.measure.causal_onnx`), else in torch. docs/benchmarks.md has
what was measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from audit.errors import ModelError
from audit.measure.causal_graph import read_llama
from audit.measure.causal_onnx import OnnxRuntime, has_plain_tokenizer
from audit.measure.causal_torch import TorchRuntime
from audit.measure.prefix_tree import Batch, Chain, Ids, PrefixTree, R, batches, laid_out
from audit.measure.weighing import surprisals, weighed
from audit.models.processor import in_threads

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

SMALL_BATCH = 256
"""Ids of a batch where two larger ones would hold all that is wanted, so that several threads have
something to do."""
TREE_TOKENS = 512
"""Most ids of a row of several sequences."""
HEAD_ROWS = 64
"""Twice as many take 1 % less time and 12 MB more."""
WINDOW = 1024
"""Longest sequence given to a model: memory for attention grows with its square."""
SHARED_TOKENS = 512
"""Longest sequence whose beginning is shared: below every common sliding window."""
SHARED_LEAST = 8
"""Fewest ids in common for which two sequences are laid out in one row: attention to a longer row
costs as much as a few ids."""

KNOWN_WORDS = 20_000
"""Most words whose ids are kept, 3 MB."""

Job = tuple[Ids, Ids]
"""Ids that are given and ids whose surprisal is wanted; the given ones are never empty."""
Parts = tuple[Ids, tuple[Ids, ...]]
"""Ids that are given, never empty, and parts of a text whose surprisal is wanted. Each part is read
after the one before it alone; the first one after what is given."""
Asked = Mapping[int, Ids]
"""Other ids whose surprisal is wanted too, by the place among the wanted ids where they would
stand."""


@dataclass(frozen=True, slots=True)
class ReadPieces:
    """What the model makes of each wanted id, in order.

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

    def __getitem__(self, some: slice) -> ReadPieces:
        """Those of some ids."""
        return ReadPieces(
            self.nats[some],
            self.outlook[some],
            self.states[some],
            self.likeliest[some],
            self.likeliest_nats[some],
        )

    @staticmethod
    def joined(parts: Sequence[ReadPieces]) -> ReadPieces:
        """Several as one; there is one at least."""
        import numpy as np

        return ReadPieces(
            tuple(row for p in parts for row in p.nats),
            np.concatenate([p.outlook for p in parts]),
            np.concatenate([p.states for p in parts]),
            np.concatenate([p.likeliest for p in parts]),
            np.concatenate([p.likeliest_nats for p in parts]),
        )


class Runtime(Protocol):
    """A loaded model. `start` is the id before every text, `window` the most ids of a sequence,
    `shares` whether rows with branches are read right, `batch_tokens` the ids of a batch that it
    computes best, `at_once` how many threads may give it a batch at the same time."""

    start: int
    window: int
    shares: bool
    batch_tokens: int
    at_once: int

    def encode(self, text: str) -> tuple[Ids, tuple[tuple[int, int], ...]]:
        """Token ids of a text and the code points that each covers."""

    def hidden(
        self, batch: Batch, layers: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What `logits` takes at each id of a batch, row after row without the padding
        (ids, width), and the hidden states of some layers side by side."""

    def logits(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        """The logits after some ids (ids, vocabulary), an array that may be written to. It holds
        them until the next call of the same thread."""


class CausalModel:
    """A causal language model from a local folder, in float32 or with weights in eight bits
    (`audit.models.eight_bit`), which the folder must hold.

    Raises ModelError if the folder does not hold one that can be read without running code of
    its own.
    """

    def __init__(
        self, folder: Path, threads: int | None = None, *, in_eight_bits: bool = False
    ) -> None:
        self._runtime = open_runtime(folder, threads, in_eight_bits=in_eight_bits)
        self.start, self.window = self._runtime.start, self._runtime.window
        self.shares = self._runtime.shares
        self._pieces: dict[str, Ids] = {}

    def encode(self, text: str) -> tuple[Ids, tuple[tuple[int, int], ...]]:
        """Token ids of a text and the code points that each covers."""
        return self._runtime.encode(text)

    def piece(self, word: str) -> int | None:
        """The id of a word in running text; None if it takes several."""
        ids = self.pieces(word)
        return ids[0] if len(ids) == 1 else None

    def pieces(self, word: str) -> Ids:
        """The ids of a word in running text."""
        if word not in self._pieces:
            if len(self._pieces) == KNOWN_WORDS:
                self._pieces.clear()
            self._pieces[word], _ = self.encode(f" {word}")
        return self._pieces[word]

    def surprisals(self, jobs: Sequence[Job]) -> list[tuple[float, ...]]:
        """Surprisal in nats of every wanted id of every job.

        Jobs with the same given ids share their cost and that of what else they begin with.
        """
        return self._of_all(lambda batch: self._score_batch(batch, jobs), self._trees(jobs))

    def _score_batch(
        self, batch: Sequence[PrefixTree], jobs: Sequence[Job]
    ) -> dict[int, tuple[float, ...]]:
        hidden, _ = self._runtime.hidden(laid_out(batch), ())
        where = {
            i: [start + column for column in path[len(jobs[i][0]) - 1 :]]
            for start, tree in _with_starts(batch)
            for i, path in tree.paths.items()
        }
        asked: dict[int, dict[int, float]] = defaultdict(dict)
        for i, places in where.items():
            for place, id_ in zip(places, jobs[i][1], strict=True):
                asked[place][id_] = 0.0
        for some, logits in self._logits(hidden, list(asked)):
            found = surprisals(logits, [list(asked[place]) for place in some])
            for place, nats in zip(some, found, strict=True):
                asked[place] = dict(zip(asked[place], nats, strict=True))
        return {
            i: tuple(asked[place][id_] for place, id_ in zip(places, jobs[i][1], strict=True))
            for i, places in where.items()
        }

    def read(
        self, jobs: Sequence[Parts], asked: Sequence[Asked], layers: Sequence[int] = ()
    ) -> list[ReadPieces]:
        """Every wanted id of every job as the model reads it, and what else is asked there, by the
        place among the wanted ids of all parts.

        It costs little more than `surprisals`: the model weighs all ids at every place. Several
        parts take a runtime that `shares`.
        """
        chains = [Chain(i, given, parts) for i, (given, parts) in enumerate(jobs)]
        return self._of_all(lambda batch: self._read_batch(batch, jobs, asked, layers), chains)

    def _of_all(self, work: Callable[[Sequence[R]], dict[int, T]], rows: Sequence[R]) -> list[T]:
        """What some work makes of the jobs in each batch of rows, by their numbers; job after job.

        How rows are dealt to batches does not depend on the number of threads.
        """
        usual = self._runtime.batch_tokens
        few = sum(map(len, rows)) < 2 * usual
        results: dict[int, T] = {}
        dealt = batches(rows, SMALL_BATCH if few else usual)
        for found in in_threads(work, dealt, self._runtime.at_once):
            results |= found
        return [results[i] for i in range(len(results))]

    def _read_batch(
        self,
        batch: Sequence[Chain],
        jobs: Sequence[Parts],
        asked: Sequence[Asked],
        layers: Sequence[int],
    ) -> dict[int, ReadPieces]:
        import numpy as np

        hidden, kept = self._runtime.hidden(laid_out(batch), layers)
        wanted: dict[int, range] = {}
        targets: list[Ids] = []
        for start, chain in _with_starts(batch):
            given, parts = jobs[chain.key]
            wanted[chain.key] = range(start + len(given), start + len(chain))
            others = asked[chain.key]
            ids = (id_ for part in parts for id_ in part)
            targets += [(id_, *others.get(k, ())) for k, id_ in enumerate(ids)]
        before = [place - 1 for own in wanted.values() for place in own]
        rest = iter(targets)
        found = [
            weighed(logits, [next(rest) for _ in places])
            for places, logits in self._logits(hidden, before)
        ]
        nats, *seen = zip(*found, strict=True)
        every = tuple(row for some in nats for row in some)
        outlook, likeliest, best = (np.concatenate(parts) for parts in seen)
        states = kept[[place for own in wanted.values() for place in own]].astype(np.float16)
        pieces = ReadPieces(every, outlook, states, likeliest, best)
        ends = accumulate(map(len, wanted.values()))
        return {
            i: pieces[end - len(own) : end]
            for (i, own), end in zip(wanted.items(), ends, strict=True)
        }

    def _trees(self, jobs: Sequence[Job]) -> list[PrefixTree]:
        """The jobs, less the last id of each, with the same beginnings in one row."""
        trees: list[PrefixTree] = []
        open_: dict[Ids, PrefixTree] = {}
        for i, (given, wanted) in enumerate(jobs):
            ids = given + wanted[:-1]
            if not self._runtime.shares or len(ids) > SHARED_TOKENS:
                trees.append(_alone(i, ids))
                continue
            tree = open_.get(given)
            common = tree.common(ids) if tree else 0
            if tree and common >= SHARED_LEAST and len(tree) + len(ids) - common <= TREE_TOKENS:
                tree.add(i, ids)
                continue
            trees.append(_alone(i, ids))
            if not tree or common >= SHARED_LEAST:
                open_[given] = trees[-1]
        return trees

    def _logits(
        self, hidden: NDArray[np.float32], places: Sequence[int]
    ) -> Iterator[tuple[Sequence[int], NDArray[np.float32]]]:
        """The logits at some places at a time."""
        for k in range(0, len(places), HEAD_ROWS):
            some = places[k : k + HEAD_ROWS]
            yield some, self._runtime.logits(hidden[some])


def open_runtime(folder: Path, threads: int | None, *, in_eight_bits: bool = False) -> Runtime:
    """Load the model in a folder on ONNX Runtime if its graph is known here, else in torch."""
    try:
        plain = has_plain_tokenizer(folder)
        llama = read_llama(folder, in_eight_bits=in_eight_bits) if plain else None
        if llama is None:
            return TorchRuntime(folder, WINDOW, threads)
        return OnnxRuntime(folder, llama, WINDOW, threads)
    except Exception as e:
        why = str(e).strip().split("\n", 1)[0]
        raise ModelError(f"{folder} cannot be loaded as a causal language model: {why}") from e


def _alone(i: int, ids: Ids) -> PrefixTree:
    tree = PrefixTree()
    tree.add(i, ids)
    return tree


def _with_starts(batch: Sequence[R]) -> Iterator[tuple[int, R]]:
    """The rows of a batch, each with how many ids stand before it."""
    start = 0
    for row in batch:
        yield start, row
        start += len(row)
