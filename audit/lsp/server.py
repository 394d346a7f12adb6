"""The language server: checks what a client opens, changes and saves, and answers meanwhile.

A change is checked when no other has come for `PAUSE` seconds. The findings of the rules are shown
at once; then the models read the text, and all findings are shown. A change ends the check that is
under way, before its next stage, so that no more than one check of a document waits.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from functools import partial
from threading import Event

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from audit.errors import AuditError
from audit.lsp.check import Checker
from audit.lsp.document import Document
from audit.lsp.shown import DISMISS, Mark
from audit.version import __version__

log = logging.getLogger(__name__)

PAUSE = 0.4
"""Seconds without a change before a text is checked."""


class Server(LanguageServer):
    """Keeps, for each open document, the check that is under way and what the last one found."""

    def __init__(self, checker: Checker) -> None:
        # Whole texts, as pygls takes more characters than the protocol for ends of lines.
        super().__init__(
            "mtaudit", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full
        )
        self._checker = checker
        # One thread: the models take all cores, and an engine is not for two.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")
        self._tasks: dict[str, tuple[asyncio.Task[None], Event]] = {}
        self._found: dict[str, tuple[str, tuple[Mark, ...]]] = {}

    def check(self, uri: str, pause: float = 0.0) -> None:
        """Check a document after a pause; the check of an earlier state of it is dropped."""
        self._drop(uri)
        is_over = Event()
        task = asyncio.get_running_loop().create_task(self._check(uri, pause, is_over))
        task.add_done_callback(self._report)
        self._tasks[uri] = task, is_over

    def forget(self, uri: str) -> None:
        """Drop a document, and its findings from the client."""
        self._drop(uri)
        self._found.pop(uri, None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def quick_fixes(self, uri: str, where: lsp.Range) -> list[lsp.CodeAction]:
        """What mends or dismisses the findings that touch a range; none while a changed text is
        unchecked."""
        text, marks = self._found.get(uri, ("", ()))
        if text != self.workspace.get_text_document(uri).source:
            return []
        return [a for mark in marks if mark.touches(where) for a in mark.quick_fixes(uri)]

    def dismiss(self, uri: str, category: str, quote: str) -> None:
        """Write down that a finding is no fault, and check the document again."""
        try:
            file = self._checker.dismiss(uri, category, quote)
        except AuditError as e:
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, str(e)))
            return
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Info, f"added to {file}"))
        self.check(uri)

    def close(self) -> None:
        """End the check under way and begin no other."""
        for _, is_over in self._tasks.values():
            is_over.set()
        self._worker.shutdown(cancel_futures=True)

    def _drop(self, uri: str) -> None:
        if uri in self._tasks:
            task, is_over = self._tasks.pop(uri)
            is_over.set()
            task.cancel()

    async def _check(self, uri: str, pause: float, is_over: Event) -> None:
        await asyncio.sleep(pause)
        shown = self.workspace.get_text_document(uri)
        document = Document(uri, shown.source, shown.version, shown.language_id or "plaintext")
        codec = self.workspace.position_codec
        try:
            for rules_alone in (True, False):
                work = partial(
                    self._checker.check, document, codec, is_over, rules_alone=rules_alone
                )
                marks = await asyncio.get_running_loop().run_in_executor(self._worker, work)
                self._publish(document, marks)
        except AuditError as e:
            self._publish(document, ())
            why = lsp.LogMessageParams(lsp.MessageType.Info, f"not checked: {e}")
            self.window_log_message(why)

    def _publish(self, document: Document, marks: tuple[Mark, ...]) -> None:
        self._found[document.uri] = (document.text, marks)
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(
                document.uri, [m.diagnostic for m in marks], version=document.number
            )
        )

    def _report(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a check failed", exc_info=error)
            self.report_server_error(
                error if isinstance(error, Exception) else RuntimeError(repr(error)),
                JsonRpcInternalError,
            )


def serve(checker: Checker) -> None:
    """Speak with one client over standard input and output until it says goodbye."""
    # pygls closes what it writes to. What a library prints must not come between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with redirect_stdout(sys.stderr):
        server = Server(checker)
        _listen(server)
        try:
            server.start_io(sys.stdin.buffer, out)
        finally:
            server.close()


def _listen(server: Server) -> None:
    """Name what the server answers to."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.check(params.text_document.uri, PAUSE)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    kinds = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def mend(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return server.quick_fixes(params.text_document.uri, params.range)

    @server.command(DISMISS)
    def dismiss(uri: str, category: str, quote: str) -> None:
        server.dismiss(uri, category, quote)
