"""The commands `models fetch` and `models list`: models, and LanguageTool."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from audit.cli.status import DONE

models_app = typer.Typer(help="The models on this machine, and LanguageTool.")

LANGUAGETOOL = "languagetool"
"""Name under which LanguageTool is fetched."""


@models_app.command("fetch")
def models_fetch(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL", help="Which one, or languagetool.  \\[default: what an audit needs]"
        ),
    ] = None,
    accept_terms: Annotated[
        bool, typer.Option("--accept-terms", help="Accept the terms of use of the model.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not use the network: say what is missing.")
    ] = False,
) -> int:
    """Fetch a model, or LanguageTool, if it is not here yet; without a name, the models that an
    audit uses if no setting names others."""
    from audit.cli.progress import file_progress
    from audit.config import load
    from audit.measure.languagetool_fetch import fetch_languagetool
    from audit.models.fetch import fetch
    from audit.models.store import NEEDED, locate

    offline = load(offline=offline or None).offline
    if model == LANGUAGETOOL:
        print(fetch_languagetool(show_progress=sys.stderr.isatty(), offline=offline))
        return DONE
    for name in (model,) if model else NEEDED:
        if offline:
            print(locate(name))
            continue
        with file_progress(sys.stderr.isatty()) as progress:
            print(fetch(progress, name, accept_terms=accept_terms))
    return DONE


@models_app.command("list")
def models_list() -> int:
    """List LanguageTool and the models known by name, and which are here."""
    from audit.models.store import list_models

    for m in list_models():
        size = f"{m.size / 1e6:,.0f} MB in {m.path}" if m.size else "not fetched"
        default = ", default" if m.default else ""
        print(f"{m.state:8} {m.name}: {m.title}, {m.licence}{default}; {size}")
    print(_languagetool())
    return DONE


def _languagetool() -> str:
    """Whether LanguageTool is here, which, and whether the Java is that it needs."""
    from audit.errors import StageUnavailable
    from audit.measure.languagetool_fetch import VERSION
    from audit.measure.languagetool_server import find_java, server_jar, server_version

    try:
        jar = server_jar()
        state, version = "ready", server_version(jar) or "of unknown version"
        where = f"in {jar.parent}"
    except StageUnavailable:
        state, version, where = "missing", VERSION, "not fetched"
    try:
        java = find_java()
    except StageUnavailable:
        state, java = "missing", "none found"
    needs = f"needs Java 17 or later ({java})"
    return f"{state:8} {LANGUAGETOOL}: LanguageTool {version}, LGPL-2.1, {needs}; {where}"
