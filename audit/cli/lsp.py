"""The command `lsp`: the language server, which editors start themselves."""

from __future__ import annotations

from typing import Annotated

import typer

from audit.cli.baseline import baseline_file
from audit.cli.engine import engine
from audit.cli.options import Common, with_common
from audit.cli.status import DONE


@with_common
def lsp_command(
    common: Common,
    siblings: Annotated[
        bool,
        typer.Option(
            "--siblings", help="Take the other texts in a file's folder for its other versions."
        ),
    ] = False,
) -> int:
    """Show findings in an editor: a language server on standard input and output."""
    from audit.lsp.check import Checker
    from audit.lsp.server import serve

    settings = common.settings()
    file = baseline_file(settings, common)
    with Checker(
        settings, lambda own, stages: engine(own, stages=stages), file, siblings=siblings
    ) as checker:
        serve(checker)
    return DONE
