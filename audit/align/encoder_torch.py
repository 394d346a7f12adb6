"""Runs any sentence encoder that sentence-transformers knows, in torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audit.align.encoder import MAX_PIECES, Encoded
from audit.models.processor import keep_loaded, prepare_torch


class TorchEncoder:
    """See `audit.align.encoder.Encoder`. `model` is a name or a path; with `offline` nothing is
    fetched. Raises OSError or ValueError if it cannot be loaded."""

    def __init__(self, model: str, threads: int | None, *, offline: bool) -> None:
        prepare_torch(threads)
        from sentence_transformers import SentenceTransformer

        self._model: Any = SentenceTransformer(model, device="cpu", local_files_only=offline)
        self._model.max_seq_length = MAX_PIECES
        keep_loaded()

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """The text's vector is what the model makes of all of it."""
        import numpy as np
        import torch

        given = self._model.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=MAX_PIECES,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        spans = given.pop("offset_mapping").numpy()
        with torch.inference_mode():
            found = self._model(dict(given))
        whole = found["sentence_embedding"].numpy().astype(np.float32)
        pieces = found["token_embeddings"].numpy().astype(np.float32)
        return [Encoded(*own) for own in zip(whole, pieces, spans, strict=True)]
