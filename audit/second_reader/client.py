"""Asks an OpenAI-compatible server one question at a time, within bounds."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol
from urllib.parse import urlsplit

from audit.config import ENV_PREFIX, Settings
from audit.errors import StageUnavailable
from audit.ingest.guard import is_public, resolve

log = logging.getLogger(__name__)

KEY = f"{ENV_PREFIX}JUDGE_KEY"
"""The environment variable that holds the server's key, if it wants one."""

ANSWER_TOKENS = 1_500
"""Longest answer, tokens: some twenty faults with their reasons."""

ANSWER_CHARS = 50_000
"""Longer answers are not parsed."""

RETRIES = 2
"""A request that fails is sent again so many times, after a pause that grows."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what the model is, what it is given, and the JSON schema of its answer.

    `name` names the schema.
    """

    name: str
    system: str
    user: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `content` as it came, and the tokens that question and answer took."""

    content: str
    tokens: int

    def parsed(self) -> Any:
        """The content as JSON; None if it is none, was cut off or is longer than allowed."""
        if len(self.content) > ANSWER_CHARS:
            return None
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


class Client(Protocol):
    """Answers questions. Raises StageUnavailable, with the reason, where no answer comes."""

    def ask(self, question: Question) -> Answer:
        """Ask one question; may be called by several threads."""


class ChatClient:
    """Chat completions of the server that the settings name.

    Raises StageUnavailable if the client library is missing, if `offline` or the missing consent
    to send texts forbids the server, or if its name is not known.
    """

    def __init__(self, settings: Settings) -> None:
        if find_spec("openai") is None:
            raise StageUnavailable("openai is not installed; run: pip install 'mtaudit[judge]'")
        assert settings.judge_url and settings.judge_model
        self._settings = settings
        leaves = self._leaves_the_network(settings.judge_url)
        from openai import DefaultHttpxClient, OpenAI

        from audit.second_reader.bounds import bounded

        self._key = os.environ.get(KEY) or ""
        self._client = OpenAI(
            base_url=settings.judge_url,
            api_key=self._key or "none",
            timeout=settings.judge_timeout,
            max_retries=RETRIES,
            default_headers={"accept-encoding": "identity"},
            # a redirect could lead to a server that nobody agreed to
            # and a proxy is for what lies outside this network
            http_client=DefaultHttpxClient(
                follow_redirects=False,
                trust_env=leaves,
                event_hooks={"response": [bounded(settings.judge_timeout)]},
            ),
        )

    def _leaves_the_network(self, url: str) -> bool:
        """Whether texts leave this network. Raises StageUnavailable if they may not."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        try:
            addresses = resolve(host, parts.port or (443 if parts.scheme == "https" else 80))
        except (OSError, UnicodeError) as e:
            raise StageUnavailable(f"judge_url: no such host: {host}") from e
        if not any(map(is_public, addresses)):
            return False
        if self._settings.offline:
            raise StageUnavailable(f"offline, and judge_url names another network ({host})")
        if not self._settings.judge_send_texts:
            raise StageUnavailable(
                f"judge_url is {host}, outside this network, and texts would be sent there; "
                "if that may be, set judge_send_texts = true"
            )
        log.warning("texts are sent to %s, as judge_url and judge_send_texts say", host)
        return True

    def ask(self, question: Question) -> Answer:
        """Ask one question. Raises StageUnavailable."""
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        from audit.second_reader.bounds import BodyRefused

        try:
            done = self._client.chat.completions.create(
                model=self._settings.judge_model or "",
                messages=[
                    {"role": "system", "content": question.system},
                    {"role": "user", "content": question.user},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {
                        "name": question.name,
                        "schema": dict(question.schema),
                        "strict": True,
                    },
                },
                temperature=0,
                seed=self._settings.seed,
                max_tokens=ANSWER_TOKENS,
            )
        except APITimeoutError as e:
            why = f"no answer within {self._settings.judge_timeout:g} seconds (judge_timeout)"
            raise StageUnavailable(why) from e
        except APIConnectionError as e:
            if isinstance(e.__cause__, BodyRefused):
                raise StageUnavailable(f"the server's answer is not read: {e.__cause__}") from e
            why = f"{self._settings.judge_url} cannot be reached; is the server running?"
            raise StageUnavailable(why) from e
        except APIStatusError as e:
            said = " ".join(self._without_key(e.message).split())[:200]
            raise StageUnavailable(f"the server answered {e.status_code}: {said}") from e
        except (OpenAIError, ValueError, RecursionError) as e:
            raise StageUnavailable("the server's answer is no chat completion") from e
        return _answer_of(done, question)

    def _without_key(self, said: str) -> str:
        """What a server says; it may repeat the key that it was sent."""
        return said.replace(self._key, "***") if self._key else said


def _answer_of(done: Any, question: Question) -> Answer:
    """What a chat completion says, whose parts may be of any type. Raises StageUnavailable if it is
    none."""
    try:
        content = done.choices[0].message.content
    except (AttributeError, LookupError, TypeError) as e:
        raise StageUnavailable("the server's answer is no chat completion") from e
    tokens = getattr(getattr(done, "usage", None), "total_tokens", None)
    if not isinstance(tokens, int) or tokens < 0:
        tokens = estimated_tokens(question) + ANSWER_TOKENS
    return Answer(content if isinstance(content, str) else "", tokens)


CHARS_A_TOKEN = 3.0
"""English news has about 4.5 characters a token in current vocabularies; fewer, to be careful."""


def estimated_tokens(question: Question) -> int:
    """About how many tokens a question has."""
    return round((len(question.system) + len(question.user)) / CHARS_A_TOKEN)
