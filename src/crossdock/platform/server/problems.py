"""Every error of the API as RFC 9457 problem details: ``application/problem+json``."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from crossdock.model import (
    CrossdockError,
    GateClosedError,
    InfeasibleError,
    NotFoundError,
    StoreUnavailableError,
)

_LOG = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
_ABOUT = "about:blank"
_STATUS: Mapping[type[CrossdockError], int] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    GateClosedError: HTTPStatus.CONFLICT,
    InfeasibleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class RefusedError(CrossdockError):
    """A request is answered with an error.

    Parameters
    ----------
    status
        HTTP status.
    detail
        What is wrong with this request.
    errors
        ``location`` and ``message`` of each wrong field.
    more
        Further members of the problem, such as what changed meanwhile.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.more = dict(more or {})


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """A problem as a response."""
    body: dict[str, Any] = {
        "type": _ABOUT,
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        **(more or {}),
    }
    if errors:
        body["errors"] = [{"location": place, "message": said} for place, said in errors]
    return JSONResponse(body, int(status), headers, PROBLEM_TYPE)


def answer_errors(app: FastAPI) -> None:
    """Have every error of ``app`` answered as a problem."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(CrossdockError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return problem(
        error.status, error.message, errors=error.errors, headers=error.headers, more=error.more
    )


def _ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, CrossdockError)
    status = next(
        (code for kind, code in _STATUS.items() if isinstance(error, kind)),
        int(HTTPStatus.UNPROCESSABLE_ENTITY),
    )
    said = f"{error.message}; {error.remedy}" if error.remedy else error.message
    return problem(status, said)


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [(".".join(map(str, each["loc"])), str(each["msg"])) for each in error.errors()]
    unreadable = any(each["type"] == "json_invalid" for each in error.errors())
    if unreadable:
        return problem(HTTPStatus.BAD_REQUEST, "the body is not JSON", errors=found)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{len(found)} fields are wrong", errors=found)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
    return problem(error.status_code, str(error.detail), headers=headers)


def _methods_of(request: Request) -> list[str]:
    """What the path allows; the error itself knows the first of its routes alone."""
    return sorted(
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path_regex.match(request.scope["path"])
        for method in route.methods or ()
    )


def _unexpected(request: Request, error: Exception) -> Response:
    request_id = request.scope.get("crossdock.request_id")
    _LOG.error(
        "%s %r failed (request %s)", request.method, request.url.path, request_id, exc_info=error
    )
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "the server failed; the log has the reason",
    )
