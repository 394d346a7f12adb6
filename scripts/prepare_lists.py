"""Read the lists of public figures and given names into the file that an audit loads.

python scripts/build_figures.py
"""

from __future__ import annotations

import json
from pathlib import Path

from audit.language.en import public_figures

DATA = Path(public_figures.__file__).parent / "data"


def main() -> None:
    """Write `figures.json`."""
    text = json.dumps(public_figures.read(), ensure_ascii=False, separators=(",", ":"))
    (DATA / "figures.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
