"""How models use the processor. The threads of torch belong to the whole process, not to one model.

Threads that wait sleep unless the environment says otherwise: by default they spin, which takes the
processor from whatever else runs.
"""

from __future__ import annotations

import gc
import os


def prepare_torch(threads: int | None) -> None:
    """Load torch, to run on so many threads; None leaves their number as it is.

    OpenMP reads how its threads wait once, when torch is loaded, so every part that needs torch
    calls this first.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    if threads:
        torch.set_num_threads(threads)


def thread_count(threads: int | None) -> int:
    """On how many threads a model runs that is not torch's: for None as many as torch would take,
    those of OMP_NUM_THREADS or one for each processor that this process may use."""
    named = os.environ.get("OMP_NUM_THREADS", "")
    if threads or (named.isdecimal() and int(named)):
        return threads or int(named)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def keep_loaded() -> None:
    """Tell the garbage collector that libraries, just loaded, stay with the process.

    A pass over the half million objects of those of the models takes .2 s, and a report sets off
    several: without them the first HTML report takes half the time (docs/benchmarks.md).
    """
    gc.freeze()
