"""The second reader that the settings ask for."""

from __future__ import annotations

from pathlib import Path

from audit.config import Settings
from audit.errors import StageUnavailable
from audit.model import Kept
from audit.models.store import cache_folder
from audit.second_reader import calibration
from audit.second_reader.client import ChatClient
from audit.second_reader.kept import KeptInFile
from audit.second_reader.reader import SecondReader


def second_reader_for(settings: Settings, kept: Kept | None) -> SecondReader:
    """The second reader; nothing is asked yet. Its answers are kept in `kept`, or in a file of the
    cache folder if None.

    Raises StageUnavailable, saying what to do, if it cannot be asked here, ConfigurationError if
    the file of its calibration cannot be read.
    """
    if settings.judge_model is None:
        raise StageUnavailable("judge_url is set and judge_model is not; name the model to ask")
    client = ChatClient(settings)
    measured = calibration.Calibration()
    if settings.judge_calibration is not None:
        measured = calibration.read(Path(settings.judge_calibration), settings.judge_model)
    file = cache_folder().parent / "second-reader.sqlite"
    return SecondReader(settings, client, measured, KeptInFile(file) if kept is None else kept)
