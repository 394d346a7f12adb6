"""OpenAI-compatible servers on loopback that answer as a test wants, over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from audit.second_reader import controls

Answering = Callable[[str, Mapping[str, Any]], str]
"""Given the name of a question and its object, the content of the answer."""

Replying = Callable[[BaseHTTPRequestHandler], None]
"""Writes a whole reply over HTTP, or what passes for one."""


class Judge(ThreadingHTTPServer):
    """A server that answers chat completions; `questions` are those that it was asked."""

    daemon_threads = True

    def __init__(self, answering: Answering, replying: Replying | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answering = answering
        self.replying = replying
        self.questions: list[dict[str, Any]] = []
        self.headers_seen: list[Mapping[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Judge
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.questions.append(body)
        self.server.headers_seen.append({k.lower(): v for k, v in self.headers.items()})
        if self.server.replying is not None:
            self.server.replying(self)
            return
        name = body["response_format"]["json_schema"]["name"]
        content = self.server.answering(name, json.loads(body["messages"][1]["content"]))
        answer = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content},
                }
            ],
            "usage": {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
        }
        reply(self, 200, json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """Write a reply; `_` in the names of headers stands for `-`."""
    handler.send_response(status)
    for name, value in ({"content_type": "application/json"} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def judge(answering: Answering, replying: Replying | None = None) -> Iterator[Judge]:
    """A running server; with `replying` it answers so over HTTP, whatever it is asked."""
    server = Judge(answering, replying)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fault(sentence: Mapping[str, Any], quote: str, **more: Any) -> dict[str, Any]:
    """A fault as an answer names it."""
    text = sentence["text"]
    at = text.index(quote)
    around = text[max(0, at - 12) : at + len(quote) + 12]
    return {
        "sentence": sentence["n"],
        "quote": quote,
        "around": around,
        "category": "ungrammatical",
        "severity": "minor",
        "write": None,
        "why": "It is no English.",
        "page": None,
        **more,
    }


def of_controls(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The faults of the control sentence of a question."""
    known = {c.text: c for c in controls.FAULTY}
    return [
        fault(s, known[s["text"]].quote, write=known[s["text"]].suggestion)
        for s in asked["sentences"]
        if s["text"] in known
    ]


class Oracle:
    """Answers from known faults: of each text, spans with category, severity and suggestion."""

    def __init__(self, texts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._texts = texts

    def __call__(self, name: str, asked: Mapping[str, Any]) -> str:
        if name == "faults":
            return json.dumps({"faults": [*of_controls(asked), *self._faults(asked)]})
        return json.dumps({"verdicts": [self._verdict(item) for item in asked["items"]]})

    def _faults(self, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for s in asked["sentences"]:
            for start, end, gold in self._within(s["text"]):
                yield {
                    "sentence": s["n"],
                    "quote": s["text"][start:end],
                    "around": s["text"][max(0, start - 25) : end + 25],
                    "category": gold["category"],
                    "severity": gold["severity"],
                    "write": gold["suggestion"],
                    "why": "The gold list has it.",
                    "page": None,
                }

    def _within(self, sentence: str) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
        """The faults inside a sentence of one of the texts. Blanks do not count: a text is mended
        before it is read."""
        own = [i for i, c in enumerate(sentence) if not c.isspace()]
        wanted = "".join(sentence[i] for i in own)
        for text, faults in self._texts.items():
            places = [i for i, c in enumerate(text) if not c.isspace()]
            at = "".join(text[i] for i in places).find(wanted)
            if at < 0:
                continue
            for gold in faults:
                met = [
                    k
                    for k, i in enumerate(places[at : at + len(own)])
                    if gold["start"] <= i < gold["end"]
                ]
                if met:
                    yield own[met[0]], own[met[-1]] + 1, gold
            return

    def _verdict(self, item: Mapping[str, Any]) -> dict[str, Any]:
        known = {c.text for c in controls.FAULTY}
        if item["sentence"] in known:
            answer = "yes"
        else:
            near = item["sentence"].find(item["around"])
            at = near + item["around"].find(item["marked"])
            touched = [
                g
                for s, e, g in self._within(item["sentence"])
                if s < at + len(item["marked"]) and at < e
            ]
            answer = "yes" if touched else "no"
        return {"n": item["n"], "fault": answer, "why": "The gold list says so."}
