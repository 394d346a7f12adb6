"""Typed settings: built-in defaults, then a TOML file, then MTAUDIT_* variables, then flags.

The file is `mtaudit.toml`, searched from the working directory upwards, then
`$XDG_CONFIG_HOME/mtaudit/config.toml`; `--config FILE` names one. Unknown keys are errors.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from audit.errors import ConfigurationError
from audit.model import Ask, Profile, Scope

ENV_PREFIX = "MTAUDIT_"
FILE_NAME = "mtaudit.toml"
BASELINE_NAME = "mtaudit-baseline.toml"
JUDGE_NAME = "mtaudit-judge.json"

FEEDS = "feeds"
"""Key of the file for `audit.feeds.settings`: which feeds are read changes no score."""


_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+\w+)?:///)(?P<file>[^:?][^?]*)(?P<query>\?.*)?")
"""The URL of an SQLite file; what begins with a colon is none."""
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


class Settings(BaseModel):
    """Everything that can be set. Immutable; `digest` goes into the signature."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(20240, ge=0, description="seed of every resample")
    resamples: int = Field(1000, ge=100, le=100_000, description="resamples behind an interval")
    max_chars: int = Field(1_000_000, ge=1, description="longest text scored, characters")
    threads: int | None = Field(None, ge=1, description="threads of the models; all if unset")
    embedding_model: str | None = Field(
        None, description="sentence-transformers model, name or path; all-MiniLM-L6-v2 if unset"
    )
    causal_model: str | None = Field(
        None,
        description="causal language model, name or path; SmolLM2-135M if unset; or none",
    )
    eight_bit: bool = Field(
        True,
        description="let the models compute with weights in eight bits where the "
        "processor is fast with them",
    )
    grammar: bool = Field(True, description="ask LanguageTool, where there is one")
    languagetool_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+",
        description="LanguageTool server to ask; one is started here, found by LTP_PATH, if unset",
    )
    judge_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s@]+(/[^\s@]*)?$",
        description="OpenAI-compatible address of a second reader, such as "
        "http://127.0.0.1:11434/v1; MTAUDIT_JUDGE_KEY has its key",
    )
    judge_model: str | None = Field(None, min_length=1, description="model of the second reader")
    judge_send_texts: bool = Field(
        False, description="texts may be sent to a judge_url outside this network"
    )
    judge_ask: Ask = Field(
        "both", description="what the second reader does: find faults, verify findings, or both"
    )
    judge_scope: Scope = Field(
        "doubtful", description="what it reads: doubtful and unaccompanied sentences, or all"
    )
    judge_tokens: int = Field(
        1_000_000, ge=0, description="most tokens of a run or a night; of a server, of a day"
    )
    judge_parallel: int = Field(4, ge=1, le=64, description="questions asked at once")
    judge_timeout: float = Field(60.0, gt=0, description="longest wait for an answer, seconds")
    judge_calibration: str | None = Field(
        None,
        description="file of what was measured of second readers; the one beside mtaudit.toml if "
        "unset",
    )
    offline: bool = Field(False, description="never touch the network")
    allow_private: bool = Field(False, description="allow fetching from private addresses")
    only: tuple[str, ...] = Field((), description="run only these detectors")
    ignore: tuple[str, ...] = Field((), description="do not run these detectors")
    min_confidence: float = Field(
        0.0, ge=0, le=1, description="bar of a finding, if above the usual one"
    )
    profile: Profile = Field("editor", description="what is shown: errors, editor or everything")
    names: tuple[str, ...] = Field((), description="names known to be spelled rightly")
    baseline: str | None = Field(
        None,
        description="file of findings that are no faults; the one beside mtaudit.toml if unset",
    )
    store: str | None = Field(
        None, description="URL of the store: sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
    store_backup: bool = Field(True, description="back the store up before it is migrated")
    heartbeat: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+",
        description="URL told that a night has begun (/start), is done, or has failed (/fail)",
    )
    alerts: tuple[SecretStr, ...] = Field(
        (), description="URLs that alerts go to: file:///FILE, or what Apprise knows"
    )
    digest_to: tuple[str, ...] = Field((), description="e-mail addresses that get the digest")
    digest_from: str | None = Field(
        None, description="who sends the digest; the first of its readers if unset"
    )
    smtp: str | None = Field(
        None,
        pattern=r"^smtps?://([^:@/\s]+@)?[^:@/\s]+(:\d+)?/?$",
        description="mail server, smtp://USER@HOST:PORT or smtps://; MTAUDIT_SMTP_PASSWORD has the "
        "password",
    )
    reports_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+",
        description="where the folder of reports is served; the digest links to it",
    )
    retention_days: int = Field(
        365, ge=31, description="stories and runs are kept since they were last seen, days"
    )
    cache_days: int = Field(30, ge=1, description="what models said of texts is kept, days")
    serve_token: SecretStr | None = Field(
        None, min_length=16, description="token that `mtaudit serve` asks of everybody"
    )
    cache_mb: int = Field(2000, ge=0, description="most of what models said of texts, MB")

    @field_validator("digest_to", "digest_from")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...] | str | None) -> tuple[str, ...] | str | None:
        for address in (value,) if isinstance(value, str) else value or ():
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address} is no e-mail address")
        return value

    def digest(self) -> str:
        """Ten hexadecimal digits that change when any setting changes that a result depends on."""
        return hashlib.sha256(self.recipe().encode()).hexdigest()[:10]

    def recipe(self) -> str:
        """The settings that a result depends on, as JSON. How many threads work is none of them;
        whether a model computed in eight bits stands beside the model in the signature."""
        kept_apart = {
            *("baseline", "store", "store_backup", "heartbeat", "alerts"),
            *("digest_to", "digest_from", "smtp", "reports_url"),
            *("retention_days", "cache_days", "cache_mb", "serve_token"),
            *("judge_url", "judge_send_texts", "judge_parallel", "judge_timeout"),
            *("judge_calibration", "eight_bit"),
        }
        return self.model_copy(update={"threads": None}).model_dump_json(exclude=kept_apart)

    def shown(self) -> dict[str, Any]:
        """The settings as JSON has them; secrets, and the password in the store's URL, as stars."""
        shown = self.model_dump(mode="json")
        if self.store:
            shown["store"] = without_password(self.store)
        return shown


def without_password(url: str) -> str:
    """The URL of a store as it may be shown: its password is three stars."""
    return re.sub(r"(://[^:@/]*:).*(?=@)|([?&]password=)[^&]*", r"\1\2***", url)


def find_file(start: Path | None = None) -> Path | None:
    """The configuration file that applies in a directory (default: the working one), if any."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    user = home / "mtaudit" / "config.toml"
    return user if user.is_file() else None


def load(file: Path | None = None, **flags: Any) -> Settings:
    """Settings from all sources; a flag that is None was not given.

    Raises ConfigurationError naming the source and the key of an unknown or bad value.
    """
    source = file or find_file()
    values: dict[str, Any] = {}
    if source:
        own = {k: v for k, v in read_toml(source).items() if k != FEEDS}
        values |= _checked(own, str(source))
        if values.get("store"):
            values["store"] = _beside(source, values["store"])
        for name in ("baseline", "judge_calibration"):
            if values.get(name):
                values[name] = str(source.parent / values[name])
    values |= _checked(_from_environment(os.environ), "environment")
    values |= _checked({k: v for k, v in flags.items() if v is not None}, "command line")
    usual = {"baseline": usual_baseline(source), "judge_calibration": usual_calibration(source)}
    for name, beside in usual.items():
        if values.get(name) is None and beside.exists():
            values[name] = str(beside)
    return Settings(**values)


def usual_baseline(source: Path | None) -> Path:
    """Where the baseline lies if no setting says so: beside the settings file, or in the working
    directory where there is none."""
    return (source.parent if source else Path.cwd()) / BASELINE_NAME


def usual_calibration(source: Path | None) -> Path:
    """Where what was measured of second readers lies if no setting says so."""
    return usual_baseline(source).with_name(JUDGE_NAME)


def read_toml(file: Path) -> dict[str, Any]:
    """What a settings file holds. Raises ConfigurationError if it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as e:
        raise ConfigurationError(f"{file}: cannot be read: {e.strerror}") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"{file}: not valid TOML: {e}") from e


def _beside(file: Path, store: str) -> str:
    """The URL of a store in which an SQLite file is found from the folder of a settings file."""
    found = _SQLITE.fullmatch(store)
    if found is None or Path(found["file"]).is_absolute():
        return store
    return f"{found['scheme']}{(file.parent / found['file']).absolute()}{found['query'] or ''}"


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        raw = environ.get(ENV_PREFIX + name.upper())
        if raw is not None:
            is_list = get_origin(field.annotation) is tuple
            values[name] = tuple(w.strip() for w in raw.split(",") if w.strip()) if is_list else raw
    return values


def _checked(values: dict[str, Any], source: str) -> dict[str, Any]:
    try:
        checked = Settings(**values)
    except ValidationError as e:
        problems = "; ".join(
            f"{'.'.join(map(str, p['loc']))}: "
            f"unknown setting, known are {', '.join(sorted(Settings.model_fields))}"
            if p["type"] == "extra_forbidden"
            else f"{'.'.join(map(str, p['loc']))} = {_shown(p)}: {p['msg']}"
            for p in e.errors()
        )
        raise ConfigurationError(f"{source}: {problems}") from e
    return {k: getattr(checked, k) for k in values}


def _shown(problem: Mapping[str, Any]) -> str:
    """A bad value as a message may show it."""
    is_secret = problem["loc"][0] in ("alerts", "serve_token")
    return "***" if is_secret else without_password(repr(problem["input"]))
