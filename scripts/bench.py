"""How fast mtaudit is beside what it can be held against, in one run on one machine.

    python scripts/bench.py [STORY]        or: make bench

STORY is what `mtaudit audit` takes; `seeds/` if not given. Prints

- the audit of its texts, never read before, in a process that has loaded everything: with rules and
  alignment alone, with the language model, and with LanguageTool as well; beside LanguageTool alone
  on the same texts, by a server that has read them twice (LTP_PATH names it, else left out);
- the sentence encoder and the causal language model beside the same weights in torch (the extra
  `torch`, else they are left out), on one thread, and beside the float32 matrix products that numpy
  does here: a model is given the operations of its weight matrices, attention left out.

The figures of one run belong together: other work on the machine changes all of them. The audits
have as many threads as OMP_NUM_THREADS says, else all cores; the rest has one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

THREADS_GIVEN = os.environ.get("OMP_NUM_THREADS")
os.environ["OMP_NUM_THREADS"] = "1"  # numpy reads it when it is loaded

from benchmark import machine  # noqa: E402
from benchmark_causal import compared, pairs_of  # noqa: E402
from benchmark_seeds import ROOT, SHORT, timed  # noqa: E402

from audit.align.encoder import Encoder  # noqa: E402
from audit.align.encoder_onnx import OnnxEncoder  # noqa: E402
from audit.align.encoder_torch import TorchEncoder  # noqa: E402
from audit.config import Settings  # noqa: E402
from audit.errors import StageUnavailable  # noqa: E402
from audit.ingest.read import read_story  # noqa: E402
from audit.language.en import ENGLISH  # noqa: E402
from audit.measure.languagetool import GrammarChecker  # noqa: E402
from audit.measure.languagetool_server import Server  # noqa: E402
from audit.models.eight_bit import is_used  # noqa: E402
from audit.models.store import ENCODER, locate  # noqa: E402
from audit.pipeline import NO_MODEL  # noqa: E402
from audit.segment.sentences import segment  # noqa: E402

SIDE = 1024
"""Rows and columns of the matrices of the ceiling."""
AT_ONCE = 16
"""Sentences of a batch of the encoder, sorted by length."""
PAIRS = 80
"""Sentences that the language model reads."""
TABLES = ("embeddings.", "embed_tokens", "lm_head", "pooler")
"""Weights that are looked up, or not used for every piece."""


@dataclass(frozen=True)
class Line:
    """What took how long: seconds of the clock, and of the processor with all that took part."""

    name: str
    clock: float
    processor: float


def main() -> int:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("story", nargs="?", default=str(ROOT / "seeds"))
    given = parser.parse_args()
    _, versions, _ = read_story([given.story], Settings())
    texts = [v.text for v in versions]
    sentences = [s.text for v in versions for s in segment(v, ENGLISH)[0]]
    words = sum(len(text.split()) for text in texts)
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, load {os.getloadavg()[0]:.1f}")
    print(f"{given.story}: {len(texts)} versions, {words:,} words\n")
    _audits(given.story, texts, words)
    most = ceiling()
    print(f"\nfloat32 matrix products of {SIDE} by {SIDE}: {most:.1f} GFLOP/s on one thread")
    _encoders(sentences, most)
    _causal(texts, most)
    return 0


def ceiling() -> float:
    """The most that numpy reaches here, in 10⁹ operations a second on one thread."""
    import numpy as np

    a, b = (np.random.default_rng(i).random((SIDE, SIDE), np.float32) for i in (1, 2))
    a @ b
    seconds = min(_processor(lambda: a @ b) for _ in range(10))
    return 2 * SIDE**3 / seconds / 1e9


def _audits(story: str, texts: list[str], words: int) -> None:
    alone, lines = None, []
    rules = Settings(causal_model=NO_MODEL, grammar=False)
    try:
        server = Server()
    except StageUnavailable as e:
        print(f"LanguageTool is left out: {e}")
        lines = [_audit("rules and alignment", story, rules)]
        lines.append(_audit("with the language model", story, Settings(grammar=False)))
    else:
        alone = _language_tool(server, texts)
        whole = Settings(languagetool_url=server.url)
        lines = [
            alone,
            _audit("rules and alignment", story, rules),
            _audit("with the language model", story, Settings(grammar=False)),
            _audit("everything, LanguageTool too", story, whole, server),
        ]
        server.stop()
    print(
        "| | clock | processor | words per core-second | LanguageTool alone ×, clock, processor |"
    )
    print("|---|---|---|---|---|")
    for line in lines:
        ratio = "–"
        if alone:
            ratio = f"{line.clock / alone.clock:.2f}, {line.processor / alone.processor:.2f}"
        print(
            f"| {line.name} | {line.clock:.1f} s | {line.processor:.1f} s "
            f"| {words / line.processor:,.0f} | {ratio} |",
            flush=True,
        )


def _audit(name: str, story: str, settings: Settings, server: Server | None = None) -> Line:
    before = _spent(server)
    if THREADS_GIVEN is None:
        del os.environ["OMP_NUM_THREADS"]
    else:
        os.environ["OMP_NUM_THREADS"] = THREADS_GIVEN
    _, _, clock, processor, megabytes = timed(story, settings)
    os.environ["OMP_NUM_THREADS"] = "1"
    return Line(f"{name}, {megabytes:,.0f} MB", clock, processor + _spent(server) - before)


def _language_tool(server: Server, texts: list[str]) -> Line:
    """LanguageTool's third reading of the texts."""
    with GrammarChecker(server.url) as checker:
        for _ in range(2):
            for text in (SHORT, *texts):
                checker.check(text, "en-US")
        clock, spent = time.perf_counter(), _spent(server)
        for text in texts:
            checker.check(text, "en-US")
        return Line("LanguageTool alone", time.perf_counter() - clock, _spent(server) - spent)


def _spent(server: Server | None) -> float:
    """Seconds of the processor that a server has used so far, as Linux counts them."""
    if server is None:
        return 0.0
    fields = Path(f"/proc/{server.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _encoders(sentences: list[str], most: float) -> None:
    folder = locate(ENCODER)
    sides = {"float32": OnnxEncoder(folder, 1)}
    if is_used(folder, allowed=True):
        sides["eight bits"] = OnnxEncoder(folder, 1, in_eight_bits=True)
    ordered = sorted(sentences, key=len)
    batches = [ordered[i : i + AT_ONCE] for i in range(0, len(ordered), AT_ONCE)]
    pieces = sum(len(e.pieces) for batch in batches for e in sides["float32"].encode(batch))
    operations = 2 * _weights(folder) * pieces / 1e9
    print(f"sentence encoder, {len(sentences)} sentences of {pieces:,} pieces:")
    seconds = {}
    for side, ours in sides.items():
        seconds[side] = _best(ours, batches)
        _print(side, pieces, seconds[side], operations, most)
    if find_spec("sentence_transformers") is None:
        print("  torch is left out: run pip install 'mtaudit[torch]'")
        return
    theirs = _best(TorchEncoder(str(folder), 1, offline=True), batches)
    _print("sentence-transformers in torch", pieces, theirs, operations, most)
    for side in sides:
        print(f"  {side}: {theirs / seconds[side]:.2f} x torch")


def _causal(texts: list[str], most: float) -> None:
    if find_spec("transformers") is None or find_spec("torch") is None:
        print("causal language model: left out: run pip install 'mtaudit[torch]'")
        return
    (read, variants), differences = compared(pairs_of(texts)[:PAIRS], 1)
    folder = locate()
    head = _weights(folder, of=("embed_tokens",))
    operations = 2 * (_weights(folder) * read.ids + head * read.asked) / 1e9
    print(f"causal language model, {PAIRS} sentences after the one before, {read.ids:,} pieces:")
    for side, seconds in read.seconds.items():
        _print(side, read.ids, seconds, operations, most)
    for side in read.seconds:
        print(f"  {side}: {read.gain(side):.2f} x torch, {variants.gain(side):.2f} x of variants")
    for side, difference in differences.items():
        print(f"  {side} beside float32: {difference}")


def _print(name: str, pieces: int, seconds: float, operations: float, most: float) -> None:
    reached = operations / seconds
    print(
        f"  {name}: {pieces / seconds:,.0f} pieces per core-second, {reached:.1f} GFLOP/s, "
        f"{reached / most:.0%} of the ceiling",
        flush=True,
    )


def _weights(folder: Path, of: Iterable[str] = ()) -> int:
    """Numbers in the matrices of a model that every piece is multiplied with, or in those `of`."""
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "np") as file:
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
    return sum(
        shape[0] * shape[1]
        for name, shape in shapes.items()
        if len(shape) == 2
        and (any(o in name for o in of) if of else not any(t in name for t in TABLES))
    )


def _best(encoder: Encoder, batches: list[list[str]]) -> float:
    return min(_processor(lambda: [encoder.encode(b) for b in batches]) for _ in range(3))


def _processor(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
