"""The language server, driven by a client over standard input and output; its positions."""

from __future__ import annotations

import asyncio
import html
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
import pytest_lsp
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp
from pygls.workspace import PositionCodec
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from audit import baseline
from audit.config import Settings
from audit.errors import ModelError, NotScored
from audit.lsp.check import Checker, Superseded
from audit.lsp.document import MARKDOWN_CHARS, Document, read
from audit.lsp.page import places_in_page
from audit.lsp.positions import Lines
from audit.model import Story
from audit.models.store import locate
from audit.pipeline import STAGES, Engine
from audit.stage import Stage

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
FOLDER = tempfile.TemporaryDirectory()
SETTINGS = Path(FOLDER.name) / "mtaudit.toml"
SETTINGS.write_text('causal_model = "none"\ngrammar = false\n', encoding="utf-8")
WITH_MODEL = Path(FOLDER.name) / "with_model.toml"
WITH_MODEL.write_text("grammar = false\n", encoding="utf-8")
SERVER = [sys.executable, "-m", "audit.cli", "lsp", "--config", str(SETTINGS)]
FAULTY = "🌊 The minister spoke to to reporters on Monday.\nThe dam was built in 1951, he said.\n"
SOUND = "🌊 The minister spoke to reporters on Monday.\nThe dam was built in 1951, he said.\n"


async def start(lsp_client: LanguageClient) -> None:
    capabilities = client_capabilities("visual-studio-code")
    await lsp_client.initialize_session(lsp.InitializeParams(capabilities=capabilities))


@pytest_lsp.fixture(
    config=ClientServerConfig(
        server_command=SERVER, server_env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
)
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    await start(lsp_client)
    yield
    await lsp_client.shutdown_session()


@pytest_lsp.fixture(
    config=ClientServerConfig(
        server_command=[*SERVER, "--siblings"],
        server_env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
)
async def among_siblings(lsp_client: LanguageClient) -> AsyncIterator[None]:
    await start(lsp_client)
    yield
    await lsp_client.shutdown_session()


@pytest_lsp.fixture(
    config=ClientServerConfig(
        server_command=[*SERVER[:-1], str(WITH_MODEL)],
        server_env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
)
async def with_model(lsp_client: LanguageClient) -> AsyncIterator[None]:
    try:
        locate(None)
    except ModelError as e:
        pytest.skip(str(e))
    await start(lsp_client)
    yield
    await lsp_client.shutdown_session()


def open_text(client: LanguageClient, uri: str, text: str, language: str = "plaintext") -> None:
    item = lsp.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))


def change(client: LanguageClient, uri: str, text: str, number: int) -> None:
    client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(version=number, uri=uri),
            [lsp.TextDocumentContentChangeWholeDocument(text)],
        )
    )


async def until(client: LanguageClient, uri: str, wanted: int) -> list[lsp.Diagnostic]:
    """The diagnostics of a document as soon as there are that many."""
    async with asyncio.timeout(240):
        while len(client.diagnostics.get(uri, [])) != wanted or uri not in client.diagnostics:
            await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return list(client.diagnostics[uri])


def published(client: LanguageClient) -> asyncio.Queue[lsp.PublishDiagnosticsParams]:
    """What the server publishes from now on, one after another. Who waits for one and then for the
    next misses the next if both come at once."""
    queue: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

    def listen() -> None:
        client.protocol.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, heard)

    def heard(found: lsp.PublishDiagnosticsParams) -> None:
        queue.put_nowait(found)
        listen()

    listen()
    return queue


def everywhere(text: str) -> lsp.Range:
    return lsp.Range(lsp.Position(0, 0), lsp.Position(len(text.splitlines()), 0))


async def actions(
    client: LanguageClient, uri: str, where: lsp.Range
) -> list[lsp.CodeAction | lsp.Command]:
    """What is offered at a place. lsprotocol reads an action that has a command as the command."""
    answer = await client.text_document_code_action_async(
        lsp.CodeActionParams(
            text_document=lsp.TextDocumentIdentifier(uri),
            range=where,
            context=lsp.CodeActionContext(diagnostics=[]),
        )
    )
    return list(answer or ())


def applied(action: lsp.CodeAction, uri: str, text: str) -> str:
    """The text after an action, as a client that counts in UTF-16 applies it."""
    assert action.edit is not None and action.edit.changes is not None
    (edit,) = action.edit.changes[uri]
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    before = lines[: edit.range.start.line]
    start = sum(len(x) + 2 for x in before) + 2 * edit.range.start.character
    end = sum(len(x) + 2 for x in lines[: edit.range.end.line]) + 2 * edit.range.end.character
    whole = text.encode("utf-16-le")
    return (whole[:start] + edit.new_text.encode("utf-16-le") + whole[end:]).decode("utf-16-le")


@pytest.mark.asyncio
async def test_a_fault_is_shown_mended_and_gone(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "draft.txt").as_uri()
    open_text(client, uri, FAULTY)
    (diagnostic,) = await until(client, uri, 1)
    assert diagnostic.code == "duplicated-word"
    assert diagnostic.source == "mtaudit"
    assert diagnostic.severity == lsp.DiagnosticSeverity.Information
    assert "Write “to”" in diagnostic.message
    assert diagnostic.range == lsp.Range(lsp.Position(0, 22), lsp.Position(0, 27))

    action, _ = await actions(client, uri, diagnostic.range)
    assert isinstance(action, lsp.CodeAction)
    assert action.kind == lsp.CodeActionKind.QuickFix
    assert action.is_preferred
    mended = applied(action, uri, FAULTY)
    assert mended == SOUND
    assert await actions(client, uri, lsp.Range(lsp.Position(1, 0), lsp.Position(1, 3))) == []

    change(client, uri, mended, 2)
    assert await actions(client, uri, everywhere(mended)) == []
    assert await until(client, uri, 0) == []


@pytest.mark.asyncio
async def test_what_is_dismissed_stays_away(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "song.txt").as_uri()
    open_text(client, uri, FAULTY)
    (diagnostic,) = await until(client, uri, 1)
    _, dismissal = await actions(client, uri, diagnostic.range)
    assert dismissal.title == "“to to” is no fault here: add it to the baseline"
    assert "'mtaudit.dismiss'" in str(dismissal.command)
    await client.workspace_execute_command_async(
        lsp.ExecuteCommandParams("mtaudit.dismiss", [uri, "duplicated-word", "to to"])
    )
    assert await until(client, uri, 0) == []
    (entry,) = baseline.read(Path(FOLDER.name) / "mtaudit-baseline.toml")
    assert (entry.category, entry.quote, entry.story) == ("duplicated-word", "to to", "song.txt")


@pytest.mark.asyncio
async def test_a_comment_in_the_text_keeps_a_finding_away(
    client: LanguageClient, tmp_path: Path
) -> None:
    uri = (tmp_path / "poem.txt").as_uri()
    comment = "<!-- mtaudit: ignore duplicated-word a title -->\n"
    open_text(client, uri, comment + FAULTY + FAULTY)
    (diagnostic,) = await until(client, uri, 1)
    assert diagnostic.range.start.line == 3


@pytest.mark.asyncio
async def test_only_the_last_of_quick_changes_is_shown(
    client: LanguageClient, tmp_path: Path
) -> None:
    uri = (tmp_path / "draft.txt").as_uri()
    come = published(client)
    open_text(client, uri, FAULTY)
    change(client, uri, SOUND, 2)
    change(client, uri, SOUND + FAULTY, 3)
    async with asyncio.timeout(240):
        for _ in ("by the rules", "by the models"):
            shown = await come.get()
            assert shown.version == 3
            assert [d.range.start.line for d in shown.diagnostics] == [2]


@pytest.mark.asyncio
async def test_the_models_add_what_they_find_and_nothing_of_an_older_text_is_shown(
    with_model: LanguageClient, tmp_path: Path
) -> None:
    uri = (tmp_path / "draft.txt").as_uri()
    shown: list[tuple[int | None, list[str | int | None]]] = []
    come = published(with_model)

    async def next_shown() -> None:
        found = await come.get()
        shown.append((found.version, [d.code for d in found.diagnostics]))

    text = FAULTY + "The mayor did not came to the meeting on Monday.\n"
    async with asyncio.timeout(240):
        open_text(with_model, uri, text)
        await next_shown()
        await next_shown()
        assert shown == [
            (1, ["duplicated-word"]),
            (1, ["duplicated-word", "ungrammatical"]),
        ]
        # The models begin to read a long text, and it changes again at once, several times.
        change(with_model, uri, text * 40, 2)
        await next_shown()
        for number in range(3, 7):
            change(with_model, uri, text * 40, number)
        change(with_model, uri, text + SOUND, 7)
        while len(shown) < 5:
            await next_shown()
    assert shown[2][0] == 2
    assert shown[3:] == [
        (7, ["duplicated-word"]),
        (7, ["duplicated-word", "ungrammatical"]),
    ]


def test_a_check_ends_before_its_next_stage_once_its_text_has_changed(tmp_path: Path) -> None:
    ran: list[str] = []
    is_over = Event()

    def make(settings: Settings, stages: Sequence[Stage[Engine]]) -> Engine:
        def noted(stage: Stage[Engine]) -> Stage[Engine]:
            def run(engine: Engine, stories: Sequence[Story]) -> list[Story]:
                ran.append(stage.name)
                if stage.name == "segment":
                    is_over.set()
                return stage.run(engine, stories)

            return replace(stage, run=run)

        return Engine(settings, stages=[noted(s) for s in stages])

    off = Settings(causal_model="none", grammar=False)
    document = Document((tmp_path / "draft.txt").as_uri(), FAULTY, 1, "plaintext")
    codec = PositionCodec(lsp.PositionEncodingKind("utf-16"))
    with Checker(off, make, tmp_path / "known.toml", siblings=False) as checker:
        with pytest.raises(Superseded):
            checker.check(document, codec, is_over, rules_alone=True)
        assert ran[-1] != STAGES[-1].name
        assert len(checker.check(document, codec, Event(), rules_alone=True)) == 1


@pytest.mark.asyncio
async def test_closing_takes_the_findings_away(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "draft.txt").as_uri()
    open_text(client, uri, FAULTY)
    await until(client, uri, 1)
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
    assert await until(client, uri, 0) == []


@pytest.mark.asyncio
async def test_what_cannot_be_scored_is_said_and_does_not_end_the_server(
    client: LanguageClient, tmp_path: Path
) -> None:
    uri = (tmp_path / "leer.txt").as_uri()
    open_text(client, uri, "")
    await client.wait_for_notification(lsp.WINDOW_LOG_MESSAGE)
    assert list(client.diagnostics[uri]) == []
    assert any("leer.txt: not scored" in m.message for m in client.log_messages)
    other = (tmp_path / "draft.txt").as_uri()
    open_text(client, other, FAULTY)
    assert len(await until(client, other, 1)) == 1


@pytest.mark.asyncio
async def test_markdown_is_marked_where_it_stands(client: LanguageClient, tmp_path: Path) -> None:
    text = "# The dam\n\nThe *minister* spoke [**to to** reporters](https://a.example/to) today.\n"
    uri = (tmp_path / "draft.md").as_uri()
    open_text(client, uri, text, "markdown")
    (diagnostic,) = await until(client, uri, 1)
    start = text.split("\n")[2].index("to to")
    assert diagnostic.range == lsp.Range(lsp.Position(2, start), lsp.Position(2, start + 5))


PAGE = """<!doctype html>
<html><head><title>The dam &amp; the minister</title><script>var a = "to to";</script></head>
<body><nav><a href="/to">To to</a> <a href="/">The dam</a></nav>
<article><h1>The dam &amp; the minister</h1>
<!-- an aside -->
<p>The minister&nbsp;said <b>today</b> that the caf&eacute; at the dam
   spoke <a href="/x">to to</a> reporters on Monday &mdash; or so he said.</p>
<p>The dam was built in 1951 by the the engineers of the town, who had seen the flood.</p>
<!-- mtaudit: ignore duplicated-word a title -->
<p>The song of the the minister was sung by all the engineers on the day of the flood.</p>
</article><footer>to to</footer></body></html>
"""


@pytest.mark.asyncio
async def test_a_page_is_marked_where_its_article_stands(
    client: LanguageClient, tmp_path: Path
) -> None:
    uri = (tmp_path / "draft.html").as_uri()
    open_text(client, uri, PAGE, "html")
    found = await until(client, uri, 2)
    lines = PAGE.split("\n")
    for diagnostic, words in zip(found, ("to to", "the the"), strict=True):
        where = diagnostic.range
        line = lines[where.start.line]
        assert line[where.start.character : where.end.character] == words
    assert [d.range.start.line for d in found] == [6, 7]
    action, _ = await actions(client, uri, found[0].range)
    assert isinstance(action, lsp.CodeAction)
    assert 'spoke <a href="/x">to</a> reporters' in applied(action, uri, PAGE)


@pytest.mark.asyncio
async def test_siblings_are_witnesses_that_can_be_opened(
    among_siblings: LanguageClient,
) -> None:
    file = SEEDS / "002_acd385dae89f8f4d.txt"
    uri = file.as_uri()
    open_text(among_siblings, uri, file.read_text(encoding="utf-8"))
    async with asyncio.timeout(240):
        while not among_siblings.diagnostics.get(uri):
            await among_siblings.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    found = among_siblings.diagnostics[uri]
    tokaj = next(d for d in found if "Write “Tokayev”" in d.message)
    assert tokaj.severity == lsp.DiagnosticSeverity.Error
    shown = {Path(r.location.uri).name for d in found for r in d.related_information or ()}
    assert file.name in shown
    assert len(shown) > 2
    assert shown <= {f.name for f in SEEDS.glob("*.txt")}


@given(st.text(alphabet=st.sampled_from("ab \n\r\u2028\x0b𝒳🌊é")), st.data())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_position_names_the_same_place_in_every_encoding(
    encoding: str, text: str, data: st.DataObject
) -> None:
    offset = data.draw(st.integers(0, len(text)))
    codec = PositionCodec(lsp.PositionEncodingKind(encoding))
    found = Lines(text, codec).position(offset)
    unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    form = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    marked = text.replace("\r\n", "\n\n").replace("\r", "\n")  # ends of lines of the protocol
    starts = [0]
    for i, c in enumerate(marked):
        if c == "\n" and not (text[i] == "\r" and text[i + 1 : i + 2] == "\n"):
            starts.append(i + 1)
    line = max(n for n, start in enumerate(starts) if start <= offset)
    assert found.line == line
    assert found.character * unit == len(text[starts[line] : offset].encode(form))


def test_words_of_a_page_lead_back_to_its_source() -> None:
    source = read(Document("file:///a.html", PAGE, 1, "html"), "a.html")
    text = source.version.text
    for words, written in (
        ("minister said", "minister&nbsp;said"),
        ("café", "caf&eacute;"),
        ("said today that", "said <b>today</b> that"),
        ("the dam spoke", "the dam\n   spoke"),
        ("The dam & the minister", "The dam &amp; the minister"),
    ):
        start = text.index(words)
        span = source.span(start, start + len(words))
        assert span is not None
        assert PAGE[slice(*span)] == written


@given(st.text(alphabet=st.sampled_from("ab &;<>/p\n\"'éx#-!")))
def test_whatever_a_page_is_its_words_stand_where_they_are_said_to(source: str) -> None:
    text = "a b\nab"
    for i, place in enumerate(places_in_page(text, source)):
        if place is not None:
            start, end = place
            assert text[i].strip() in html.unescape(source[start:end])


def test_what_cannot_be_shown_in_an_editor_is_refused_with_its_reason() -> None:
    with pytest.raises(NotScored, match="Markdown longer than 20,000"):
        read(Document("file:///a.md", "a" * (MARKDOWN_CHARS + 1), 1, "markdown"), "a.md")
    with pytest.raises(NotScored, match="no article text"):
        read(Document("file:///a.html", "<p></p>", 1, "html"), "a.html")


def test_markdown_without_markup_leads_back_to_the_document() -> None:
    text = "---\ntitle: A\n---\n# One *two*\n\n- three [four](b) 🌊 five\n"
    source = read(Document("file:///a.md", text, 1, "markdown"), "a.md")
    for word in ("One", "two", "three", "four", "five"):
        start = source.version.text.index(word)
        span = source.span(start, start + len(word))
        assert span is not None
        assert text[slice(*span)] == word
