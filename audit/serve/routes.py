"""The HTTP interface: audits, spot checks, names, health and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST

from audit import baseline
from audit.ingest.bulk import bulk_story
from audit.model import AuditResult, Finding, one_line
from audit.report.formats import FORMATS
from audit.report.json import bulk_line
from audit.serve.checks import MAX_CHARS, begin, is_too_long, read_spot
from audit.serve.queue import FairQueue
from audit.serve.schemas import (
    ErrorOut,
    NameIn,
    NameOut,
    RuleIn,
    SpotIn,
    SpotOut,
    SpotState,
    StoryIn,
    StoryOut,
    VerdictIn,
)
from audit.serve.siblings import Siblings
from audit.serve.spots import Spot
from audit.store.database import Store

T = TypeVar("T")

Form = StrEnum("Form", list(FORMATS))  # type: ignore[misc]

_WHY = {
    400: "not to be read",
    401: "the token is missing or wrong",
    403: "a page of another origin asks",
    404: "no such spot check, or not any more",
    408: "the request came too slowly",
    409: "there is nothing to work with yet",
    413: "too long",
    421: "the Host header names another server",
    422: "the input cannot be read or scored",
    429: "too much is waiting; Retry-After says when to ask again",
    503: "it took too long",
}


def _errors(*own: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": ErrorOut, "description": _WHY[status]}
        for status in sorted({401, 403, 421, *own})
    }


_TEXTS = (400, 408, 413, 422, 429, 503)

api_routes = APIRouter()


@api_routes.post(
    "/api/audit",
    response_class=Response,
    responses={
        200: {"model": StoryOut, "description": "one object of the bulk output"},
        **_errors(*_TEXTS),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": StoryIn.schema_alone()}},
        }
    },
)
async def audit(request: Request) -> Response:
    """Audit one story: takes one object of the bulk input, answers with one of the bulk output."""
    story = bulk_story(await request.body(), "request")
    if is_too_long(story.versions):
        raise _too_long()
    state = request.app.state

    def work() -> AuditResult:
        result: AuditResult = state.auditor.full(story.id, story.versions)
        return result

    def read_again() -> AuditResult:
        result: AuditResult = state.auditor.second(story.id, story.versions)
        return result

    result = await _in_turn(request, work)
    if state.second_queue is not None:
        result = await _in_turn(request, read_again, state.second_queue)
    state.metrics.found(result)
    return Response(bulk_line(result), media_type="application/json")


@api_routes.post("/api/spot", status_code=202, responses=_errors(*_TEXTS, 409))
async def spot_check(request: Request, spot_in: SpotIn) -> SpotOut:
    """Begin a spot check; its findings come as server-sent events."""
    state = request.app.state
    asked = await run_in_threadpool(read_spot, spot_in.versions, state.settings, state.fetcher)
    if is_too_long(asked.versions):
        raise _too_long()
    siblings: Siblings | None = state.siblings if spot_in.siblings and _store(request) else None
    room = MAX_CHARS - sum(len(v.text) for v in asked.versions)

    spot = Spot()
    begin(
        spot,
        asked,
        state.queue,
        state.auditor,
        _client(request),
        second=state.second_queue,
        siblings=partial(siblings.of, room=room) if siblings else None,
        counted=state.metrics.found,
    )
    state.spots.add(spot)
    return SpotOut(id=spot.id, events=f"/api/spot/{spot.id}/events")


@api_routes.get("/api/spot/{spot_id}", responses=_errors(404))
async def spot_state(request: Request, spot_id: str) -> SpotState:
    """How far a spot check is, and what it found so far."""
    spot = _spot(request, spot_id)
    return SpotState(id=spot.id, done=spot.done, error=spot.error, findings=spot.findings)


@api_routes.get(
    "/api/spot/{spot_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "events `progress`, `findings` (of the rules, then of everything), and "
            "at the end `done` or `failed`; each has JSON as data",
        },
        **_errors(404),
    },
)
async def spot_events(
    request: Request, spot_id: str, last_event_id: Annotated[str, Header()] = ""
) -> StreamingResponse:
    """The events of a spot check as they come."""
    after = int(last_event_id) if last_event_id.isascii() and last_event_id.isdecimal() else 0
    events = _spot(request, spot_id).follow(after)
    return StreamingResponse(events, media_type="text/event-stream")


@api_routes.get(
    "/api/spot/{spot_id}/report.{form}",
    response_class=Response,
    responses={
        200: {
            "content": {f.media_type: {} for f in FORMATS.values()},
            "description": "the report, as a file",
        },
        **_errors(404, 409, 422, 429, 503),
    },
)
async def spot_report(request: Request, spot_id: str, form: Form) -> Response:
    """What a spot check found, in one of the forms of reports."""
    spot = _spot(request, spot_id)
    report = await _in_turn(request, lambda: spot.render(form.value))
    if report is None:
        raise HTTPException(409, "nothing was found yet; wait for the event findings")
    chosen = FORMATS[form.value]
    file = f'attachment; filename="{chosen.file}"'
    headers = {"content-disposition": file, "content-type": chosen.media_type}
    return Response(report, headers=headers)


@api_routes.post("/api/names", responses=_errors(400, 408, 409, 413, 422, 503))
async def say_name(request: Request, said: NameIn) -> NameOut:
    """Trust a name from now on: it goes to the registry of the store. Or take it back."""
    from audit.store.names import Names

    names = Names(_store(request))
    if said.withdrawn:
        changed = await run_in_threadpool(names.withdraw, said.name)
    else:
        changed = await run_in_threadpool(names.add, said.name, (), datetime.now(UTC))
    if changed or not said.withdrawn:
        request.app.state.auditor.know(one_line(said.name), known=not said.withdrawn)
    return NameOut(changed=changed)


@api_routes.post("/api/rules", status_code=204, responses=_errors(400, 408, 413, 422))
async def say_rule(request: Request, said: RuleIn) -> None:
    """Ignore what a rule finds in a story, in an outlet or everywhere, or take that back: the
    baseline keeps it, which the command line reads too."""
    state = request.app.state
    entry = baseline.Entry(
        category=said.rule,
        quote=None,
        who=said.who,
        on=datetime.now(UTC).date(),
        why=said.why.strip(),
        story=said.story,
        outlet=said.outlet,
        until=said.until,
    )
    change = baseline.drop if said.withdrawn else baseline.add
    await run_in_threadpool(change, state.baseline, [entry])
    state.auditor.set(baseline=str(state.baseline))


@api_routes.post(
    "/api/verdicts", status_code=204, responses=_errors(400, 404, 408, 409, 413, 422, 503)
)
async def say_verdict(request: Request, said: VerdictIn) -> None:
    """Keep in the store what somebody says of a finding, or take it back."""
    store = _store(request)
    result = _spot(request, said.spot).result
    wanted = (said.version, said.fault)
    faults = result.faults if result else {}
    finding = next((f for f, fault in faults.items() if (f.version, fault) == wanted), None)
    if result is None or finding is None:
        raise HTTPException(404, "the spot check has no such finding; look at its events")
    await run_in_threadpool(_keep, store, result, finding, said)


@api_routes.get("/healthz")
async def health(request: Request) -> dict[str, bool]:
    """Whether the server is there, and whether its models are loaded."""
    warm = request.app.state.warm
    return {"ok": True, "warm": warm.done() and not warm.cancelled() and warm.exception() is None}


@api_routes.get("/metrics", response_class=Response, responses=_errors())
async def metrics(request: Request) -> Response:
    """Counters for Prometheus."""
    return Response(request.app.state.metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})


async def _in_turn(request: Request, work: Callable[[], T], queue: FairQueue | None = None) -> T:
    """What work gives in its turn, in the thread of the models or of another queue. Raises
    QueueFull, HTTPException if it takes too long, and what the work raises."""
    state = request.app.state
    asked = state.queue if queue is None else queue
    future = asked.submit(_client(request), work)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), state.answer_seconds)
    except TimeoutError as e:
        why = f"no answer within {state.answer_seconds:g} seconds; ask again, or send less text"
        raise HTTPException(503, why, {"retry-after": "30"}) from e


def _client(request: Request) -> str:
    """Who asks, for the queue: all who share the token are told apart by their addresses."""
    return request.client.host if request.client else ""


def _spot(request: Request, spot_id: str) -> Spot:
    spot: Spot | None = request.app.state.spots.get(spot_id)
    if spot is None:
        raise HTTPException(404, "this spot check is not kept any more; check the text again")
    return spot


def _store(request: Request) -> Store:
    store: Store | None = request.app.state.store
    if store is None:
        raise HTTPException(409, "no store is set to keep it in; start the server with --store URL")
    return store


def _keep(store: Store, result: AuditResult, finding: Finding, said: VerdictIn) -> None:
    from audit.store.verdicts import Verdicts

    verdicts, now = Verdicts(store), datetime.now(UTC)
    if said.verdict == "accepted":
        verdicts.accept(result, finding, who=said.who, at=now, why=said.why)
    elif said.verdict == "dismissed":
        verdicts.dismiss(result, finding, who=said.who, at=now, why=said.why)
    else:
        verdicts.withdraw(result, finding, who=said.who)


def _too_long() -> HTTPException:
    return HTTPException(
        413,
        f"the texts have more than {MAX_CHARS:,} characters together; cut them, or use "
        "`mtaudit bulk`",
    )
