"""A language is one folder: one of ten words is audited, and nothing else knows English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from audit import Engine, NotScored, Settings, Version
from audit.language import find, register
from audit.language.base import Plain
from audit.language.en import ENGLISH
from audit.model import AuditResult, Language

AUDIT = Path(__file__).resolve().parent.parent / "audit"


class Velic(Plain):
    """A language without trained models, rules and frequencies."""

    code = "qv"
    name = "Velic"

    _words = frozenset({"kapto", "moru", "dorlo", "vesna", "barki", "lesi", "panu", "miro"})
    _amounts: Mapping[str, str] = {"tuta": "all", "neni": "none"}

    def is_word(self, form: str, *, rare: bool = True) -> bool:
        return form in self._words or form in self._amounts

    def groups(self, name: str) -> Mapping[str, str]:
        return self._amounts if name == "quantities" else {}

    def phrases(self, name: str, group: str) -> tuple[tuple[str, ...], ...]:
        others = set(self._amounts.values()) - {group}
        return tuple((o,) for o in others) if name == "contrary" else ()


VELIC: Language = Velic()
ONE = "Kapto moru dorlo vesna tuta barki. Lesi lesi panu dorlo miro vesna."
OTHER = "Kapto moru dorlo vesna neni barki. Lesi panu dorlo miro vesna."
GERMAN = (
    "Die Brücke über die Venn wurde vor neunzig Jahren von den Bauern dreier Dörfer gebaut. Sie "
    "trugen die Steine in Körben aus dem Bruch. Zwei Fluten und ein Krieg ließen sie stehen. Am "
    "Sonntag riss die dritte Flut sie binnen einer Stunde fort, und niemand wurde verletzt."
)
ENGLISH_TEXT = "The bridge over the Venn was built ninety years ago. Nobody was hurt."


@pytest.fixture
def velic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Velic is known to this test alone."""
    monkeypatch.setattr("audit.language._loaded", {})
    register(VELIC)


def audited(*versions: Version) -> AuditResult:
    with Engine(Settings(causal_model="none", grammar=True)) as engine:
        return engine.audit("story", versions)


def in_velic(name: str, text: str) -> Version:
    return Version(name, text, language="qv")


def test_a_story_in_a_language_of_ten_words_is_audited(velic: None) -> None:
    result = audited(in_velic("a", ONE), in_velic("b", OTHER))
    shown = (*result.findings, *result.suspicions)
    found = {(f.rule, f.version, f.quote) for f in shown}
    assert ("duplicated-word", "a", "Lesi lesi") in found
    assert ("meaning-shift", "a", "tuta") in found
    assert ("meaning-shift", "b", "neni") in found
    worst, best = result.version("a"), result.version("b")
    assert worst.score.value < best.score.value
    assert "calibration:none" in result.signature


def test_what_was_not_fitted_to_a_language_is_not_guessed(velic: None) -> None:
    (alone,) = audited(in_velic("a", OTHER)).versions
    assert [s.risk for s in alone.sentences] == [0, 0]
    assert alone.score.value == 100
    assert alone.mt_likelihood is None
    assert alone.mt_marks == ("no model was fitted for Velic",)
    assert alone.readability == {}


def test_a_language_without_rules_of_languagetool_is_not_checked_by_it(
    velic: None, languagetool: None
) -> None:
    skipped = audited(in_velic("a", OTHER)).skipped
    assert "no rules of LanguageTool were chosen for Velic" in {s.why for s in skipped}


def test_versions_in_another_language_than_most_are_left_out(velic: None) -> None:
    english = Version("c", ENGLISH_TEXT)
    result = audited(in_velic("a", ONE), in_velic("b", OTHER), english)
    assert [v.version.id for v in result.versions] == ["a", "b"]
    (why,) = (s.why for s in result.skipped if s.stage == "input")
    assert why == "c: not scored: in English, most versions are in Velic"


def test_a_language_that_is_not_known_is_refused() -> None:
    with pytest.raises(NotScored, match=r"not English \(language de"):
        audited(Version("a", GERMAN, language="de"))


@pytest.mark.parametrize("tag", [None, "en", "EN", "en-GB", "en_US"])
def test_english_is_found_by_its_tags_and_taken_for_granted(tag: str | None) -> None:
    assert find(tag) is ENGLISH


def test_a_language_without_a_folder_is_not_found() -> None:
    assert find("de") is None
    assert find("qv") is None


# Nothing but audit/language/en knows English.

FUNCTION_WORDS = 4
"""So many English function words in one literal are a word list; a table may have who and why."""

WRITING = {AUDIT / "cli", AUDIT / "report"}
"""Rooms that write to editors, in English."""


def modules(*elsewhere: Path) -> list[object]:
    """The modules outside the folder of English and some others."""
    english = AUDIT / "language" / "en"
    files = (f for f in sorted(AUDIT.rglob("*.py")) if not {english, *elsewhere} & {*f.parents})
    return [pytest.param(f, id=str(f.relative_to(AUDIT))) for f in files]


def parsed(file: Path) -> Iterator[ast.AST]:
    """The nodes of a module, types left out."""
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        yield node
        is_type = isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"
        waiting += () if is_type else ast.iter_child_nodes(node)


def is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def strings(file: Path) -> list[str]:
    return [str(ast.literal_eval(n)) for n in parsed(file) if is_string(n)]


def word_lists(file: Path) -> Iterator[list[str]]:
    """Words that stand together in a literal: in brackets, between blanks or bars."""
    for node in parsed(file):
        if isinstance(node, (ast.List, ast.Set, ast.Tuple)):
            yield [str(ast.literal_eval(n)) for n in node.elts if is_string(n)]
        elif isinstance(node, ast.Dict):
            yield [str(ast.literal_eval(n)) for n in node.keys if n and is_string(n)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if node.func.attr == "split" and is_string(of):
                yield str(ast.literal_eval(of)).split()
    for text in strings(file):
        yield from (m.group().split("|") for m in re.finditer(r"\w+(?:\|\w+)+", text))


@pytest.mark.parametrize("file", modules())
def test_nothing_else_imports_english(file: Path) -> None:
    if file != AUDIT / "language" / "__init__.py":  # where the languages are listed
        assert "audit.language.en" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", modules(*WRITING))
def test_nothing_else_names_english(file: Path) -> None:
    if file != AUDIT / "language" / "__init__.py":
        assert "en" not in strings(file)


@pytest.mark.parametrize("file", modules(*WRITING))
def test_nothing_else_lists_english_words(file: Path) -> None:
    for words in word_lists(file):
        found = {w for w in words if ENGLISH.is_function_word(w)}
        assert len(found) < FUNCTION_WORDS, sorted(found)
