"""What the program knows of each language, one folder a language.

Nothing outside this package imports from a language's folder: a story carries its `Language`.
"""

from __future__ import annotations

from importlib import import_module

from audit.model.language import Language

DEFAULT = "en"
"""The language of a version that does not say what it is written in."""

_PACKS = {"en": "audit.language.en:ENGLISH"}
_loaded: dict[str, Language] = {}


def find(code: str | None = None) -> Language | None:
    """The language of an ISO 639-1 code or a longer tag ("en-GB"); None if there is no pack."""
    code = (code or DEFAULT).lower().replace("_", "-").partition("-")[0]
    if code not in _loaded and code in _PACKS:
        module, _, name = _PACKS[code].partition(":")
        register(getattr(import_module(module), name))
    return _loaded.get(code)


def known() -> tuple[Language, ...]:
    """The languages that have a pack, by code."""
    return tuple(pack for code in sorted(_PACKS) if (pack := find(code)))


def register(language: Language) -> None:
    """Make a language known under its code, for this process."""
    _loaded[language.code] = language
