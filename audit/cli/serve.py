"""The command `mtaudit serve`: the local web server, until it is interrupted."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli.baseline import baseline_file
from audit.cli.engine import engine
from audit.cli.options import Common, with_common
from audit.cli.status import DONE
from audit.cli.store import opened
from audit.errors import ConfigurationError

if TYPE_CHECKING:
    from audit.config import Settings
    from audit.pipeline import Engine
    from audit.stage import Stage

BUSIEST = 256
"""Connections at once; more are answered with status 503."""


@with_common
def serve_command(
    common: Common,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TOKEN",
            help="Asked of everybody; needed for a host that others reach. MTAUDIT_SERVE_TOKEN "
            "does not show in the list of processes.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A host name of this server; repeatable."),
    ] = None,
) -> int:
    """Serve the editor's spot check and the HTTP interface on this machine."""
    from audit.hosts import is_address, is_loopback
    from audit.serve.access import Access
    from audit.serve.app import application
    from audit.serve.kept import KeptInMemory
    from audit.store.kept import Kept

    settings = common.settings()
    if token is None and settings.serve_token is not None:
        token = settings.serve_token.get_secret_value()
    if token is not None and len(token) < 16:
        raise ConfigurationError("--token: shorter than 16 characters; `openssl rand -hex 16`")
    if not is_loopback(host):
        if token is None:
            raise ConfigurationError(
                f"--host {host} is reached by others: give a token too (--token, serve_token in "
                "mtaudit.toml or MTAUDIT_SERVE_TOKEN)"
            )
        settings = settings.model_copy(update={"allow_private": False})
    names = {n.lower() for n in allow_host or ()} | (set() if is_address(host) else {host.lower()})
    with ExitStack() as held:
        listening = held.enter_context(_listening(host, port))
        store = held.enter_context(opened(settings)) if settings.store else None
        kept = KeptInMemory(night=Kept(store) if store else None)

        def make(own: Settings, stages: Sequence[Stage[Engine]]) -> Engine:
            return engine(own, kept=kept, stages=stages)

        access = Access(token, frozenset(names))
        app = application(settings, make, access, baseline_file(settings, common), store=store)
        number = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        if not common.quiet:
            print(f"mtaudit: http://{shown}:{number} – Ctrl+C ends it", file=sys.stderr, flush=True)
        _run(app, listening)
    return DONE


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as e:
        raise ConfigurationError(
            f"cannot listen at {host}, port {port}: {e.strerror or e}; choose another --port or "
            "--host"
        ) from e


def _run(app: object, listening: socket.socket) -> None:
    import uvicorn

    from audit.serve.punctual import PunctualProtocol

    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=PunctualProtocol,
        ws="none",
        timeout_keep_alive=5,
        timeout_graceful_shutdown=3,
        limit_concurrency=BUSIEST,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return
