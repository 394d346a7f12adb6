"""How unexpected each word is to a causal language model that has read the sentence before.

Surprisal is −log p(piece | context, what stands before it), in nats; that of a word is the sum
over its pieces (Hale 2001, Levy 2008). A garbled word is surprising, but so are a rare name and
a number: compare with `audit.measure.expectation`, and with what the sentence gains when a
reading is replaced by another version's (`total`).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

from audit.measure.alternatives import Better, Question, answers, questions
from audit.measure.causal import Asked, CausalModel, Job, ReadPieces, joined
from audit.measure.expected import Found, expected, in_version
from audit.measure.memory import KeptScores, Memory, ScoreKeeper
from audit.measure.prefix_tree import Ids
from audit.measure.reader import Reader
from audit.model import Alternative, Doubt, Expected, Kept, Language, Sentence
from audit.models import store as models

CACHED_TEXTS = 5_000
"""Texts whose scores are kept: some stories' worth, about 20 MB."""
CONTEXT_PIECES = 256
"""Pieces of the context that are read, of a longer one the last: nearly always the whole sentence
before or the whole of a witness's. At most half of the model's window, as is the overlap. What is
kept of other values lies in other files."""
OVERLAP_PIECES = 256
"""Pieces that a long text's next window reads again, as context."""

Item = tuple[str, str]
"""A context (the sentence before; may be empty) and the text to score."""

T = TypeVar("T")


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
    if None. Raises ModelError if the model is not here or damaged. Scores do not depend on what
    else is scored with them, beyond rounding (1e-4 nats). Not for several threads at once.
    """

    def __init__(
        self, name: str | None = None, threads: int | None = None, kept: Kept | None = None
    ) -> None:
        self.name = name or models.DEFAULT
        self.folder: Path = models.locate(name)
        self._threads = threads
        self._kept = kept
        self._scores: OrderedDict[bytes, PieceScores] = OrderedDict()

    @cached_property
    def digest(self) -> str:
        """Ten hexadecimal digits that identify the model's files."""
        return models.digest(self.folder)

    @cached_property
    def _memory(self) -> ScoreKeeper:
        kind = f"{self.digest}-{CONTEXT_PIECES}-expected"
        if self._kept is not None:
            return KeptScores(self._kept, f"surprisal-{kind}")
        return Memory(models.cache_folder().parent / "surprisal" / f"{kind}.sqlite")

    @cached_property
    def _model(self) -> CausalModel:
        return CausalModel(self.folder, self._threads)

    def score(self, items: Sequence[Item]) -> list[PieceScores]:
        """Surprisal of each text, piece by piece; contexts are read and not scored.

        Items with the same context share its cost and that of their common beginning, best
        if the first of them is the one that the others are variants of.
        """
        return self._looked_up(items, [_key(item) for item in items], self._run)

    def read(
        self,
        sentences: Sequence[Sentence],
        contexts: Sequence[str],
        languages: Sequence[Language],
    ) -> list[ReadSentence]:
        """Each sentence after the one before it (`contexts`), in its language.

        The surprisals of its tokens sum to the sentence's. A piece that covers several tokens is
        shared out by characters; one that covers none counts to the next token.
        """
        asked = list(zip(sentences, contexts, languages, strict=True))
        keys = [
            _key((context, s.text), self._read_as(language, s)) for s, context, language in asked
        ]
        scored = self._looked_up(asked, keys, self._run_reading)
        return [
            ReadSentence(
                _shared_out(_joined([s]), scores),
                _in_version(s, scores),
                scores.doubts,
                in_version(s, scores.expected),
            )
            for s, scores in zip(sentences, scored, strict=True)
        ]

    def states(
        self, sentences: Sequence[Sentence], contexts: Sequence[str], layers: Sequence[int]
    ) -> list[SeenSentence]:
        """Each sentence after the one before it, with the hidden states of some layers.

        It is what a reader is trained on. Nothing of it is kept.
        """
        texts = [s.text for s in sentences]
        spans, windows = self._laid_out(list(zip(contexts, texts, strict=True)))
        jobs = [job for own in windows for job in own]
        results = iter(self._model.read(jobs, [{}] * len(jobs), layers))
        found = []
        for s, places, own in zip(sentences, spans, windows, strict=True):
            pieces = joined([next(results) for _ in own])
            scores = PieceScores(places, tuple(row[0] for row in pieces.nats))
            found.append(SeenSentence(places, pieces, _shared_out(_joined([s]), scores)))
        return found

    @lru_cache(maxsize=8)  # noqa: B019
    def _reader(self, language: Language) -> Reader | None:
        """The reader of a language; None if none was fitted for it and this model."""
        weights = language.trained("reader") if self.name == models.DEFAULT else None
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

    def _looked_up(
        self,
        items: Sequence[T],
        keys: Sequence[bytes],
        run: Callable[[list[T]], list[PieceScores]],
    ) -> list[PieceScores]:
        """What is kept of the items, in this process or on disk; the rest is run and kept."""
        found = {k: self._scores[k] for k in keys if k in self._scores}
        wanted = {k: item for k, item in zip(keys, items, strict=True) if k not in found}
        known = {k: PieceScores(*v) for k, v in self._memory.get(list(wanted)).items()}
        fresh = {k: item for k, item in wanted.items() if k not in known}
        scored = dict(zip(fresh, run(list(fresh.values())) if fresh else (), strict=True))
        self._memory.put(
            {k: (v.spans, v.nats, v.alternatives, v.doubts, v.expected) for k, v in scored.items()}
        )
        found |= known | scored
        for key in found:
            self._scores[key] = found[key]
            self._scores.move_to_end(key)
        while len(self._scores) > CACHED_TEXTS:
            self._scores.popitem(last=False)
        return [found[k] for k in keys]

    def _run(self, items: list[Item]) -> list[PieceScores]:
        spans, windows = self._laid_out(items)
        results = iter(self._model.surprisals([job for own in windows for job in own]))
        nats = [tuple(n for _ in own for n in next(results)) for own in windows]
        return [PieceScores(*pair) for pair in zip(spans, nats, strict=True)]

    def _run_reading(self, items: list[tuple[Sentence, str, Language]]) -> list[PieceScores]:
        spans, windows = self._laid_out([(context, s.text) for s, context, _ in items])
        asked = [
            tuple(questions(s.text, places, self._model.piece, language))
            for (s, _, language), places in zip(items, spans, strict=True)
        ]
        others = [
            by_window
            for own, found in zip(windows, asked, strict=True)
            for by_window in _by_window(own, found)
        ]
        readers = [self._reader(language) for _, _, language in items]
        layers = next((r.layers for r in readers if r), ())
        jobs = [job for own in windows for job in own]
        results = iter(self._model.read(jobs, others, layers))
        scores = []
        for item, places, own, found, reader in zip(
            items, spans, windows, asked, readers, strict=True
        ):
            pieces = joined([next(results) for _ in own])
            sentence, context, language = item
            first = not context.strip()
            doubts = (
                reader.doubts(sentence, places, pieces, language, first=first) if reader else ()
            )
            scores.append(
                PieceScores(
                    places,
                    tuple(row[0] for row in pieces.nats),
                    answers(found, pieces.nats),
                    doubts,
                    tuple(expected(sentence, places, pieces, doubts)) if doubts else (),
                )
            )
        return scores

    def _laid_out(
        self, items: list[Item]
    ) -> tuple[list[tuple[tuple[int, int], ...]], list[list[Job]]]:
        """The pieces' spans of each text, and the jobs that it is read in."""
        spans, windows = [], []
        for context, text in items:
            ids, places = self._encode(context, text)
            spans.append(places)
            windows.append(self._windows(self._context(context), ids))
        return spans, windows

    def _encode(self, context: str, text: str) -> tuple[Ids, tuple[tuple[int, int], ...]]:
        """Pieces of a text as they are in running text, and their places in it."""
        if not text:
            return (), ()
        gap = 1 if context.strip() else 0
        ids, spans = self._model.encode(" " * gap + text)
        return ids, tuple((max(a - gap, 0), max(b - gap, 0)) for a, b in spans)

    def _context(self, context: str) -> Ids:
        ids = self._model.encode(context.strip())[0] if context.strip() else ()
        return (self._model.start, *ids[-min(CONTEXT_PIECES, self._model.window // 2) :])

    def _windows(self, given: Ids, ids: Ids) -> list[Job]:
        """A text as one job, or as several where it is longer than the model can read."""
        jobs = []
        at = 0
        overlap = min(OVERLAP_PIECES, self._model.window // 2)
        while at < len(ids):
            size = self._model.window - len(given)
            jobs.append((given, ids[at : at + size]))
            at += size
            given = (self._model.start, *ids[max(at - overlap, 0) : at])
        return jobs


def _in_version(sentence: Sentence, scores: PieceScores) -> tuple[Alternative, ...]:
    at = sentence.start
    return tuple(
        Alternative(at + a, at + b, sentence.text[a:b], word, gain)
        for a, b, word, gain in scores.alternatives
    )


def _by_window(windows: Sequence[Job], found: Sequence[Question]) -> Iterator[Asked]:
    """What is asked in each window, by the place among its own pieces."""
    at = 0
    for _, ids in windows:
        yield {
            q.pieces.start - at: tuple(q.meant.values())
            for q in found
            if at <= q.pieces.start < at + len(ids)
        }
        at += len(ids)


def _key(item: Item, read_as: str = "") -> bytes:
    """What scores are kept by; `read_as` says as what a sentence was read, and by which reader."""
    context, text = item
    joined = f"{read_as}\0{len(context)} {context}{text}".encode("utf-8", "surrogatepass")
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
