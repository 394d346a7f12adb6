"""Runs any causal language model that transformers knows, in torch and float32."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.measure.prefix_tree import Batch, PrefixTree, laid_out
from audit.models.processor import keep_loaded, prepare_torch
from audit.models.store import quiet_transformers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


class TorchRuntime:
    """See `audit.measure.causal.Runtime`. Raises what transformers raises for a damaged folder,
    ValueError if its tokenizer cannot say which characters a piece covers."""

    batch_tokens = 512
    at_once = 1

    def __init__(self, folder: Path, window: int, threads: int | None) -> None:
        prepare_torch(threads)
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        with quiet_transformers():
            model: Any = AutoModelForCausalLM.from_pretrained(
                str(folder), dtype=torch.float32, local_files_only=True, use_safetensors=True
            )
            self._tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        if not self._tokenizer.is_fast:
            raise ValueError("its tokenizer has no fast form, so offsets are unknown")
        self._model = model.eval()
        self._base, self._head = model.base_model, model.get_output_embeddings()
        starts = (self._tokenizer.bos_token_id, self._tokenizer.eos_token_id, 0)
        self.start: int = next(i for i in starts if i is not None)
        self.window = min(window, getattr(model.config, "max_position_embeddings", window))
        self._plain_head = self._head_is_plain()
        self.shares = self._sharing_agrees()
        keep_loaded()

    def encode(self, text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """Token ids of a text and the code points that each covers."""
        encoded = self._tokenizer(
            text, return_offsets_mapping=True, add_special_tokens=False, verbose=False
        )
        return tuple(encoded["input_ids"]), tuple(map(tuple, encoded["offset_mapping"]))

    def hidden(self, batch: Batch, layers: Sequence[int]) -> tuple[Floats, Floats]:
        """The last hidden state at each id (its logits if the output layer is not plain), and the
        hidden states of some layers side by side."""
        import torch

        model = self._base if self._plain_head else self._model
        given: dict[str, Any] = {"use_cache": False, "output_hidden_states": bool(layers)}
        if batch.mask is not None:
            given |= {
                "attention_mask": torch.from_numpy(batch.mask)[:, None],
                "position_ids": torch.from_numpy(batch.positions),
            }
        with torch.inference_mode():
            out = model(torch.from_numpy(batch.ids), **given)
            last = out.last_hidden_state if self._plain_head else out.logits
            kept = [out.hidden_states[k] for k in layers] or [last[..., :0]]
            states: Floats = torch.cat(kept, dim=-1).numpy()[batch.real]
            return last.numpy()[batch.real], states

    def logits(self, hidden: Floats) -> Floats:
        """What the output layer makes of some rows of hidden states."""
        import torch

        if not self._plain_head:
            return hidden
        with torch.inference_mode():
            logits: Floats = self._head(torch.from_numpy(hidden)).numpy()
        return logits

    def _head_is_plain(self) -> bool:
        """Whether logits are the output layer's product alone (some models cap or scale them)."""
        import torch

        ids = torch.tensor([[self.start, *range(1, 8)]])
        with torch.inference_mode():
            ours = self._head(self._base(ids, use_cache=False).last_hidden_state)
            theirs = self._model(ids, use_cache=False).logits
        return bool(torch.allclose(ours, theirs, atol=1e-3))

    def _sharing_agrees(self) -> bool:
        """Whether two ends of one beginning, laid out in one row, are read as each alone.

        It holds for decoders that take positions and a mask as they are given; others are run
        without sharing.
        """
        import numpy as np

        one, other = (self.start, 5, 6, 7), (self.start, 5, 8, 9)
        both, alone = PrefixTree(), PrefixTree()
        both.add(0, one)
        both.add(1, other)
        alone.add(1, other)
        try:
            branch, _ = self.hidden(laid_out([both]), ())
        except (TypeError, ValueError, AttributeError, RuntimeError, IndexError):
            return False
        plain, _ = self.hidden(laid_out([alone]), ())
        return bool(np.allclose(branch[both.paths[1]], plain, atol=1e-2))
