"""Sentence and word vectors from one forward pass of a sentence encoder.

all-MiniLM-L6-v2 runs on ONNX Runtime (`audit.align.encoder_onnx`), any other in torch.
docs/benchmarks.md has what was measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from audit.errors import ModelError
from audit.model import Kept, Sentence
from audit.models.eight_bit import RECIPE, is_used

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audit.align.encoder import Encoder

_WEIGHTS = "model.safetensors"

BATCH_PIECES = 512
"""Pieces per forward pass, padding included: larger ones take as long and more memory."""


@dataclass(frozen=True)
class SentenceVectors:
    """Unit vectors of one sentence.

    `sentence` has shape (dim,), `tokens` (number of tokens, dim). The row of a token that the
    model does not see (punctuation it drops, words past its window) is zero.
    """

    sentence: NDArray[np.float32]
    tokens: NDArray[np.float32]


class Embedder:
    """A sentence encoder, loaded on first use.

    `model` is a name or path that sentence-transformers accepts; None means all-MiniLM-L6-v2
    (Wang et al. 2020; Reimers & Gurevych 2019) as `mtaudit models fetch` brings it. `threads` are
    those of its runtime (see `audit.models.processor`). `loaded` is called when the model has been
    loaded. Vectors are kept in `kept`, where there is one; they are some 40 kB a sentence.
    `eight_bit` lets all-MiniLM-L6-v2 compute with weights in eight bits where the processor is fast
    with them.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        offline: bool = False,
        threads: int | None = None,
        loaded: Callable[[], None] | None = None,
        kept: Kept | None = None,
        eight_bit: bool = False,
    ) -> None:
        self.name = model or "all-MiniLM-L6-v2"
        self._model = model
        self._offline = offline
        self._threads = threads
        self._loaded = loaded
        self._kept = kept
        self._eight_bit = eight_bit

    @cached_property
    def in_eight_bits(self) -> bool:
        """Whether its weights are read in eight bits. Raises ModelError if the default model is
        missing or damaged."""
        from audit.models.store import ENCODER, locate

        return self._model is None and is_used(locate(ENCODER), allowed=self._eight_bit)

    @cached_property
    def digest(self) -> str:
        """Ten hexadecimal digits of the weights, of the name where they are not a local file; and
        whether they are read in eight bits."""
        from audit.models.store import ENCODER, locate, read_manifest, sha256_of

        if self._model is None:
            weights_digest = str(read_manifest(locate(ENCODER))[_WEIGHTS]["sha256"][:10])
            return weights_digest + (f"-{RECIPE}" if self.in_eight_bits else "")
        weights = Path(self._model) / _WEIGHTS
        if not weights.is_file():
            return hashlib.sha256(self.name.encode()).hexdigest()[:10]
        return sha256_of(weights)[:10]

    def encode(self, sentences: Sequence[Sentence]) -> list[SentenceVectors]:
        """Vectors of sentences, in their order; those that are the same are encoded once. Raises
        ModelError if the model cannot be loaded."""
        keys = [_key(s) for s in sentences]
        by_key = dict(zip(keys, sentences, strict=True))
        found = self._known(by_key)
        new = {k: s for k, s in by_key.items() if k not in found}
        made = dict(zip(new, self._encode(list(new.values())), strict=True))
        if self._kept is not None:
            self._kept.put(self._kind, {k: _packed(v) for k, v in made.items()})
        found |= made
        return [found[k] for k in keys]

    @property
    def _kind(self) -> str:
        from audit.align.encoder import MAX_PIECES

        return f"vectors-{self.digest}-{MAX_PIECES}"

    def _known(self, by_key: Mapping[bytes, Sentence]) -> dict[bytes, SentenceVectors]:
        """The vectors that are kept."""
        if self._kept is None:
            return {}
        kept = self._kept.get(self._kind, list(by_key))
        return {k: _unpacked(v, len(by_key[k].tokens)) for k, v in kept.items()}

    def _encode(self, sentences: Sequence[Sentence]) -> list[SentenceVectors]:
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i].text))
        out: dict[int, SentenceVectors] = {}
        batch: list[int] = []
        for i in order:
            # a piece is at least one character; four is the usual length of an English one
            longest = len(sentences[i].text) // 4 + 8
            if batch and (len(batch) + 1) * longest > BATCH_PIECES:
                out.update(zip(batch, self._forward([sentences[j] for j in batch]), strict=True))
                batch = []
            batch.append(i)
        if batch:
            out.update(zip(batch, self._forward([sentences[j] for j in batch]), strict=True))
        return [out[i] for i in range(len(sentences))]

    @cached_property
    def _encoder(self) -> Encoder:
        try:
            if self._model is None:
                encoder = _default_encoder(self._threads, self.in_eight_bits)
            else:
                encoder = _other_encoder(self._model, self._threads, self._offline)
        except Exception as e:
            raise ModelError(f"embedding model {self.name!r} cannot be loaded: {e}") from e
        if self._loaded:
            self._loaded()
        return encoder

    def _forward(self, sentences: Sequence[Sentence]) -> list[SentenceVectors]:
        encoded = self._encoder.encode([s.text for s in sentences])
        return [
            SentenceVectors(_unit(e.whole), _token_vectors(s, e.spans, e.pieces))
            for s, e in zip(sentences, encoded, strict=True)
        ]


@lru_cache(maxsize=1)
def _default_encoder(threads: int | None, in_eight_bits: bool) -> Encoder:
    """all-MiniLM-L6-v2, loaded once in a process."""
    from audit.align.encoder_onnx import OnnxEncoder
    from audit.models.store import ENCODER, locate

    return OnnxEncoder(locate(ENCODER), threads, in_eight_bits=in_eight_bits)


@lru_cache(maxsize=1)
def _other_encoder(model: str, threads: int | None, offline: bool) -> Encoder:
    """Another encoder, loaded once in a process."""
    from audit.align.encoder_torch import TorchEncoder

    return TorchEncoder(model, threads, offline=offline)


def _key(sentence: Sentence) -> bytes:
    """What the vectors of a sentence depend on: its text and where its tokens lie in it."""
    spans = [(t.start - sentence.start, t.end - sentence.start) for t in sentence.tokens]
    data = f"{spans}{sentence.text}".encode(errors="surrogatepass")
    return hashlib.blake2b(data, digest_size=16).digest()


def _packed(vectors: SentenceVectors) -> bytes:
    """The sentence's vector, then those of its tokens, in little-endian float32."""
    return vectors.sentence.astype("<f4").tobytes() + vectors.tokens.astype("<f4").tobytes()


def _unpacked(data: bytes, tokens: int) -> SentenceVectors:
    import numpy as np

    rows = np.frombuffer(data, dtype="<f4").reshape(tokens + 1, -1)
    return SentenceVectors(rows[0].copy(), rows[1:].copy())


def _token_vectors(
    sentence: Sentence, offsets: NDArray[np.int64], pieces: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Mean of the vectors of the pieces that overlap each token."""
    import numpy as np

    sums = np.zeros((len(sentence.tokens), pieces.shape[1]), dtype=np.float32)
    k = 0
    for i, token in enumerate(sentence.tokens):
        start, end = token.start - sentence.start, token.end - sentence.start
        while k < len(offsets) and offsets[k][1] <= start:
            k += 1
        j = k
        while j < len(offsets) and offsets[j][0] < end:
            if offsets[j][1] > start:  # special and padding pieces have the span (0, 0)
                sums[i] += pieces[j]
            j += 1
    return _unit(sums)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(norms, 1e-12)
    return unit
