"""A real `mtaudit serve` on loopback, without the language model."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from audit.config import Settings
from audit.pipeline import Engine
from audit.serve.access import Access
from audit.serve.app import application
from audit.serve.kept import KeptInMemory
from audit.serve.punctual import PunctualProtocol
from audit.stage import Stage

QUICK = Settings(causal_model="none", grammar=False)


def app(
    settings: Settings = QUICK,
    access: Access | None = None,
    baseline: Path | None = None,
    **more: Any,
) -> Any:
    """The application with engines of its own, and a new baseline if none is given."""
    kept = KeptInMemory()
    file = baseline or Path(tempfile.mkdtemp()) / "mtaudit-baseline.toml"

    def make(own: Settings, stages: Sequence[Stage[Engine]]) -> Engine:
        return Engine(own, kept=kept, stages=stages)

    return application(settings, make, access or Access(), file, **more)


@contextmanager
def served(application: Any, protocol: type[PunctualProtocol] = PunctualProtocol) -> Iterator[str]:
    """The address of a warm server that runs the application until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, log_level="error", http=protocol, ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended"
        time.sleep(0.01)
    try:
        wait([application.state.warm], timeout=300)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
