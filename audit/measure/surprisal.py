"""How unexpected each word is to a causal language model that has read the sentence before.

Surprisal is −log p(piece | context, what stands before it), in nats; that of a word is the sum
over its pieces (Hale 2001, Levy 2008). A garbled word is surprising, but so are a rare name and
a number: compare with `audit.measure.expectation`, and with what the sentence gains when a
reading is replaced by another version's (`total`).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

from audit.measure.alternatives import Better, answers, questions
from audit.measure.causal import Asked, CausalModel, ReadPieces
from audit.measure.expected import Found, expected, in_version
from audit.measure.layout import (
    CONTEXT_PIECES,
    LaidOut,
    Spans,
    by_job,
    counted_through,
    laid_out,
    laid_out_passage,
    size_of,
)
from audit.measure.memory import KeptScores, Memory, ScoreKeeper
from audit.measure.passages import Passage
from audit.measure.prefix_tree import Ids
from audit.measure.reader import Reader
from audit.model import Alternative, Doubt, Expected, Kept, Language, Sentence
from audit.models import store as models
from audit.models.eight_bit import RECIPE, is_used

CACHED_TEXTS = 2_000
"""Texts whose scores are kept in memory: a long story's worth, 15 MB. On disk there are more."""

READ_AT_ONCE = 4_096
"""Pieces that are read before readers look at them: what is known of each takes 3.5 kB."""

Item = tuple[str, str]
"""A context (the sentence before; may be empty) and the text to score."""


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """What the model makes of a sentence after the one before it.

    `nats` is the surprisal of its tokens, `alternatives` what the model would rather have read,
    `doubts` what the reader makes of its tokens (`audit.measure.reader`), empty without a reader,
    `expected` what the model expected in the place of words that the reader doubts.
    """

    nats: tuple[float, ...]
    alternatives: tuple[Alternative, ...]
    doubts: tuple[Doubt, ...]
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class SeenSentence:
    """A sentence after the one before it, as a reader is given it.

    `spans` are the places of its pieces, `pieces` what the model makes of them, `nats` the
    surprisal of its tokens.
    """

    spans: tuple[tuple[int, int], ...]
    pieces: ReadPieces
    nats: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PieceScores:
    """Surprisal of a text piece by piece.

    `spans` are code points of the text. Pieces of one character (an emoji) may share a span.
    `nats` is as long as `spans`. `alternatives` are words that the model would rather have read,
    judged by what stands before them; empty where they were not asked for. `doubts` are the
    reader's, token by token; empty where no reader was asked. `expected` is what the model expected
    in the place of words that the reader doubts.
    """

    spans: tuple[tuple[int, int], ...]
    nats: tuple[float, ...]
    alternatives: tuple[Better, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    expected: tuple[Found, ...] = ()

    @property
    def total(self) -> float:
        """Surprisal of the whole text, in nats."""
        return sum(self.nats)


class SurprisalModel:
    """Scores texts with one causal language model, loaded on first use.

    `name` is what `audit.models.store.locate` takes; `threads` is how many threads it runs on (see
    `audit.models.processor`). What was scored is kept in `kept`, or in a file of the cache folder
    if None. `eight_bit` lets it compute with weights in eight bits where the model has such and the
    processor is fast with them. Raises ModelError if the model is not here or damaged. Scores do
    not depend on what else is scored with them, beyond rounding (1e-4 nats). Not for several
    threads at once.
    """

    def __init__(
        self,
        name: str | None = None,
        threads: int | None = None,
        kept: Kept | None = None,
        *,
        eight_bit: bool = False,
    ) -> None:
        self.name = name or models.DEFAULT
        self.folder: Path = models.locate(name)
        self.in_eight_bits = is_used(self.folder, allowed=eight_bit)
        self._threads = threads
        self._kept = kept
        self._scores: OrderedDict[bytes, PieceScores] = OrderedDict()

    @cached_property
    def digest(self) -> str:
        """Ten hexadecimal digits that identify the model's files, and whether their weights are
        read in eight bits."""
        return models.digest(self.folder) + (f"-{RECIPE}" if self.in_eight_bits else "")

    @cached_property
    def _memory(self) -> ScoreKeeper:
        kind = f"{self.digest}-{CONTEXT_PIECES}-expected"
        if self._kept is not None:
            return KeptScores(self._kept, f"surprisal-{kind}")
        return Memory(models.cache_folder().parent / "surprisal" / f"{kind}.sqlite")

    @cached_property
    def _model(self) -> CausalModel:
        return CausalModel(self.folder, self._threads, in_eight_bits=self.in_eight_bits)

    def score(self, items: Sequence[Item]) -> list[PieceScores]:
        """Surprisal of each text, piece by piece; contexts are read and not scored.

        Items with the same context share its cost and that of their common beginning, best
        if the first of them is the one that the others are variants of.
        """
        keys = [_key(item) for item in items]
        known = self._known(keys)
        fresh = {k: item for k, item in zip(keys, items, strict=True) if k not in known}
        if fresh:
            known |= self._keep(dict(zip(fresh, self._run(list(fresh.values())), strict=True)))
        return [known[k] for k in keys]

    def read(self, passages: Sequence[tuple[Passage, Language]]) -> list[ReadSentence]:
        """The sentences of passages, each after the one before it, in the passage's language.

        The surprisals of its tokens sum to the sentence's. A piece that covers several tokens is
        shared out by characters; one that covers none counts to the next token.
        """
        keys = [p.keys(partial(self._read_as, language)) for p, language in passages]
        known = self._known([key for own in keys for key in own])
        unread = {
            own[-1]: (passage, own)
            for passage, own in zip(passages, keys, strict=True)
            if not all(key in known for key in own)
        }
        if unread:
            scored = self._run_reading([passage for passage, _ in unread.values()])
            theirs = (key for _, own in unread.values() for key in own)
            known |= self._keep(dict(zip(theirs, scored, strict=True)))
        return [
            ReadSentence(
                _shared_out(_joined([s]), scores),
                _in_version(s, scores),
                scores.doubts,
                in_version(s, scores.expected),
            )
            for (passage, _), own in zip(passages, keys, strict=True)
            for s, scores in zip(passage.sentences, map(known.__getitem__, own), strict=True)
        ]

    def states(self, passages: Sequence[Passage], layers: Sequence[int]) -> list[SeenSentence]:
        """The sentences of passages, each after the one before it, with the hidden states of some
        layers.

        It is what a reader is trained on. Nothing of it is kept.
        """
        laid = [laid_out_passage(self._model, p) for p in passages]
        read = self._read_pieces(laid, [{}] * len(laid), layers)
        return [
            SeenSentence(
                places,
                own,
                _shared_out(_joined([s]), PieceScores(places, tuple(row[0] for row in own.nats))),
            )
            for passage, (spans, _), pieces in zip(passages, laid, read, strict=True)
            for s, places, own in zip(
                passage.sentences, spans, _by_sentence(pieces, spans), strict=True
            )
        ]

    @lru_cache(maxsize=8)  # noqa: B019
    def _reader(self, language: Language) -> Reader | None:
        """The reader of a language; None if none was fitted for it and this model."""
        name = "reader_8bit" if self.in_eight_bits else "reader"
        weights = language.trained(name) if self.name == models.DEFAULT else None
        return None if weights is None else Reader(weights)

    def _read_as(self, language: Language, sentence: Sentence) -> str:
        """What the outcome of a reading depends on beside the texts and the model."""
        reader = self._reader(language)
        return f"{language.code} {sentence.kind} {reader.digest if reader else ''}"

    def total(self, items: Sequence[Item]) -> list[float]:
        """Surprisal of each whole text, in nats: for variants of a sentence, see `score`."""
        return [scores.total for scores in self.score(items)]

    def pieces(self, word: str) -> Ids:
        """The ids of the pieces of a word in running text."""
        return self._model.pieces(word)

    def words_after(
        self, pairs: Sequence[tuple[Sequence[Sentence], Sequence[Sentence]]]
    ) -> list[tuple[float, ...]]:
        """Surprisal of every token of a pair's second sentences to one who has read the first.

        Both are to say the same: they are laid out as two lines of a list.
        """
        texts = [tuple(" ".join(s.text for s in cell) for cell in pair) for pair in pairs]
        scored = self.score([(f"1. {first}\n2.", second) for first, second in texts])
        return [
            _shared_out(_joined(second), scores)
            for (_, second), scores in zip(pairs, scored, strict=True)
        ]

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, PieceScores]:
        """What is kept of some keys, in this process or on disk."""
        found = {k: self._scores[k] for k in keys if k in self._scores}
        wanted = [k for k in dict.fromkeys(keys) if k not in found]
        found |= {k: PieceScores(*v) for k, v in self._memory.get(wanted).items()}
        self._remember(found)
        return found

    def _keep(self, scored: dict[bytes, PieceScores]) -> dict[bytes, PieceScores]:
        """Keep what was scored, in this process and on disk."""
        self._memory.put(
            {k: (v.spans, v.nats, v.alternatives, v.doubts, v.expected) for k, v in scored.items()}
        )
        self._remember(scored)
        return scored

    def _remember(self, scored: Mapping[bytes, PieceScores]) -> None:
        for key, scores in scored.items():
            self._scores[key] = scores
            self._scores.move_to_end(key)
        while len(self._scores) > CACHED_TEXTS:
            self._scores.popitem(last=False)

    def _run(self, items: list[Item]) -> list[PieceScores]:
        laid = [laid_out(self._model, context, text) for context, text in items]
        results = iter(self._model.surprisals([job for _, own in laid for job in own]))
        return [
            PieceScores(spans, tuple(n for _ in own for n in next(results))) for spans, own in laid
        ]

    def _run_reading(self, passages: Sequence[tuple[Passage, Language]]) -> Iterator[PieceScores]:
        laid = [laid_out_passage(self._model, p) for p, _ in passages]
        asked = [
            [
                tuple(questions(s.text, places, self._model.piece, language))
                for s, places in zip(passage.sentences, spans, strict=True)
            ]
            for (passage, language), (spans, _) in zip(passages, laid, strict=True)
        ]
        readers = [self._reader(language) for _, language in passages]
        layers = next((r.layers for r in readers if r), ())
        others = [counted_through(*x) for x in zip(asked, laid, strict=True)]
        read = self._read_pieces(laid, others, layers)
        for (passage, language), reader, (spans, _), found, pieces in zip(
            passages, readers, laid, asked, read, strict=True
        ):
            for s, context, places, own_asked, own in zip(
                passage.sentences,
                passage.contexts(),
                spans,
                found,
                _by_sentence(pieces, spans),
                strict=True,
            ):
                first = not context.strip()
                doubts = reader.doubts(s, places, own, language, first=first) if reader else ()
                yield PieceScores(
                    places,
                    tuple(row[0] for row in own.nats),
                    answers(own_asked, own.nats),
                    doubts,
                    tuple(expected(s, places, own, doubts)) if doubts else (),
                )

    def _read_pieces(
        self, laid: Sequence[LaidOut], asked: Sequence[Asked], layers: Sequence[int]
    ) -> Iterator[ReadPieces]:
        """The pieces of each passage, over all its jobs. They are read some passages at a time, so
        that memory does not grow with their number."""
        for some in _parted([sum(map(size_of, jobs)) for _, jobs in laid]):
            yield from self._read_together(laid[some], asked[some], layers)

    def _read_together(
        self, laid: Sequence[LaidOut], asked: Sequence[Asked], layers: Sequence[int]
    ) -> Iterator[ReadPieces]:
        jobs = [job for _, own in laid for job in own]
        others = [
            in_job
            for (_, own), found in zip(laid, asked, strict=True)
            for in_job in by_job(own, found)
        ]
        results = iter(self._model.read(jobs, others, layers))
        for _, own in laid:
            yield ReadPieces.joined([next(results) for _ in own])


def _parted(sizes: Sequence[int]) -> Iterator[slice]:
    """Sizes in runs of READ_AT_ONCE at most; one that is larger stands alone."""
    start, held = 0, 0
    for k, size in enumerate(sizes):
        if k > start and held + size > READ_AT_ONCE:
            yield slice(start, k)
            start, held = k, 0
        held += size
    yield slice(start, len(sizes))


def _in_version(sentence: Sentence, scores: PieceScores) -> tuple[Alternative, ...]:
    at = sentence.start
    return tuple(
        Alternative(at + a, at + b, sentence.text[a:b], word, gain)
        for a, b, word, gain in scores.alternatives
    )


def _by_sentence(pieces: ReadPieces, spans: Sequence[Spans]) -> Iterator[ReadPieces]:
    """The pieces of each sentence of a passage."""
    at = 0
    for places in spans:
        yield pieces[at : at + len(places)]
        at += len(places)


def _key(item: Item) -> bytes:
    """What scores are kept by."""
    context, text = item
    joined = f"\0{len(context)} {context}{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=16).digest()


def _joined(cell: Sequence[Sentence]) -> list[tuple[int, int]]:
    """Where the tokens of sentences stand once they are joined by blanks."""
    spans, at = [], 0
    for s in cell:
        spans += [(at + t.start - s.start, at + t.end - s.start) for t in s.tokens]
        at += len(s.text) + 1
    return spans


def _shared_out(spans: Sequence[tuple[int, int]], scores: PieceScores) -> tuple[float, ...]:
    sums = [0.0] * len(spans)
    if not spans:
        return ()
    first = 0
    for (start, end), nats in zip(scores.spans, scores.nats, strict=True):
        while first < len(spans) - 1 and spans[first][1] <= start:
            first += 1
        shares: dict[int, int] = {}
        for i in range(first, len(spans)):
            if spans[i][0] >= end:
                break
            shares[i] = max(min(end, spans[i][1]) - max(start, spans[i][0]), 0)
        covered = sum(shares.values())
        if not covered:
            sums[first] += nats
        for i, share in shares.items():
            sums[i] += nats * share / covered if covered else 0.0
    return tuple(sums)
