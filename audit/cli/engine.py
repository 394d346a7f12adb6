"""The engine that a command audits with."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from audit.cli.store import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audit.config import Settings
    from audit.measure.languagetool_lent import Lender
    from audit.model import Kept
    from audit.pipeline import Engine
    from audit.stage import Stage


def engine(
    settings: Settings,
    encoder_loaded: Callable[[], None] | None = None,
    *,
    kept: Kept | None = None,
    stages: Sequence[Stage[Engine]] | None = None,
    grammar_server: Lender | None = None,
) -> Engine:
    """The engine of these settings; it knows the names of their store, and what was dismissed, if
    they name one."""
    from audit.pipeline import Engine

    make = partial(
        Engine,
        settings,
        encoder_loaded=encoder_loaded,
        kept=kept,
        stages=stages,
        grammar_server=grammar_server,
    )
    if settings.store is None:
        return make()
    from audit.store.names import Names
    from audit.store.verdicts import Verdicts

    with opened(settings) as store:
        names = Names(store)
        names.trusted()
    # a store that was closed opens again when it is asked
    return make(names_in=names.trusted_in, dismissed=Verdicts(store).dismissed)
