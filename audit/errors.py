"""Every error that mtaudit raises on purpose.

    AuditError
    ├── InputError          an input cannot be read
    │   └── NotScored       an input was read and is not fit to be scored
    ├── ConfigurationError  a setting is unknown, malformed or out of range
    ├── ModelError          a model file is missing, damaged or refused
    ├── StoreError          the store cannot be opened, read, written or migrated
    │   └── LockHeld        another run works on the store
    ├── StageUnavailable    an optional stage cannot run here; the pipeline reports it as skipped
    └── StageOrderError     the stages of a pipeline stand in an impossible order

Only the command line translates these into exit statuses.
"""

from __future__ import annotations

import copyreg


class AuditError(Exception):
    """Base of all errors that mtaudit raises on purpose; its text is meant for the user."""

    def __reduce__(self) -> tuple[object, ...]:
        # Between processes an error goes as it is: its text was composed already.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class InputError(AuditError):
    """An input cannot be read. The text names the input and says what to do."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"{source}: {why}")
        self.source = source
        self.why = why


class NotScored(InputError):
    """An input was read but must not be scored: empty, binary, over-long or in a
    language that is not known."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(source, f"not scored: {why}")


class ConfigurationError(AuditError):
    """A setting is unknown, malformed or out of range."""


class ModelError(AuditError):
    """A model file is missing, damaged or its terms have not been accepted."""


class StoreError(AuditError):
    """The store cannot be opened, read, written or migrated. The text names it, without password,
    and says what to do."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"store {place}: {why}")


class LockHeld(StoreError):
    """Another run works on the store."""

    def __init__(self, place: str) -> None:
        super().__init__(place, "another run works on it; it goes on, this one ends")


class StageUnavailable(AuditError):
    """An optional stage cannot run on this machine (no Java, no model file)."""


class StageOrderError(AuditError):
    """A stage of the pipeline requires what no stage before it assigns."""
