"""Errors as problem documents (RFC 9457): what is wrong, in which field, what to do. Never a traceback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from indexer.errors import QueryError, SearchError
from search_ui.resting import RETRY_AFTER
from service_desk import errors as desk

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
_STATUS = {
    desk.NotFound: 404,
    desk.Conflict: 409,
    desk.NotAllowed: 403,
    desk.BadCredentials: 401,
    desk.Unavailable: 503,
    QueryError: 422,
}


SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "What is wrong, in which field, and what to do (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class BadParameter(Exception):
    """A parameter of a call is wrong: which one, and a sentence that says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WrongFields(Exception):
    """Several fields of a form are wrong: each with a sentence that says what to do."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in fields))
        self.fields = fields


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """A problem document; `errors` names fields: ``[{"field": "from", "message": "..."}]``, `more` adds members."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    body |= more or {}
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Turn everything that can go wrong in a route into a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid_parameters)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(BadParameter, _bad_parameter)
    app.add_exception_handler(WrongFields, _wrong_fields)
    app.add_exception_handler(desk.Invalid, _invalid_form)
    app.add_exception_handler(desk.TooMany, _too_many)
    app.add_exception_handler(SearchError, _search_down)
    for kind in _STATUS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(Exception, _unknown)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, in which every error is what is sent: FastAPI writes its own shape there."""
    if app.openapi_schema is None:
        made = FastAPI.openapi(app)
        schemas = made["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Problem"] = SCHEMA
        told = {"description": "Problem", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        for operation in (each for path in made["paths"].values() for each in path.values()):
            operation["responses"] |= {"422": told, "default": told}
    return app.openapi_schema or {}


async def _invalid_parameters(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [{"field": _field(each["loc"]), "message": _sentence(each)} for each in error.errors()]
    return problem(422, "; ".join(f"{each['field']}: {each['message']}" for each in found), errors=found)


def _field(location: Sequence[int | str]) -> str:
    """``("query", "filter", 0)`` is the field ``filter``; a body that is no JSON has no field but itself."""
    names = [part for part in location[1:] if isinstance(part, str)]
    return str(names[0]) if names else str(location[0])


def _sentence(error: dict[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


async def _bad_parameter(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BadParameter)
    return problem(422, f"{error.field}: {error}", errors=[{"field": error.field, "message": str(error)}])


async def _wrong_fields(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WrongFields)
    return problem(422, str(error), errors=[{"field": field, "message": said} for field, said in error.fields])


async def _invalid_form(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, desk.Invalid)
    found = [{"field": each.field, "message": each.message} for each in error.errors]
    return problem(422, str(error), errors=found)


async def _too_many(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, desk.TooMany)
    return problem(429, str(error), headers={"Retry-After": str(error.retry_after)})


async def _known(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, desk.NotAllowed):
        await run_in_threadpool(_keep_refused, request)
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    return problem(status, str(error))


def _keep_refused(request: Request) -> None:
    """In the audit log, when it is an account that was refused."""
    services = request.app.state.services
    with suppress(desk.Unavailable):
        services.desk.audit.refused(services.viewer(request.cookies), request.method, request.url.path[:200])


async def _search_down(request: Request, error: Exception) -> JSONResponse:
    log.warning("search does not answer", reason=str(error))  # the reason names folders and hosts: not for the caller
    detail = "Search does not answer now; records and requests go on. Please try again in a few minutes."
    pulse = request.app.state.services.pulse()
    known = {"since": pulse.since, "last_worked": pulse.worked}
    more = {name: moment.isoformat(timespec="seconds") for name, moment in known.items() if moment is not None}
    return problem(503, detail, headers=RETRY_AFTER, more=more)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, str(error.detail), headers=headers)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    log.error("a route failed", path=request.url.path, exc_info=error)
    return problem(500, "Something went wrong on our side; it has been logged. Please try again later.")
