"""The name registry: what is learned, what is not, and how people correct it."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from databases import NewUrl
from store_work import NIGHT

from audit.config import Settings
from audit.errors import InputError
from audit.language import register
from audit.language.base import Plain
from audit.language.en import ENGLISH
from audit.model import Language, Version
from audit.pipeline import Engine
from audit.store.database import Store
from audit.store.mentions import full_names
from audit.store.names import Names
from audit.store.trust import independent

NAME = "Qasymbek Torequl"


class Orran(Plain):
    """A language of two words, which English would take for a name."""

    code = "qo"
    name = "Orran"

    def is_word(self, form: str, *, rare: bool = True) -> bool:
        return form in ("qasymbek", "torequl")


ORRAN: Language = Orran()


def see(store: Store, form: str, *seen: str, language: Language = ENGLISH) -> None:
    """Note a form, seen in each "outlet group"."""
    for each in seen:
        outlet, _, group = each.partition(" ")
        Names(store).see([form], outlet=outlet, copies=group or outlet, at=NIGHT, language=language)


def trusted(store: Store) -> tuple[str, ...]:
    Names(store).learn()
    return Names(store).trusted()


def test_a_form_is_trusted_when_three_independent_outlets_have_it(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        see(store, NAME, "a", "b")
        assert trusted(store) == ()
        see(store, NAME, "a", "b", "a other")
        assert trusted(store) == ()
        see(store, f"{NAME}’s", "c")
        assert trusted(store) == (NAME,)


def test_a_form_is_judged_by_the_language_that_most_outlets_have_it_in(
    new_url: NewUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.language._loaded", {})
    register(ORRAN)
    with Store.open(new_url()) as store:
        see(store, NAME, *"abc", language=ORRAN)
        see(store, "Aila Brentor", *"abc", language=ORRAN)
        assert trusted(store) == ("Aila Brentor",)
        see(store, NAME, *"defg")
        assert trusted(store) == ("Aila Brentor", NAME)


def test_copies_of_one_text_are_one_witness(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        see(store, NAME, "a wire", "b wire", "c wire", "d wire")
        assert trusted(store) == ()
    assert independent([("a", "w"), ("b", "w"), ("c", "w"), ("a", "x"), ("a", "y")]) == 2
    assert independent([("a", "w"), ("a", "x"), ("b", "w"), ("c", "y")]) == 3


def test_a_garble_that_spread_is_not_trusted(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        see(store, "Qasymbek Tolequl", *"abc")
        see(store, NAME, *"abcdefghijklm")
        see(store, "Anthony Brinken", *"abc")
        see(store, "Prime Time", *"abc")
        assert trusted(store) == (NAME,)


def test_transliterations_are_forms_of_one_name(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        see(store, "Kasymbek Torekul", *"abc")
        see(store, "Qasymbek Torekul", *"abcde")
        Names(store).learn()
        (known,) = Names(store).list()
        assert (known.name, [f.form for f in known.forms]) == (
            "Qasymbek Torekul",
            ["Qasymbek Torekul", "Kasymbek Torekul"],
        )
        assert known.forms[0].outlets == 5


def test_people_add_merge_and_forget(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        names = Names(store)
        names.add(NAME, ["Q. Torequl"], NIGHT)
        see(store, "Qasim Torekul", *"abc")
        assert trusted(store) == ("Q. Torequl", "Qasim Torekul", NAME)
        names.merge(NAME, ["Qasim Torekul"], NIGHT)
        assert [len(n.forms) for n in names.list("TORÉKUL")] == [3]
        names.forget("Q. Torequl")
        assert trusted(store) == ("Qasim Torekul", NAME)
        names.forget(NAME)
        see(store, NAME, *"abcdefg")
        assert trusted(store) == ()
        assert names.list() == []
        assert len(names.list(all_forms=True)) == 1
        names.add(NAME, [], NIGHT)
        assert trusted(store) == (NAME,)
        for change in (names.forget, lambda n: names.merge(n, [], NIGHT)):
            with pytest.raises(InputError, match="nobody"):
                change("nobody")
        with pytest.raises(InputError, match="no name"):
            names.add("…", [], NIGHT)


def test_what_was_seen_long_ago_and_never_trusted_is_dropped(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        see(store, NAME, *"abc")
        see(store, "Aila Brentovic", "a")
        Names(store).learn()
        assert Names(store).prune(NIGHT + timedelta(days=1)) == 1
        assert trusted(store) == (NAME,)


def test_full_names_of_running_text_are_read() -> None:
    text = (
        "Torequl Flies To Aktau Again\n\n"
        f"President {NAME} flew to the city of Aktau on Monday. Torequl met Aila Brent there "
        "and flew home. Also There Were Anna Maria Brown."
    )
    assert full_names(Version("a", text), ENGLISH) == {NAME, "Aila Brent"}


def test_only_names_that_stand_in_the_texts_are_given_to_the_detectors(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        names = Names(store)
        names.add(NAME, ["Aila Brent"], NIGHT)
        engine = Engine(Settings(names=("Own Name",)), names_in=names.trusted_in)
        at_hand = (Version("a", "It was TOREQUL, Qasymbek, she said."),)
        assert engine.settings_for(at_hand).names == ("Own Name", NAME)
        assert engine.settings_for((Version("a", "Nobody."),)) is engine.settings


def mtaudit(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "audit.cli", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(Path(__file__).resolve().parent.parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_shows_and_corrects_names(tmp_path: Path) -> None:
    (tmp_path / "mtaudit.toml").write_text('store = "sqlite:///names.sqlite"\n')
    for words in (
        ["add", NAME, "Q. Torequl"],
        ["add", "Qasim Torekul"],
        ["merge", NAME, "Qasim Torekul"],
        ["forget", "Q. Torequl"],
    ):
        done = mtaudit("names", *words, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    shown = mtaudit("names", "list", cwd=tmp_path).stdout.splitlines()
    assert [line.partition("  [")[0] for line in shown] == [NAME, "  Qasim Torekul"]
    shown = mtaudit("names", "list", "--all", "qas", cwd=tmp_path).stdout
    assert "  Q. Torequl  [forgotten; 0 outlets; " in shown
    shown = mtaudit("names", "list", "--all", "astana", cwd=tmp_path).stdout
    assert shown == "Astana = Nur-Sultan  [listed: places, English]\n"
    unknown = mtaudit("names", "forget", "nobody", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "nobody: is not in the registry" in unknown.stderr


def test_without_a_store_the_command_line_says_how_to_set_one(tmp_path: Path) -> None:
    done = mtaudit("names", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert "no store is set" in done.stderr
