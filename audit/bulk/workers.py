"""Processes that audit chunks, each with an engine of its own, which loads each model once.

A process that dies, as by the kernel when memory runs out, costs its chunk a second try in a new
one; if that dies too, each story is tried alone, and the one that ends its process gets an error.
A pool of `concurrent.futures` cannot do so: when one of its processes dies, all that was handed to
any of them is lost, and nobody knows which did it. So each process has a pipe, and a thread.

A LanguageTool server takes some 400 MB, so all of them share one: the process that started them
starts it when the first asks for it over its pipe.

The processes are spawned, not forked: a fork of a process in which the libraries of the models run
threads may hang. They map the files of the models, which the kernel keeps in memory once; of the
language model's weights in eight bits each has a copy of its own (135 MB).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from audit.bulk.chunks import Audited, Auditor, Chunk, audit_chunk, joined, refused
from audit.errors import AuditError, ModelError, StageUnavailable
from audit.measure.languagetool_lent import Lender, Loan, Servers

__all__ = ["MakeEngine", "WorkerDied", "Workers"]

log = logging.getLogger(__name__)

MakeEngine = Callable[[Lender], AbstractContextManager[Auditor]]
"""Makes the engine of a process, which is lent a LanguageTool server; it is handed to the process,
so it can be pickled."""

AHEAD = 4
"""Chunks for each process that are read or audited before their turn to be written."""

END_SECONDS = 10.0
"""How long a process may take to close its engine before it is killed."""


class WorkerDied(AuditError):
    """A process ended while it audited a story."""


class Workers:
    """So many processes, each on so many threads. Use it as a context manager.

    Raises what `make` raises in a process, and ModelError if one dies while it makes its engine.
    """

    def __init__(self, jobs: int, make: MakeEngine, threads: int) -> None:
        self._jobs = jobs
        self._make = make
        self._threads = threads
        self._own = threading.local()
        self._workers: list[_Worker] = []
        self._is_closed = False
        self._servers = Servers()
        # What is started by a thread that does not see Ctrl-C does not see it either: this process
        # ends the others. The start of the tracker, which all share, would let it through again.
        resource_tracker.ensure_running()
        self._pool = ThreadPoolExecutor(jobs, "mtaudit-worker", initializer=_block_interrupts)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True
        for worker in list(self._workers):  # threads take those that ended off the list
            worker.end()
        self._servers.end()
        self._pool.shutdown(cancel_futures=True)

    def map(self, chunks: Iterable[Chunk]) -> Iterator[Audited]:
        """The chunks audited, in their order; only so many are read ahead."""
        waiting: deque[Future[Audited]] = deque()
        for chunk in chunks:
            waiting.append(self._pool.submit(self.audit, chunk))
            if len(waiting) >= AHEAD * self._jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def audit(self, chunk: Chunk) -> Audited:
        """Audit one chunk in the process of this thread."""
        for _ in range(2):
            try:
                return self._asked(chunk)
            except WorkerDied as e:
                log.warning("%s; a new one begins", e)
                died = e
        if len(chunk.stories) == 1:
            return refused(chunk, died)
        return joined(chunk, [self._audited_alone(story) for story in chunk.alone()])

    def _audited_alone(self, story: Chunk) -> Audited:
        try:
            return self._asked(story)
        except WorkerDied as e:
            return refused(story, e)

    def _asked(self, chunk: Chunk) -> Audited:
        worker: _Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = _Worker(self._make, self._threads)
            self._workers.append(worker)
            if self._is_closed:
                worker.end()
        try:
            with self._servers.loan() as loan:
                return worker.audit(chunk, loan)
        except WorkerDied:
            self._workers.remove(worker)
            self._own.worker = None
            if self._is_closed:
                raise KeyboardInterrupt from None
            raise


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, make: MakeEngine, threads: int) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, threads), daemon=True)
        self._process.start()
        theirs.close()
        self._is_ready = False

    def audit(self, chunk: Chunk, loan: Loan) -> Audited:
        """What the process answers, which may use the loan. Raises WorkerDied if it ended."""
        if not self._is_ready:
            try:
                self._answer()
            except WorkerDied as e:
                raise ModelError(f"{e} while it loaded the models; try fewer --jobs") from e
            self._is_ready = True
        self._say(chunk)
        while not isinstance(answer := self._answer(), Audited):
            self._say(_fulfilled(answer, loan))
        return answer

    def _say(self, what: object) -> None:
        try:
            self._pipe.send(what)
        except OSError as e:
            raise self._died() from e

    def _answer(self) -> Any:
        try:
            answer = self._pipe.recv()
        except (EOFError, OSError) as e:
            raise self._died() from e
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _died(self) -> WorkerDied:
        self._process.join(END_SECONDS)
        code = self._process.exitcode
        if code is not None and code < 0:
            how = f"was ended by {signal.Signals(-code).name}"
            how += ", as the kernel does when memory runs out" if code == -signal.SIGKILL else ""
        else:
            how = f"ended with status {code}"
        return WorkerDied(f"the worker process {self._process.pid} {how}")

    def end(self) -> None:
        """End the process, by force if it does not close its engine in time."""
        self._process.terminate()
        self._process.join(END_SECONDS)
        self._process.kill()
        self._process.join()


Wish = Callable[[Loan], object]
"""What a process asks for while it audits a chunk."""


def _fulfilled(wish: Wish, loan: Loan) -> object:
    try:
        return wish(loan)
    except StageUnavailable as e:
        return e


class _LoanByPipe:
    """The loan of a process, which the process that started it keeps."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def url(self) -> str:
        return str(self._granted(Loan.url))

    def give_up(self) -> bool:
        return bool(self._granted(Loan.give_up))

    def _granted(self, wish: Wish) -> object:
        self._pipe.send(wish)
        answer = self._pipe.recv()
        if isinstance(answer, StageUnavailable):
            raise answer
        return answer


def _block_interrupts() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _serve(pipe: Connection, make: MakeEngine, threads: int) -> None:
    """The work of a process: say that the engine is there, then answer chunk by chunk."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read by the libraries when they are loaded
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what the engine started is stopped too
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with make(_LoanByPipe(pipe)) as engine:
            pipe.send(None)
            while True:
                pipe.send(audit_chunk(pipe.recv(), engine))
    except EOFError:
        return
    except AuditError as e:
        pipe.send(e)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
