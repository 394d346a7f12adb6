"""mtaudit: finds machine-translation artifacts in news by comparing versions of a story.

    from audit import Version, audit_story
    result = audit_story([Version("a.txt", text_a), Version("b.txt", text_b)])

Names are imported on first use, so that `import audit` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.config import Settings
    from audit.errors import AuditError, ConfigurationError, InputError, ModelError, NotScored
    from audit.model import AuditResult, Finding, Reading, Row, Score, Sentence, Version
    from audit.model import VersionResult as VersionResult
    from audit.pipeline import Engine, audit_story, audit_text
    from audit.version import __version__

_HOME = {
    "AuditError": "audit.errors",
    "AuditResult": "audit.model",
    "ConfigurationError": "audit.errors",
    "Engine": "audit.pipeline",
    "Finding": "audit.model",
    "InputError": "audit.errors",
    "ModelError": "audit.errors",
    "NotScored": "audit.errors",
    "Reading": "audit.model",
    "Row": "audit.model",
    "Score": "audit.model",
    "Sentence": "audit.model",
    "Settings": "audit.config",
    "Version": "audit.model",
    "VersionResult": "audit.model",
    "__version__": "audit.version",
    "audit_story": "audit.pipeline",
    "audit_text": "audit.pipeline",
}

__all__ = [
    "AuditError",
    "AuditResult",
    "ConfigurationError",
    "Engine",
    "Finding",
    "InputError",
    "ModelError",
    "NotScored",
    "Reading",
    "Row",
    "Score",
    "Sentence",
    "Settings",
    "Version",
    "VersionResult",
    "__version__",
    "audit_story",
    "audit_text",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'audit' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
