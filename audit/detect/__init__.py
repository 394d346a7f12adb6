"""The detectors, in the order in which they run and are listed.

To add one: write its file, name it here, give it examples in `tests/examples/<id>.toml`.
"""

from __future__ import annotations

from audit.detect.base import Detector

DETECTORS: tuple[Detector, ...] = ()
