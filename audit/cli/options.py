"""Options that several commands share, and what they mean for settings, logs and colour."""

from __future__ import annotations

import functools
import inspect
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import typer

from audit.errors import ConfigurationError
from audit.model import Profile

if TYPE_CHECKING:
    from audit.config import Settings

FailOn = Literal["none", "minor", "major", "critical"]

FAIL_ON = Annotated[FailOn, typer.Option(help="Exit with 1 if a finding is at least this severe.")]


def severities(fail_on: FailOn) -> set[str]:
    """The severities that fail: from `fail_on` upwards."""
    order = get_args(FailOn)
    return set() if fail_on == "none" else set(order[order.index(fail_on) :])


_SETTINGS = "Settings"
_OUTPUT = "Output"


@dataclass(frozen=True)
class Common:
    """The options of every command that audits or shows settings."""

    config: Annotated[
        Path | None,
        typer.Option(
            help="Settings file to read instead of the mtaudit.toml that applies here.",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="Run only this rule; repeatable.", rich_help_panel=_SETTINGS
        ),
    ] = None
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="Do not run this rule; repeatable.", rich_help_panel=_SETTINGS
        ),
    ] = None
    min_confidence: Annotated[
        float | None,
        typer.Option(
            metavar="0..1",
            help="Confidence below which a finding is a suspicion, if above the usual bar.",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    profile: Annotated[
        Profile | None,
        typer.Option(
            show_default=False,
            help="What to show: serious findings, all, or suspicions too.  \\[default: editor]",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    seed: Annotated[
        int | None, typer.Option(help="Seed of every resample.", rich_help_panel=_SETTINGS)
    ] = None
    threads: Annotated[
        int | None,
        typer.Option(
            help="Processor threads that the models use, all processes together.",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    offline: Annotated[
        bool, typer.Option("--offline", help="Never use the network.", rich_help_panel=_SETTINGS)
    ] = False
    causal_model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Causal language model, by name or path; none switches it off.",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    grammar: Annotated[
        bool | None,
        typer.Option(
            "--grammar/--no-grammar",
            show_default=False,
            help="Ask LanguageTool, where there is one, or do not.  \\[default: grammar]",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    languagetool_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="LanguageTool server to ask, instead of starting the one in LTP_PATH.",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    store: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The store: sqlite:///FILE or postgresql://USER@HOST/NAME.",
            rich_help_panel=_SETTINGS,
        ),
    ] = None
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="No progress, no notes: errors only.", rich_help_panel=_OUTPUT
        ),
    ] = False
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            show_default=False,
            help="Write more to standard error; twice for all.",
            rich_help_panel=_OUTPUT,
        ),
    ] = 0
    no_color: Annotated[
        bool,
        typer.Option(
            "--no-color", help="No colour; NO_COLOR does the same.", rich_help_panel=_OUTPUT
        ),
    ] = False

    def flags(self) -> dict[str, Any]:
        """Settings given on the command line; None where a flag was not given."""
        return {
            "only": tuple(self.only) if self.only else None,
            "ignore": tuple(self.ignore) if self.ignore else None,
            "min_confidence": self.min_confidence,
            "profile": self.profile,
            "seed": self.seed,
            "threads": self.threads,
            "offline": self.offline or None,
            "causal_model": self.causal_model,
            "grammar": self.grammar,
            "languagetool_url": self.languagetool_url,
            "store": self.store,
        }

    def settings(self) -> Settings:
        """The settings in force.

        Raises ConfigurationError, also for a rule that does not exist.
        """
        from audit.config import load
        from audit.detect import DETECTORS

        settings = load(self.config, **self.flags())
        known = {d.INFO.id for d in DETECTORS}
        unknown = sorted({*settings.only, *settings.ignore} - known)
        if unknown:
            raise ConfigurationError(
                f"unknown rule {', '.join(unknown)}; `mtaudit rules` lists the known ones"
            )
        return settings

    def sources(self) -> Mapping[str, str]:
        """Where each setting that is not a default comes from."""
        import tomllib

        from audit.config import ENV_PREFIX, Settings, find_file

        found: dict[str, str] = {}
        file = self.config or find_file()
        if file:
            found |= dict.fromkeys(tomllib.loads(file.read_text(encoding="utf-8")), str(file))
        for name in Settings.model_fields:
            if ENV_PREFIX + name.upper() in os.environ:
                found[name] = ENV_PREFIX + name.upper()
        found |= {k: "command line" for k, v in self.flags().items() if v is not None}
        return found

    def settings_as_toml(self) -> str:
        """The settings in force as TOML, each with its source; unset ones as comments."""
        import json

        sources = self.sources()
        lines = []
        for name, value in self.settings().shown().items():
            source = sources.get(name, "default")
            if value is None:
                lines.append(f"# {name} is unset")
            else:
                # JSON's strings, numbers, booleans and lists of these are TOML's as well.
                lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}  # {source}")
        return "\n".join(lines) + "\n"

    def colour(self) -> bool:
        """Whether standard output takes colour."""
        return not self.no_color and "NO_COLOR" not in os.environ and sys.stdout.isatty()

    def progress(self) -> bool:
        """Whether a progress bar may be shown on standard error."""
        return not self.quiet and sys.stderr.isatty()

    def start_logging(self) -> None:
        """Send logs to standard error: warnings, with -v notes, with -vv everything of ours."""
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Formatter())
        logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
        level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(self.verbose, 2)]
        logging.getLogger("audit").setLevel(logging.ERROR if self.quiet else level)
        # The model libraries draw bars of their own on standard error, terminal or not.
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        record.levelname = record.levelname.lower()
        return super().format(record)

    def __init__(self) -> None:
        super().__init__("mtaudit: %(levelname)s: %(message)s")


def chosen_formats(names: str) -> list[str]:
    """The formats of a list with commas. Raises ConfigurationError for one that does not exist."""
    from audit.report.formats import ALIASES, FORMATS

    named = [name.strip() for name in names.split(",") if name.strip()]
    wanted = [ALIASES.get(name, name) for name in named]
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown:
        raise ConfigurationError(
            f"--formats: unknown format {', '.join(unknown)}; known are {', '.join(FORMATS)}"
        )
    return wanted


def with_common(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of `Common`; it receives them as its argument `common`.

    Typer reads options from a function's signature, so the signature is composed here.
    """
    shared = _shared()
    own_signature = inspect.signature(command, eval_str=True)
    own = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, p in own_signature.parameters.items()
        if name != "common"
    ]

    @functools.wraps(command)
    def run(**values: Any) -> int:
        common = Common(**{p.name: values.pop(p.name) for p in shared})
        common.start_logging()
        return command(common=common, **values)

    signature = own_signature.replace(parameters=[*own, *shared])
    run.__dict__["__signature__"] = signature
    run.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    del run.__dict__["__wrapped__"]
    return run


@functools.cache
def _shared() -> tuple[inspect.Parameter, ...]:
    """The options of `Common` as parameters of a command."""
    hints = get_type_hints(Common, include_extras=True)
    return tuple(
        inspect.Parameter(
            f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name]
        )
        for f in fields(Common)
    )
