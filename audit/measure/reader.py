"""Reads each word for faults that need no other page, from what the causal language model thinks.

The hidden states of some layers at each token, and a few numbers beside them, go through a small
ensemble of networks that looks at a window of tokens: a fault shows as much in what the model
thinks after the word as in how little it expected it. The weights are data of a language
(`trained("reader")`) and belong to one causal model, others (`reader_8bit`) to the same model
computed in eight bits; `scripts/fit_reader.py` makes them.
docs/real-pages.md has what the reader finds and what it does not.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from audit.measure.causal import ReadPieces
from audit.model import Doubt, Language, Sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Span = tuple[int, int]

NUMBERS = 20
"""Numbers beside the hidden states of a token, see `_numbers`."""

STATE_LIMIT, NUMBER_LIMIT = 8.0, 5.0
"""Standardised values count up to so many standard deviations."""

_QUOTES = frozenset('"“”')


class Reader:
    """The networks of one language and causal model."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        self._weights = weights
        self.layers: tuple[int, ...] = tuple(int(k) for k in weights["layers"])
        """Layers whose hidden states are read; 0 are the embeddings."""

    @cached_property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with the weights."""
        found = hashlib.blake2b(digest_size=4)
        for name in sorted(self._weights):
            found.update(self._weights[name].tobytes())
        return found.hexdigest()

    def doubts(
        self,
        sentence: Sentence,
        spans: Sequence[Span],
        pieces: ReadPieces,
        language: Language,
        *,
        first: bool,
    ) -> tuple[Doubt, ...]:
        """Doubt of each token of a sentence that was read after the one before it.

        `spans` are the places of its pieces in its text; `first` says that nothing stands before.
        """
        import numpy as np

        if not sentence.tokens or not spans:
            return (Doubt(0.0, 0.0),) * len(sentence.tokens)
        states, numbers = seen(sentence, spans, pieces, language, first=first)
        found = np.round(self._apply(states.astype(np.float32), numbers), 4).tolist()
        return tuple(
            Doubt(fault, serious) if t.is_word else Doubt(0.0, 0.0)
            for t, (fault, serious) in zip(sentence.tokens, found, strict=True)
        )

    def _apply(
        self, states: NDArray[np.float32], numbers: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Probability of a fault and of a serious one, for each token."""
        import numpy as np

        w, n = self._weights, len(states)
        beside = (numbers - w["number_mean"]) / w["number_sd"]
        beside = beside.clip(-NUMBER_LIMIT, NUMBER_LIMIT)
        standard = ((states - w["state_mean"]) / w["state_sd"]).clip(-STATE_LIMIT, STATE_LIMIT)
        at = np.arange(n)[:, None] + w["window"].astype(int)[None, :]
        at[(at < 0) | (at >= n)] = n
        logits = np.zeros((n, 2), np.float32)
        members = len(w["narrow"])
        for k in range(members):
            narrow = _gelu(standard @ w["narrow"][k] + w["narrow_bias"][k])
            seen = np.concatenate([narrow, beside, np.ones((n, 1), np.float32)], 1)
            seen = np.concatenate([seen, np.zeros((1, seen.shape[1]), np.float32)])
            hidden = _gelu(seen[at].reshape(n, -1) @ w["hidden"][k] + w["hidden_bias"][k])
            logits += (hidden @ w["out"][k][:, :2] + w["out_bias"][k][:2]) / members
        scale, shift = w["calibration"]
        chances: NDArray[np.float32] = 1 / (1 + np.exp(-(logits * scale + shift)))
        return chances


def seen(
    sentence: Sentence,
    spans: Sequence[Span],
    pieces: ReadPieces,
    language: Language,
    *,
    first: bool,
) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """What the networks see of each token of a sentence: hidden states and numbers beside them.

    The states are those after the token's last piece; `spans` and `first` as in `Reader.doubts`.
    """
    places = pieces_of(
        [(t.start - sentence.start, t.end - sentence.start) for t in sentence.tokens], spans
    )
    states = pieces.states[[b for _, b in places]]
    return states, _numbers(sentence, places, pieces, language, first=first)


def pieces_of(tokens: Sequence[Span], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """First and last piece of each token; a piece that covers several belongs to each of them."""
    found = []
    first = 0
    for start, end in tokens:
        while first < len(spans) - 1 and spans[first][1] <= start:
            first += 1
        last = first
        while last < len(spans) - 1 and spans[last + 1][0] < end:
            last += 1
        found.append((first, last))
    return found


def _numbers(
    sentence: Sentence,
    places: Sequence[tuple[int, int]],
    pieces: ReadPieces,
    language: Language,
    *,
    first: bool,
) -> NDArray[np.float32]:
    """How each token was expected, what it looks like and where it stands: (tokens, NUMBERS)."""
    import numpy as np

    nats = [row[0] for row in pieces.nats]
    words = sum(t.is_word for t in sentence.tokens)
    rows = []
    before, quoted = 0, False
    for token, (a, b) in zip(sentence.tokens, places, strict=True):
        if token.text in _QUOTES:
            quoted = not quoted
        own = nats[a : b + 1]
        after = nats[b + 1] if b + 1 < len(nats) else 0.0
        text = token.text
        rows.append(
            (
                math.log1p(sum(own)),
                math.log1p(own[0]),
                math.log1p(max(own)),
                *pieces.outlook[a],
                math.log1p(after),
                language.token_zipf(text.lower()),
                math.log1p(len(text)),
                text[:1].isupper(),
                len(text) > 1 and text.isupper(),
                token.has_digit,
                token.is_word,
                math.log1p(b - a + 1),
                math.log1p(before),
                math.log1p(words - before),
                math.log1p(words),
                sentence.kind == "headline",
                first,
                quoted,
            )
        )
        before += token.is_word
    return np.asarray(rows, np.float32).reshape(-1, NUMBERS)


def _gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """GELU by the formula with tanh (Hendrycks & Gimpel 2016)."""
    import numpy as np

    result: NDArray[np.float32] = 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))
    return result
