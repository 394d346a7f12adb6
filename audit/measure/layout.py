"""How texts are given to a causal model: their pieces, and the jobs that it reads them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.measure.alternatives import Question
from audit.measure.causal import Asked, CausalModel, Job, Parts
from audit.measure.passages import Passage
from audit.measure.prefix_tree import Ids

CONTEXT_PIECES = 256
"""Pieces of the context that are read, of a longer one the last: nearly always the whole sentence
before or the whole of a witness's. At most half of the model's window, as is the overlap. What is
kept of other values lies in other files."""
OVERLAP_PIECES = 256
"""Pieces that a long text's next window reads again, as context."""

Spans = tuple[tuple[int, int], ...]
"""The code points of a text that each of its pieces covers."""
LaidOut = tuple[tuple[Spans, ...], tuple[Parts, ...]]
"""The places of the pieces of each sentence of a passage, and the jobs that it is read in."""


def laid_out(model: CausalModel, context: str, text: str) -> tuple[Spans, list[Job]]:
    """The places of a text's pieces, and the jobs that it is read in after its context."""
    ids, spans = _encoded(model, context, text)
    return spans, _windows(model, _given(model, context), ids)


def laid_out_passage(model: CausalModel, passage: Passage) -> LaidOut:
    """A passage as one job, or as several where the model cannot read it in one go."""
    contexts = passage.contexts()
    encoded = [_encoded(model, c, s.text) for c, s in zip(contexts, passage.sentences, strict=True)]
    together: list[tuple[Ids, list[Ids]]] = []
    size = 0
    for context, (ids, _) in zip(contexts, encoded, strict=True):
        size += len(ids)
        if not together or not model.shares or size > model.window:
            given = _given(model, context)
            together.append((given, []))
            size = len(given) + len(ids)
        together[-1][1].append(ids)
    jobs: list[Parts] = []
    for given, parts in together:
        if len(parts) > 1:
            jobs.append((given, tuple(parts)))
        else:
            jobs += [(before, (ids,)) for before, ids in _windows(model, given, parts[0])]
    return tuple(spans for _, spans in encoded), tuple(jobs)


def counted_through(asked: Sequence[Sequence[Question]], laid: LaidOut) -> Asked:
    """What is asked in a passage, by the place among all its pieces."""
    found: dict[int, Ids] = {}
    at = 0
    for own, places in zip(asked, laid[0], strict=True):
        found |= {at + q.pieces.start: tuple(q.meant.values()) for q in own}
        at += len(places)
    return found


def by_job(jobs: Sequence[Parts], asked: Asked) -> Iterator[Asked]:
    """What is asked in each job, by the place among its own pieces."""
    at = 0
    for job in jobs:
        size = size_of(job)
        yield {k - at: ids for k, ids in asked.items() if at <= k < at + size}
        at += size


def size_of(job: Parts) -> int:
    """How many pieces of a job are read for what they are."""
    return sum(map(len, job[1]))


def _encoded(model: CausalModel, context: str, text: str) -> tuple[Ids, Spans]:
    """Pieces of a text as they are in running text, and their places in it."""
    if not text:
        return (), ()
    gap = 1 if context.strip() else 0
    ids, spans = model.encode(" " * gap + text)
    return ids, tuple((max(a - gap, 0), max(b - gap, 0)) for a, b in spans)


def _given(model: CausalModel, context: str) -> Ids:
    ids = model.encode(context.strip())[0] if context.strip() else ()
    return (model.start, *ids[-min(CONTEXT_PIECES, model.window // 2) :])


def _windows(model: CausalModel, given: Ids, ids: Ids) -> list[Job]:
    """A text as one job, or as several where it is longer than the model can read."""
    jobs = []
    at = 0
    overlap = min(OVERLAP_PIECES, model.window // 2)
    while at < len(ids):
        size = model.window - len(given)
        jobs.append((given, ids[at : at + size]))
        at += size
        given = (model.start, *ids[max(at - overlap, 0) : at])
    return jobs
