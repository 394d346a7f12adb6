"""Runs a Llama on ONNX Runtime: in float32, from the files that transformers would read, or with
weights in eight bits (`audit.models.eight_bit`).

Neither torch nor transformers is loaded. In eight bits a copy of the weights that is rearranged for
the products ("prepacking") spares a tenth of the time and takes 135 MB in each process. In float32
it would spare 3 to 5 %, and take .6 s to load and 540 MB; there is none.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.measure.causal_graph import Llama, body_graph, output_graph
from audit.measure.prefix_tree import Batch, mask_of
from audit.models import eight_bit
from audit.models.graph import cells, session
from audit.models.processor import thread_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TOKENIZER_CLASSES = ("TokenizersBackend", "PreTrainedTokenizerFast")
"""Tokenizers that are just what tokenizer.json says; others are put together by transformers."""

AT_ONCE = 4
"""Most batches at the same time: each takes some 40 MB. Further threads are divided among them."""


class OnnxRuntime:
    """See `audit.measure.causal.Runtime`. Raises what ONNX Runtime and the tokenizer raise."""

    shares = True

    def __init__(self, folder: Path, llama: Llama, window: int, threads: int | None) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.start = _start(folder, self._tokenizer)
        self.window = min(window, llama.positions)
        self.batch_tokens = 256 if llama.turned else 512
        cores = thread_count(threads)
        self.at_once = min(cores, AT_ONCE)
        own = cores // self.at_once
        open_ = partial(session, folder=llama.folder, threads=own, rearranged=llama.turned)
        self._body = open_(body_graph(llama, window))
        self._output = open_(output_graph(llama))
        self._turn = eight_bit.turn_in(llama.folder) if llama.turned else None
        self._vocabulary = llama.vocabulary
        self._of_thread = threading.local()

    def encode(self, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """Token ids of a text and the code points that each covers."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return tuple(encoded.ids), tuple(encoded.offsets)

    def hidden(self, batch: Batch, layers: Sequence[int]) -> tuple[Floats, Floats]:
        """The last hidden state at each id, and those of some layers side by side. Of a turned
        Llama the last layer's lack the weights of its norm."""
        import numpy as np

        mask = batch.mask
        if mask is None:  # each id sees those before it
            length = batch.ids.shape[1]
            mask = mask_of(np.tri(length, dtype=bool)[None])
        names = [output.name for output in self._body.get_outputs()]
        last, *kept = self._body.run(
            [names[-1], *(names[k] for k in layers)],
            {
                "ids": batch.ids[batch.real],
                **cells(batch.real),
                "positions": batch.positions,
                "mask": mask[:, None],
            },
        )
        if self._turn is not None:
            kept = [states @ self._turn.T for states in kept]
        return last, np.concatenate(kept or [last[:, :0]], axis=-1)

    def logits(self, hidden: Floats) -> Floats:
        """What the output layer makes of some rows of hidden states, in memory that the next call
        of this thread uses again: to get 13 MB anew each time takes 7 % of the time to read."""
        import numpy as np

        kept: Floats | None = getattr(self._of_thread, "logits", None)
        if kept is None or len(kept) < len(hidden):
            kept = self._of_thread.logits = np.empty((len(hidden), self._vocabulary), np.float32)
        logits = kept[: len(hidden)]
        binding = self._output.io_binding()
        binding.bind_cpu_input("hidden", hidden)
        binding.bind_output("logits", "cpu", 0, np.float32, logits.shape, logits.ctypes.data)
        self._output.run_with_iobinding(binding)
        return logits


def has_plain_tokenizer(folder: Path) -> bool:
    """Whether tokenizer.json says all that there is to say about a folder's tokenizer."""
    config = _tokenizer_config(folder)
    return (folder / "tokenizer.json").is_file() and (
        config.get("tokenizer_class") in TOKENIZER_CLASSES
    )


def _tokenizer_config(folder: Path) -> dict[str, Any]:
    file = folder / "tokenizer_config.json"
    config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return config


def _start(folder: Path, tokenizer: Any) -> int:
    """The id that stands before every text: the start token's, else the end token's, else 0."""
    config = _tokenizer_config(folder)
    for name in ("bos_token", "eos_token"):
        token = config.get(name)
        token = token["content"] if isinstance(token, dict) else token
        if token is not None and (id_ := tokenizer.token_to_id(token)) is not None:
            return int(id_)
    return 0
