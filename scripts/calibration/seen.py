"""What the reader's networks see of texts, read by the causal model and kept in a work folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audit.language.en import ENGLISH
from audit.measure.expected import Found, expected
from audit.measure.reader import seen
from audit.measure.surprisal import SurprisalModel
from audit.model import Doubt
from calibration.marked import Key, Text, found_in

CHUNK = 50
"""Passages that are read at a time."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Sentences laid end to end, a row a token; those without tokens are left out.

    `ends` says after which row each sentence ends. `expected` has for each sentence what was
    expected in the place of its words (`audit.measure.expected`), as if the reader doubted all.
    """

    keys: tuple[Key, ...]
    ends: NDArray[np.int64]
    states: NDArray[np.float16]
    numbers: NDArray[np.float32]
    nats: NDArray[np.float32]
    expected: tuple[tuple[Found, ...], ...]


def seen_texts(
    name: str, texts: Sequence[Text], layers: Sequence[int], model: SurprisalModel, work: Path
) -> Seen:
    """The sentences of some texts; read again only if the work folder does not have just these."""
    keys = tuple(
        key for t in texts for key, s in zip(t.keys(), t.sentences, strict=True) if s.tokens
    )
    told = json.dumps([list(layers), keys])
    file = work / f"seen-{name}.npz"
    if file.is_file():
        with np.load(file, allow_pickle=False) as kept:
            if str(kept["told"]) == told:
                own = (kept[k] for k in ("ends", "states", "numbers", "nats"))
                return Seen(keys, *own, tuple(map(found_in, json.loads(str(kept["expected"])))))
    states, numbers, nats, likely = [], [], [], []
    wanted = [p for t in texts for p in t.passages()]
    for at in range(0, len(wanted), CHUNK):
        some = wanted[at : at + CHUNK]
        read = iter(model.states(some, layers))
        for s, context in (x for p in some for x in zip(p.sentences, p.contexts(), strict=True)):
            f = next(read)
            if not s.tokens:
                continue
            own = seen(s, f.spans, f.pieces, ENGLISH, first=not context.strip())
            states.append(own[0])
            numbers.append(own[1])
            nats.append(np.array(f.nats, np.float32))
            likely.append(tuple(expected(s, f.spans, f.pieces, [Doubt(1.0, 1.0)] * len(s.tokens))))
        print(f"{name}: {at + len(some)} of {len(wanted)} passages read", flush=True)
    result = Seen(
        keys,
        np.cumsum([len(n) for n in nats]),
        np.concatenate(states),
        np.concatenate(numbers),
        np.concatenate(nats),
        tuple(likely),
    )
    np.savez(
        file,
        told=np.array(told),
        ends=result.ends,
        states=result.states,
        numbers=result.numbers,
        nats=result.nats,
        expected=np.array(json.dumps(likely)),
    )
    return result


def joined(parts: Sequence[Seen]) -> Seen:
    """Several sets as one."""
    starts = np.cumsum([0, *(len(p.nats) for p in parts)])
    return Seen(
        tuple(key for p in parts for key in p.keys),
        np.concatenate([p.ends + at for p, at in zip(parts, starts, strict=False)]),
        np.concatenate([p.states for p in parts]),
        np.concatenate([p.numbers for p in parts]),
        np.concatenate([p.nats for p in parts]),
        tuple(own for p in parts for own in p.expected),
    )
