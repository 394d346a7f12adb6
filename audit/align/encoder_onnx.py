"""Runs all-MiniLM-L6-v2 on ONNX Runtime: in float32, from the files that torch would read, or with
weights in eight bits (`audit.models.eight_bit`).

Neither torch nor transformers is loaded. The vectors of sentence-transformers are the truth that
tests hold it to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from audit.align.encoder import MAX_PIECES, Encoded
from audit.align.encoder_graph import encoder_graph, read_bert
from audit.models.graph import cells, session


class OnnxEncoder:
    """See `audit.align.encoder.Encoder`. Raises what ONNX Runtime and the tokenizer raise."""

    def __init__(
        self, folder: Path, threads: int | None = None, *, in_eight_bits: bool = False
    ) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_PIECES)
        self._tokenizer.no_padding()
        graph = encoder_graph(read_bert(folder, in_eight_bits=in_eight_bits))
        self._session = session(graph, folder, threads, rearranged=in_eight_bits)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """The mean of the vectors of all pieces is the text's, as the model was trained."""
        import numpy as np

        read = [self._tokenizer.encode(text) for text in texts]
        lengths = np.array([len(r.ids) for r in read])
        columns = np.arange(lengths.max())
        there = columns < lengths[:, None]
        (pieces,) = self._session.run(
            None,
            {
                "ids": np.concatenate([np.array(r.ids, np.int64) for r in read]),
                "positions": np.broadcast_to(columns, there.shape)[there],
                **cells(there),
                "sees": np.repeat(there[:, None, None], len(columns), axis=2),
            },
        )
        parts = np.split(pieces, np.cumsum(lengths)[:-1])
        return [
            Encoded(own.mean(axis=0), own, np.array(r.offsets, np.int64))
            for own, r in zip(parts, read, strict=True)
        ]
