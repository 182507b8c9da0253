"""Errors as RFC 9457 ``application/problem+json``, every one of them.

Source: https://www.rfc-editor.org/rfc/rfc9457
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, request
from pydantic import BaseModel
from werkzeug.exceptions import HTTPException

from engine import json_bytes
from engine.errors import (
    AddressUnreachable,
    Conflict,
    ExpressionError,
    Forbidden,
    Invalid,
    InvalidInputs,
    Mistake,
    Mistakes,
    NotFound,
    StoreUnavailable,
    TooMany,
    WinkError,
)
from engine.path.answers import TRY_AGAIN, retry_after

CONTENT_TYPE = "application/problem+json"

#: The status of each of our errors; one that is not here is our own mistake.
STATUSES: Mapping[type[WinkError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    ExpressionError: 422,
    Mistakes: 422,
    AddressUnreachable: 424,  # no 502: proxies put a page of their own in its place
    TooMany: 429,
    StoreUnavailable: 503,
}

log = structlog.get_logger()


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    #: In dotted form; empty for the request as a whole.
    field: str
    message: str


class MistakeOut(BaseModel):
    """A mistake in a text: where it is, counted from 1, and what to write instead."""

    line: int
    column: int
    message: str
    warning: bool = False


class Problem(BaseModel):
    """What went wrong, and what to do next."""

    title: str
    status: int
    detail: str
    #: The first field that is wrong.
    field: str | None = None
    errors: list[FieldError] | None = None
    mistakes: list[MistakeOut] | None = None


def mistakes_out(mistakes: Sequence[Mistake]) -> list[MistakeOut]:
    """Return mistakes as the API shows them."""
    return [
        MistakeOut(line=each.line, column=each.column, message=each.message, warning=each.warning) for each in mistakes
    ]


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """Return a response that says what is wrong; more: further members of a :class:`Problem`."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)  # type: ignore[arg-type]
    text = json_bytes.dump(body.model_dump(exclude_none=True))
    return Response(text, status, headers, content_type=CONTENT_TYPE)


def register(app: APIFlask, answer: Callable[[Exception], Response]) -> None:
    """Let every error of the application end there."""
    for kind in (WinkError, HTTPError, HTTPException, Exception):
        app.register_error_handler(kind, answer)


def of_error(error: Exception) -> Response:
    """Return what a program is told of an error."""
    if isinstance(error, WinkError):
        return _of_ours(error)
    if isinstance(error, HTTPError):
        return _of_validation(error)
    return _of_http(error) if isinstance(error, HTTPException) else _of_a_mistake(error)


def _of_ours(error: WinkError) -> Response:
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        return _of_a_mistake(error)
    if isinstance(error, StoreUnavailable | TooMany):
        wait = error.retry_after if isinstance(error, TooMany) else TRY_AGAIN
        return problem(status, str(error), dict([retry_after(wait)]))
    if isinstance(error, Mistakes):
        return problem(status, str(error), mistakes=mistakes_out(error.mistakes))
    if isinstance(error, InvalidInputs):
        errors = [FieldError(field=f"inputs.{name}", message=words) for name, words in error.wrong.items()]
        return problem(status, str(error), field=error.field, errors=errors)
    return problem(status, str(error), field=error.field or None if isinstance(error, Invalid) else None)


def _of_validation(error: HTTPError) -> Response:
    """Name every field; the framework hands them over as {place: {field: [messages]}}."""
    wrong = [
        FieldError(field="" if field == "_schema" else field, message=message.removeprefix("Value error, "))
        for fields in (error.detail.values() if isinstance(error.detail, dict) else ())
        for field, messages in fields.items()
        for message in messages
    ]
    detail = "; ".join(f"{each.field}: {each.message}" if each.field else each.message for each in wrong)
    first = wrong[0].field if wrong else None
    return problem(error.status_code, detail or error.message or "", field=first or None, errors=wrong or None)


def _of_http(error: HTTPException) -> Response:
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return problem(error.code or 500, error.description or "", headers)


def _of_a_mistake(error: Exception) -> Response:
    log.error("api.internal_error", method=request.method, path=request.path, exc_info=error)
    return problem(500, "Wink itself failed; its log at this time says more")
