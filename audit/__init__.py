"""mtaudit: finds machine-translation artifacts in news by comparing versions of a story."""

from audit.config import Settings
from audit.errors import AuditError, ConfigurationError, InputError, ModelError, NotScored
from audit.model import AuditResult, Finding, Reading, Row, Score, Sentence, Version, VersionResult
from audit.pipeline import Engine, audit_story, audit_text
from audit.version import __version__

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
