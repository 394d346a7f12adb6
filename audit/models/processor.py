"""How torch uses the processor. Its threads belong to the whole process, not to one model."""

from __future__ import annotations

import gc
import os


def prepare_torch(threads: int | None) -> None:
    """Load torch, to run on so many threads; None leaves their number as it is.

    Threads that wait sleep unless the environment says otherwise: by default OpenMP lets them
    spin, which takes the processor from whatever else runs. OpenMP reads this once, when torch
    is loaded, so every part that needs torch calls this first.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    if threads:
        torch.set_num_threads(threads)


def keep_loaded() -> None:
    """Tell the garbage collector that libraries, just loaded, stay with the process.

    A pass over the half million objects of those of the models takes .2 s, and a report sets off
    several: without them the first HTML report takes half the time (docs/benchmarks.md).
    """
    gc.freeze()
