"""Runs llama.cpp's server on loopback with a model file: python tests/llama.py FILE NAME."""

from __future__ import annotations

import sys
import time

import xllamacpp


def main() -> None:
    """Start the server, say where it listens, and serve until the process is ended."""
    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = sys.argv[1], {sys.argv[2]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 8192
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
