"""Freed memory goes back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

KEPT = """
import numpy as np
from audit.models.processor import return_freed_memory
def megabytes():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(x.split()[1]) // 1024 for x in lines if x.startswith("RssAnon"))
return_freed_memory()
np.ones(12 << 20, np.uint8)  # from here on glibc would keep blocks of 12 MB
before = megabytes()
large = [np.ones(9 << 20, np.uint8) for _ in range(20)]
small = [large.pop(k) for k in range(10)]  # what stays lies between what is freed
del large
print(megabytes() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="reads Linux's /proc")
def test_what_is_freed_between_what_stays_is_returned() -> None:
    done = subprocess.run(
        [sys.executable, "-c", KEPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) < 110  # 90 stay
