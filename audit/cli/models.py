"""The commands `models fetch` and `models list`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from audit.cli.status import DONE

models_app = typer.Typer(help="The causal language models on this machine.")


@models_app.command("fetch")
def models_fetch(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="Which one.  [default: the default model]")
    ] = None,
    accept_terms: Annotated[
        bool, typer.Option("--accept-terms", help="Accept the terms of use of the model.")
    ] = False,
) -> int:
    """Fetch and convert a causal language model, if it is not here yet."""
    from audit.cli.progress import file_progress
    from audit.models.fetch import fetch

    with file_progress(sys.stderr.isatty()) as progress:
        print(fetch(progress, model, accept_terms=accept_terms))
    return DONE


@models_app.command("list")
def models_list() -> int:
    """List the causal language models known by name, and whether they are here."""
    from audit.models.store import list_models

    for m in list_models():
        size = f"{m.size / 1e6:,.0f} MB in {m.path}" if m.size else "not fetched"
        default = ", default" if m.default else ""
        print(f"{m.state:8} {m.name}: {m.title}, {m.licence}{default}; {size}")
    return DONE
