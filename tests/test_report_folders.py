"""The folders of reports stay in order: merged stories lead on, killed runs leave nothing."""

from __future__ import annotations

import os
import time
from io import StringIO
from pathlib import Path

from databases import NewUrl
from small_web import QuickClock
from store_work import NIGHT, result

from audit.config import Settings
from audit.nightly.folders import lead_on
from audit.nightly.log import Log, open_log
from audit.nightly.run import Night, run_night
from audit.report.formats import FORMATS, Reports
from audit.report.write import write_reports
from audit.store.database import Store
from audit.store.stories import Stories, StoryEvent


def log() -> Log:
    return open_log(StringIO(), 0)


def merged(url: str, folder: Path, formats: list[str]) -> None:
    """Two stories with reports, of which the first became part of the second."""
    with Store.open(url) as store:
        for story in ("gone", "goes on"):
            Stories(store).put(story, [f"of {story}"], NIGHT)
            write_reports(Reports(result(story, 2)), formats, folder / story)
        Stories(store).record([StoryEvent(NIGHT, "merged", "gone", "goes on")])
        lead_on(store, NIGHT, folder, log())


def test_who_kept_the_address_of_a_merged_story_is_led_to_the_one_that_took_it_up(
    new_url: NewUrl, tmp_path: Path
) -> None:
    merged(new_url(), tmp_path, ["html", "json", "csv"])
    assert [f.name for f in (tmp_path / "gone").iterdir()] == ["report.html"]
    page = (tmp_path / "gone/report.html").read_text()
    assert 'content="0; url=../goes%20on/report.html"' in page
    assert "is part of another one now" in page
    assert len(list((tmp_path / "goes on").iterdir())) == 3


def test_without_a_page_the_folder_of_a_merged_story_goes_and_files_of_others_stay(
    new_url: NewUrl, tmp_path: Path
) -> None:
    merged(new_url(), tmp_path / "one", ["json"])
    assert [f.name for f in (tmp_path / "one").iterdir()] == ["goes on"]
    (tmp_path / "two/gone").mkdir(parents=True)
    (tmp_path / "two/gone/notes.txt").write_text("mine")
    merged(new_url(), tmp_path / "two", ["json"])
    assert [f.name for f in (tmp_path / "two/gone").iterdir()] == ["notes.txt"]


def test_what_a_killed_run_had_begun_to_write_is_cleared(new_url: NewUrl, tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "story"
    folder.mkdir(parents=True)
    unfinished = [f".{f.file}.ab3_x9z0" for f in FORMATS.values()]
    foreign = [".report.html.swp", ".notes.txt.ab3_x9z0", "report.html.ab3_x9z0", "report.html"]
    for name in (*unfinished, *foreign):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - 4000,) * 2)
    being_written = folder / ".report.json.abcdefgh"
    being_written.touch()
    settings = Settings(causal_model="none", grammar=False, store=new_url())
    run_night(Night(settings, [], tmp_path / "reports", []), log(), clock=QuickClock())
    left = {f.name for f in folder.iterdir()}
    assert left == {*foreign, being_written.name}
