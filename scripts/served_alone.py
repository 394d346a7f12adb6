"""A warm `mtaudit serve` in a process of its own, for the benchmarks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from audit.models.store import cache_folder


@contextmanager
def served(options: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
    """Address and process id of a server with nothing in its cache but the models."""
    with tempfile.TemporaryDirectory() as cache:
        (Path(cache) / "models").symlink_to(cache_folder())
        command = [sys.executable, "-m", "audit.cli", "serve", "--port", "0", *options]
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=os.environ | {"MTAUDIT_CACHE": cache}
        )
        assert process.stderr is not None
        try:
            said = process.stderr.readline()
            found = re.search(r"http://\S+", said)
            if not found:
                raise SystemExit(f"the server did not start: {said}")
            while not json.load(urllib.request.urlopen(f"{found[0]}/healthz"))["warm"]:
                time.sleep(0.2)
            yield found[0], process.pid
        finally:
            process.terminate()
            process.wait()
