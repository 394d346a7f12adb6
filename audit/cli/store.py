"""Opens the store that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.errors import ConfigurationError

if TYPE_CHECKING:
    from audit.config import Settings
    from audit.store.database import Store


def opened(settings: Settings, *, make: bool = True) -> Store:
    """The store of these settings; unless `make` is false it is made if it is not there.

    Raises ConfigurationError if they name none, StoreError if it cannot be used.
    """
    from audit.store.database import Store

    if settings.store is None:
        raise ConfigurationError(
            'no store is set: write store = "sqlite:///mtaudit.sqlite" into mtaudit.toml, or give '
            "--store URL"
        )
    return Store.open(settings.store, backup=settings.store_backup, make=make)
