"""What an error looks like to a client: its kind, and a message that says what to do."""

from __future__ import annotations

import logging

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from audit.errors import AuditError, InputError, StoreError
from audit.serve.queue import QueueFull
from audit.serve.schemas import ErrorOut, Failure

log = logging.getLogger(__name__)

KINDS = {404: "NotFound", 405: "MethodNotAllowed", 408: "TooSlow", 413: "TooLong", 503: "TooBusy"}


def error_response(status: int, kind: str, message: str) -> JSONResponse:
    """The response to a request that failed."""
    # A message may quote half a character of a text, which has no UTF-8 form.
    safe = message.encode(errors="backslashreplace").decode()
    body = ErrorOut(error=Failure(kind=kind, message=safe))
    return JSONResponse(body.model_dump(), status)


def add_error_responses(app: FastAPI) -> None:
    """Let every error of an application be answered in one form."""
    app.add_exception_handler(HTTPException, _of_http)
    for status in (400, 404, 405):  # raised by the framework itself
        app.add_exception_handler(status, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(QueueFull, _of_queue)
    app.add_exception_handler(AuditError, _of_any)
    app.add_exception_handler(Exception, _of_any)


def failure_of(error: Exception) -> Failure:
    """What to tell of an error; an unexpected one goes to the log."""
    if isinstance(error, AuditError | QueueFull):
        return Failure(kind=type(error).__name__, message=str(error))
    log.error("unexpected error", exc_info=error)
    why = f"{type(error).__name__}: the log of the server says where"
    return Failure(kind="Internal", message=why)


def _status(error: Exception) -> int:
    if isinstance(error, InputError):
        return 422
    return 503 if isinstance(error, StoreError) else 500


async def _of_http(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    answer = error_response(status, KINDS.get(status, "Refused"), str(getattr(error, "detail", "")))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _of_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    why = "; ".join(
        f"{'.'.join(str(p) for p in e['loc'] if p != 'body') or 'the request'}: {e['msg']}"
        for e in error.errors()
    )
    return error_response(422, "InputError", f"{why}; /openapi.json describes what is taken")


async def _of_queue(_: Request, error: Exception) -> Response:
    assert isinstance(error, QueueFull)
    answer = error_response(429, "TooBusy", str(error))
    answer.headers["retry-after"] = str(error.retry_after)
    return answer


async def _of_any(_: Request, error: Exception) -> Response:
    failure = failure_of(error)
    return error_response(_status(error), failure.kind, failure.message)
