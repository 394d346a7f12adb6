"""The doctor: each line says ok or what to do, and --offline really cuts the network."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import NewUrl
from sqlalchemy import text
from story import RESULT

from audit.cli import doctor
from audit.cli import main as cli
from audit.cli.doctor_night import examine_night
from audit.config import Settings, load
from audit.model import AuditResult, Version
from audit.models import eight_bit
from audit.models.store import ENCODER, MANIFEST, SOURCES, cache_folder
from audit.nightly.lock import held
from audit.store.database import Store, engine_of
from audit.store.runs import Runs


class Trial:
    """An engine that touches the network if it is asked to."""

    reaches: str | None = None

    def __init__(self, settings: Settings) -> None:
        self.offline = settings.offline

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def audit(self, story: str, versions: Sequence[Version]) -> AuditResult:
        if self.reaches:
            socket.create_connection((self.reaches, 9), timeout=1).close()
        return replace(RESULT, story=story)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MTAUDIT_CACHE", str(tmp_path))
    monkeypatch.setattr("audit.pipeline.Engine", Trial)


def examined(name: str, *, offline: bool = False) -> doctor.Examined:
    return next(e for e in doctor.examine(Settings(), offline=offline) if e.name == name)


def test_working_machine_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["doctor"]) == cli.DONE
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ok       Python: 3.") for line in lines)
    assert any(line.startswith("ok       typer: ") for line in lines)
    assert lines[-1] == "ok       trial audit: findings: 11"


def test_missing_package_is_reported_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        doctor, "requires", lambda _: ["no-such-thing>=1", "typer>=900", 'torch; extra == "dev"']
    )
    assert cli.run(["doctor"]) == cli.USAGE
    shown = capsys.readouterr().out
    assert "FAILED   no-such-thing: not installed; pip install --upgrade mtaudit" in shown
    assert ", but >=900 is needed" in shown
    assert "torch" not in shown


def test_missing_model_is_reported_with_the_command_that_gets_it(tmp_path: Path) -> None:
    found = examined("causal language model")
    assert not found.ok
    assert not found.core
    assert "run: mtaudit models fetch" in str(found)
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    settings = Settings(causal_model=str(folder))
    assert any(
        e.ok and e.detail == f"{folder} in {folder}"
        for e in doctor.examine(settings, offline=False)
    )


def test_weights_in_eight_bits_are_named_where_they_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / eight_bit.FILE).touch()
    encoder = cache_folder() / SOURCES[ENCODER].folder
    encoder.mkdir(parents=True)
    (encoder / eight_bit.FILE).touch()
    (encoder / MANIFEST).write_text('{"files": {}}')

    def said(processor: bool, **more: bool) -> list[str]:
        monkeypatch.setattr(eight_bit, "multiplies_bytes", lambda: processor)
        settings = Settings(causal_model=str(tmp_path), **more)
        return [e.detail for e in doctor.examine(settings, offline=False)]

    for plain in (f"{tmp_path} in {tmp_path}", f"{ENCODER} in {encoder}"):
        assert f"{plain}, computed in eight bits" in said(processor=True)
        assert plain in said(processor=False)
        assert plain in said(processor=True, eight_bit=False)


def test_model_that_is_switched_off_is_not_missing() -> None:
    lines = map(str, doctor.examine(Settings(causal_model="none"), offline=False))
    assert "ok       causal language model: switched off by the setting causal_model" in lines


def test_cache_folder_need_not_exist_yet(tmp_path: Path) -> None:
    assert examined("cache folder").detail == str(tmp_path / "models")
    assert examined("cache folder").ok
    assert "GB free" in examined("disk space").detail


def test_languagetool_is_optional_and_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LTP_PATH", str(tmp_path))
    monkeypatch.setattr("audit.measure.languagetool_server.shutil.which", lambda _: None)
    monkeypatch.setattr(doctor, "_has_font", lambda _: True)
    assert "missing  LanguageTool: Java was not found; install Java 17" in str(
        examined("LanguageTool")
    )
    monkeypatch.setattr(
        "audit.measure.languagetool_server.shutil.which", lambda name: f"/bin/{name}"
    )
    assert "no languagetool-server.jar; run: mtaudit models fetch languagetool" in str(
        examined("LanguageTool")
    )
    (tmp_path / "languagetool-server.jar").touch()
    assert examined("LanguageTool").detail == f"{tmp_path}, run by /bin/java"


def test_languagetool_elsewhere_and_switched_off_are_reported() -> None:
    elsewhere = Settings(languagetool_url="http://localhost:8081")
    reported = {
        settings: next(
            e for e in doctor.examine(settings, offline=False) if e.name == "LanguageTool"
        )
        for settings in (elsewhere, Settings(grammar=False))
    }
    assert reported[elsewhere].detail == "to be asked at http://localhost:8081"
    assert "switched off by the setting grammar" in str(reported[Settings(grammar=False)])


def test_offline_trial_fails_if_an_audit_needs_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Trial, "reaches", "192.0.2.1")
    found = examined("trial audit without network", offline=True)
    assert not found.ok
    assert found.core
    assert "an audit tried to reach 192.0.2.1" in found.detail


def test_network_is_given_back_after_the_trial() -> None:
    before = socket.socket.connect
    assert examined("trial audit without network", offline=True).ok
    assert socket.socket.connect is before


def night(settings: Path) -> dict[str, doctor.Examined]:
    """What is said of a night with a settings file."""
    return {e.name: e for e in examine_night(load(settings), settings)}


@pytest.fixture
def own(tmp_path: Path, new_url: NewUrl, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file with a store and a scraper's folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pages").mkdir()
    file = tmp_path / "mtaudit.toml"
    file.write_text(f'store = "{new_url()}"\n[[feeds]]\nurl = "pages"\noutlet = "scraper"\n')
    return file


def test_what_a_night_needs_is_looked_at_and_nothing_is_made(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["doctor", "--offline", "--config", str(own)]) == cli.DONE
    out = capsys.readouterr().out
    assert "ok       feeds: 1 in" in out
    assert "not there yet; the first night makes it" in out
    assert "ok       lock: free" in out
    assert not list(own.parent.glob("*.sqlite"))
    Store.open(str(load(own).store)).close()
    assert night(own)["store"].detail.endswith("as this release has them")
    with held(str(load(own).store)):
        assert night(own)["lock"].detail == "held: a night is running"


def test_a_clock_before_what_is_stored_fails(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(str(load(own).store)) as store:
        Runs(store).begin(datetime.now(UTC) + timedelta(days=3))
    assert cli.run(["doctor", "--config", str(own)]) == cli.USAGE
    assert "FAILED   clock: " in (out := capsys.readouterr().out)
    assert "; set the clock" in out


def test_a_store_of_another_program_fails(own: Path) -> None:
    engine = engine_of(str(load(own).store))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (x int)"))
    engine.dispose()
    found = night(own)["store"]
    assert found.core
    assert "holds tables of another program" in str(found)


def test_a_folder_or_a_mail_server_that_is_not_there_is_named(own: Path) -> None:
    (own.parent / "pages").rmdir()
    assert "pages is no folder; make that folder" in str(night(own)["feeds"])
    own.write_text('digest_to = ["me@example.org"]\n' + own.read_text())
    assert "no mail server is set" in str(night(own)["digest"])


def test_a_damaged_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.models.store.locate", lambda _: Path("/models/it"))
    monkeypatch.setattr("audit.models.store.verify", lambda _: ("weights was changed",))
    found = examined("causal language model")
    assert not found.ok
    assert str(found).endswith("weights was changed; run: mtaudit models fetch")


def test_a_second_reader_that_may_not_be_asked_is_reported(tmp_path: Path) -> None:
    asked = Settings(judge_url="http://127.0.0.1:9/v1", judge_model="m", causal_model="none")
    found = next(e for e in doctor.examine(asked, offline=False) if e.name == "second reader")
    assert found.ok and "m at http://127.0.0.1:9/v1, not measured" in found.detail
    unnamed = Settings(judge_url="http://127.0.0.1:9/v1", causal_model="none")
    found = next(e for e in doctor.examine(unnamed, offline=False) if e.name == "second reader")
    assert not found.ok and "judge_model" in found.detail
