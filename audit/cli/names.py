"""The command `mtaudit names`: the name registry of the store, shown and corrected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from audit.cli.options import Common, with_common
from audit.cli.store import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.store.names import KnownName

names_app = typer.Typer(help="The names that are known to be spelled rightly.")


@names_app.command("list")
@with_common
def list_command(
    common: Common,
    text: Annotated[str, typer.Argument(help="Only names that contain it.")] = "",
    all_forms: Annotated[
        bool, typer.Option("--all", help="Also what is not trusted, and what the program lists.")
    ] = False,
) -> int:
    """List names: the form that stands for all, its other forms, outlets, dates."""
    from audit.store.names import Names

    with opened(common.settings()) as store:
        for name in Names(store).list(text, all_forms=all_forms):
            print("\n".join(_lines(name)))
    if all_forms:
        for line in _listed(text):
            print(line)
    return 0


@names_app.command("add")
@with_common
def add_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name, as it is to be spelled.")],
    common: Common,
    variants: Annotated[
        list[str] | None, typer.Argument(metavar="FORM...", help="Other forms that are right.")
    ] = None,
) -> int:
    """Trust a name, and other forms of it."""
    from audit.store.names import Names

    with opened(common.settings()) as store:
        Names(store).add(name, variants or (), datetime.now(UTC))
    return 0


@names_app.command("merge")
@with_common
def merge_command(
    into: Annotated[str, typer.Argument(metavar="NAME", help="The name that stands for all.")],
    others: Annotated[list[str], typer.Argument(metavar="OTHER...", help="Names of the same.")],
    common: Common,
) -> int:
    """Make several names one: all forms of the others become forms of the first."""
    from audit.store.names import Names

    with opened(common.settings()) as store:
        Names(store).merge(into, others, datetime.now(UTC))
    return 0


@names_app.command("forget")
@with_common
def forget_command(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names or forms.")],
    common: Common,
) -> int:
    """Do not trust a name or a form any more, nor learn it again; `names add` takes it back."""
    from audit.store.names import Names

    with opened(common.settings()) as store, store.unit():
        for name in names:
            Names(store).forget(name)
    return 0


def _lines(name: KnownName) -> Iterator[str]:
    """The name's own form, then the others, indented."""
    for form in name.forms:
        indent = "" if form.form == name.name else "  "
        state = form.origin if form.trusted or form.origin != "learned" else "not trusted"
        dates = f"{form.first_seen:%Y-%m-%d}–{form.last_seen:%Y-%m-%d}"
        outlets = f"{form.outlets} outlet{'s' * (form.outlets != 1)}"
        yield f"{indent}{form.form}  [{state}; {outlets}; {dates}]"


def _listed(text: str) -> Iterator[str]:
    """What languages list, with the file that it stands in."""
    from audit.language import known
    from audit.language.spelling import fold

    wanted = fold(text)
    for language in known():
        for figure in language.public_figures().figures:
            forms = [n.text for n in figure.names]
            if any(wanted in fold(f) for f in forms):
                yield f"{' = '.join(forms)}  [listed: public figures, {language.name}]"
        for place in language.places():
            if any(wanted in fold(f) for f in place):
                yield f"{' = '.join(place)}  [listed: places, {language.name}]"
