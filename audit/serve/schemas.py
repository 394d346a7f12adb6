"""What goes over the HTTP interface, as its OpenAPI description shows it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from audit.model import CATEGORIES

Severity = Literal["minor", "major", "critical"]
Phase = Literal["rules", "all", "second reader"]
"""Whose findings they are: those of the rules, of everything, of the second reader too."""

Text = Annotated[str, Field(min_length=1)]
Who = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Scope = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]

MOST_VERSIONS = 20
"""Versions of one spot check."""

_EXAMPLE = "The minister opened the bridge on Monday. He thanked the the workers."


class StoryVersion(BaseModel):
    """One version of a story, as a line of the bulk input has it."""

    id: Text
    text: str
    title: str | None = None
    url: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None


class StoryIn(BaseModel):
    """A story: one object of the bulk input."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": "bridge", "versions": [{"id": "a.txt", "text": _EXAMPLE}]}
        }
    )

    id: Text
    versions: Annotated[list[StoryVersion], Field(min_length=1)]

    @classmethod
    def schema_alone(cls) -> dict[str, Any]:
        """The JSON schema with nothing defined elsewhere."""
        schema = cls.model_json_schema()
        schema["properties"]["versions"]["items"] = schema.pop("$defs")[StoryVersion.__name__]
        return schema


class Place(BaseModel):
    """A place in a version; offsets count Unicode code points."""

    version: str
    start: int
    end: int
    quote: str


class FindingOut(Place):
    """One fault with its evidence."""

    id: str
    category: str
    severity: Severity
    confidence: float
    message: str
    suggestion: str | None
    witnesses: list[Place]
    measure: dict[str, float]
    threshold: dict[str, float]
    rule: str


class SentenceOut(BaseModel):
    """A scored sentence."""

    start: int
    end: int
    risk: float
    row: str


class VersionOut(BaseModel):
    """What was found about one version."""

    id: str
    score: float
    interval: tuple[float, float]
    words: int
    compared: float
    mt_likelihood: float | None
    fluency: float | None
    sentences: list[SentenceOut]


class SkippedOut(BaseModel):
    """What did not take part, and why."""

    stage: str
    why: str


class StoryOut(BaseModel):
    """A result: one object of the bulk output (docs/report.schema.json, `bulk_result`)."""

    schema_: Literal[1] = Field(alias="schema")
    story: str
    versions: list[VersionOut]
    findings: list[FindingOut]
    suspicions: list[FindingOut] | None = None
    suppressed: list[dict[str, Any]] | None = None
    second_reader: dict[str, Any] | None = None
    skipped: list[SkippedOut]
    signature: str
    profile: Literal["errors", "editor", "everything"]


class Failure(BaseModel):
    """The kind of an error, and what to do."""

    kind: str
    message: str


class ErrorOut(BaseModel):
    """A request that failed."""

    error: Failure


class SpotVersion(BaseModel):
    """A text, the address of a page, or the bytes of a file with its `name`, in base64. The ending
    of `name` says what a text or file is: .html, .md."""

    model_config = ConfigDict(extra="forbid")

    text: Text | None = None
    data: Base64Bytes | None = None
    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _has_one(self) -> SpotVersion:
        if sum(given is not None for given in (self.text, self.url, self.data)) != 1:
            raise ValueError("give text, url or data, one of them")
        if self.data is not None and self.name is None:
            raise ValueError("give the name of the file too")
        return self


class SpotIn(BaseModel):
    """A spot check: the text to check, then others that report the same. With `siblings` the store
    is asked for them."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"versions": [{"text": _EXAMPLE}]}}
    )

    versions: Annotated[list[SpotVersion], Field(min_length=1, max_length=MOST_VERSIONS)]
    siblings: StrictBool = False


class SpotOut(BaseModel):
    """A spot check that was begun; `events` is where its findings come."""

    id: str
    events: str


class NameIn(BaseModel):
    """A name, as it is to be spelled; or one that was added and is `withdrawn`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "Péter Magyar"}}
    )

    name: Annotated[str, Field(min_length=1, max_length=200)]
    withdrawn: StrictBool = False


class NameOut(BaseModel):
    """Whether the registry is another now: a name that was there already was not added."""

    changed: bool


class RuleIn(BaseModel):
    """A rule that is to be ignored in a story, in the articles of an outlet or, without either,
    everywhere; or one that was, and is `withdrawn`. Ignoring needs a reason."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"rule": "typo", "outlet": "The Harbour", "who": "Ada", "why": "dialect"}
        },
    )

    rule: Text
    story: Scope | None = None
    outlet: Scope | None = None
    who: Who
    why: Annotated[str, Field(max_length=300)] = ""
    until: date | None = None
    withdrawn: StrictBool = False

    @model_validator(mode="after")
    def _is_whole(self) -> RuleIn:
        if self.story is not None and self.outlet is not None:
            raise ValueError("give story or outlet, not both")
        if self.rule not in CATEGORIES:
            raise ValueError(f"there is no rule {self.rule}; `mtaudit rules` lists them")
        if not self.withdrawn and not self.why.strip():
            raise ValueError("say why it is ignored")
        return self


class VerdictIn(BaseModel):
    """What somebody says of a finding of a spot check. A dismissal needs a reason."""

    model_config = ConfigDict(extra="forbid")

    spot: Text
    version: Text
    fault: Text
    verdict: Literal["accepted", "dismissed", "withdrawn"]
    who: Who
    why: Annotated[str, Field(max_length=300)] = ""


class WordingOut(BaseModel):
    """One way to put it, and the names of the versions that do: "this text" for its own."""

    text: str
    versions: list[str]


class CardOut(BaseModel):
    """A finding as an editor reads it. `fault` names it as verdicts do."""

    fault: str
    start: int
    end: int
    quote: str
    severity: Severity
    sign: str
    percent: int
    found_by: str
    label: str
    meaning: str
    message: str
    suggestion: str | None
    disputed: bool
    says_what_to_do: bool
    witnesses: list[WordingOut]
    rule: str
    measures: str
    suspicion: bool


class SheetOut(BaseModel):
    """A version with its text and cards, the most important first."""

    id: str
    name: str
    outlet: str | None
    digest: str
    text: str
    language: str
    score: float
    tally: str
    cards: list[CardOut]


class FindingsOut(BaseModel):
    """The findings of a spot check so far: of the rules, or of everything. `story` names it in
    the baseline."""

    phase: Phase
    story: str
    verdict: str
    sheets: list[SheetOut]
    skipped: list[SkippedOut]


class SpotState(BaseModel):
    """How far a spot check is."""

    id: str
    done: bool
    error: Failure | None
    findings: FindingsOut | None
