"""How models use the processor. The threads of torch belong to the whole process, not to one model.

Threads that wait sleep unless the environment says otherwise: by default they spin, which takes the
processor from whatever else runs.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from audit.errors import ModelError

T = TypeVar("T")
R = TypeVar("R")

_TORCH = ("torch", "transformers", "sentence_transformers", "accelerate")
"""What the extra `torch` installs."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of these parameters in glibc's malloc.h."""


def prepare_torch(threads: int | None) -> None:
    """Load torch, to run on so many threads; None leaves their number as it is.

    OpenMP reads how its threads wait once, when torch is loaded, so every part that needs torch
    calls this first. Raises ModelError if torch or what runs on it is not installed.
    """
    missing = [m for m in _TORCH if importlib.util.find_spec(m) is None]
    if missing:
        raise ModelError(f"it needs {', '.join(missing)}; run: pip install 'mtaudit[torch]'")
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
    return allowed_cores()


def in_threads(work: Callable[[T], R], given: Iterable[T], threads: int) -> Iterator[R]:
    """What some work makes of each, in order, on so many threads; on this one if that is one.

    A model on one thread that is given several batches at once is up to a quarter faster than one
    that divides each product among threads: what is done between products is divided too. Raises
    what the work raises, after what has begun has ended.
    """
    if threads == 1:
        yield from map(work, given)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(work, given)
    finally:
        pool.shutdown(cancel_futures=True)


def allowed_cores(root: Path = Path("/")) -> int:
    """How many processors this process may use: of its affinity, and of the quota of its control
    group (`cpu.max` of cgroup v2, which containers have), rounded up. `root` is that of `/proc` and
    `/sys`."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    groups = root / "proc/self/cgroup"
    if not groups.is_file():  # no Linux
        return cores
    top = root / "sys/fs/cgroup"
    own = groups.read_text(encoding="utf-8").rpartition("0::/")[2].strip()
    for group in (top / own, *(top / own).parents):  # a quota of a group above holds as well
        quota = group / "cpu.max"
        if quota.is_file():
            most, period = quota.read_text(encoding="ascii").split()
            if most != "max":
                cores = min(cores, -(-int(most) // int(period)))
    return cores


def multiplies_bytes(root: Path = Path("/")) -> bool:
    """Whether the processor has instructions for products of bytes (AVX-512 VNNI), which are three
    to four times as fast as those of float32 numbers, and exact. Older ones are no faster, and
    their sums overflow. Known on Linux alone. `root` is that of `/proc`."""
    info = root / "proc/cpuinfo"
    return info.is_file() and "avx512_vnni" in info.read_text(encoding="utf-8").split()


def return_freed_memory() -> None:
    """Have the C library return large blocks to the system when they are freed.

    glibc keeps freed blocks up to the size of the largest that it has seen freed, 13 MB where
    logits are made, and they fall apart: 70 MB are spared where a language model reads. Smaller
    ones are kept: to get blocks of 1 MB anew each time costs the sentence encoder 8 % of its time
    (docs/benchmarks.md). Other C libraries are left as they are.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt:
        mallopt(_MMAP_THRESHOLD, 8 << 20)
        mallopt(_TRIM_THRESHOLD, 64 << 20)


def keep_loaded() -> None:
    """Tell the garbage collector that libraries, just loaded, stay with the process.

    A pass over the half million objects of those of the models takes .2 s, and a report sets off
    several: without them the first HTML report takes half the time (docs/benchmarks.md).
    """
    gc.freeze()
