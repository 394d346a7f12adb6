"""Take a picture of the first screen of an HTML report, for the README.

    python scripts/sample_picture.py reports/sample/report.html reports/sample/report.png

Needs Chromium and playwright. Without Chromium the old picture stays, and the exit status is 0.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

WIDTH, HEIGHT = 1280, 1080
"""Pixels: a laptop's width, and tall enough for the whole summary."""


def main(report: Path, picture: Path) -> int:
    """Open the report without a network and write its first screen."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no picture taken: Chromium is not installed", file=sys.stderr)
        return 0
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            reduced_motion="reduce",
            offline=True,
        )
        page = context.new_page()
        page.goto(report.resolve().as_uri())
        page.screenshot(path=picture)
        browser.close()
    _shrink(picture)
    return 0


def _shrink(picture: Path) -> None:
    """Keep 256 colours: enough for text, a third of the bytes."""
    from PIL import Image

    with Image.open(picture) as image:
        image.quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    given = parser.parse_args()
    sys.exit(main(given.report, given.picture))
