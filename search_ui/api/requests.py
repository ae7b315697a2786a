"""Requests on a hit and words on a hit: the reader's side of the desk."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import JSONResponse

from search_ui.api.context import Context
from service_desk.errors import NotFound
from service_desk.forms import FeedbackForm, MessageForm, OpenRequestForm, RequestForm, parse
from service_desk.materials import Materials
from service_desk.request_types import TypeRule, Types
from service_desk.vocabularies import REQUESTS

router = APIRouter(tags=["Requests"])
Secret = Annotated[str | None, Header(alias="X-Request-Secret", max_length=200)]
TypeCode = Annotated[str, Path(max_length=40)]
ResourceId = Annotated[str | None, Query(max_length=300)]
Relation = Annotated[str | None, Query(max_length=40, pattern="^[a-z][a-z0-9_]*$")]
NO_STORE = {"cache-control": "no-store"}


@router.post("/requests", status_code=201, summary="File a request on a resource")
def submit(context: Context, form: RequestForm) -> JSONResponse:
    """``receipt`` names the request, ``secret`` opens it; the secret is told this once."""
    receipt = context.services.desk.filing.submit(form, context.viewer, context.visitor, channel="api")
    return json(receipt, 201)


@router.get("/request-types", summary="What can be asked for")
def request_types(context: Context) -> JSONResponse:
    """Types that can be asked for through this API: their titles in three languages, the limit of the answer, and
    whether they can be asked without a record."""
    types = context.services.desk.rules.now(Types)
    offered = types.offered("api", with_record=True)
    return json([{"type": code, **_told(types.rule(code))} for code in offered])


def _told(rule: TypeRule) -> dict[str, Any]:
    told = rule.model_dump(mode="json", by_alias=True, exclude_none=True, include={"title", "limit"})
    return {**told, "without_record": rule.without_record}


@router.get("/request-types/{type}/checklist", summary="What a request would need")
def checklist(
    context: Context, type: TypeCode, resource_id: ResourceId = None, relation: Relation = None
) -> JSONResponse:
    """Materials by code, ``missing`` or ``verified`` each, for a type, a resource and what one is to the matter."""
    desk = context.services.desk
    if type not in desk.rules.now(Types).types:
        raise NotFound("There is no such type of request.")
    asked: dict[str, Any] = {"type": type, "relation": relation or None, "name": "-", "contact": "-", "note": "-"}
    form = parse(RequestForm, {**asked, "resource_id": resource_id}) if resource_id else parse(OpenRequestForm, asked)
    materials = desk.rules.now(Materials)
    verdicts = desk.filing.checklist(form, context.viewer)
    return json([{"material": code, "verdict": verdicts[code], **_named(materials, code)} for code in verdicts])


def _named(materials: Materials, code: str) -> dict[str, Any]:
    rule = materials.materials[code]
    return rule.model_dump(mode="json", by_alias=True, include={"title", "how"})


@router.get("/requests/{receipt}", summary="Where a request stands")
def status(context: Context, receipt: str, secret: Secret = None) -> JSONResponse:
    """Status, events and the promised date; 404 without the right secret, unless signed in as who filed it. ``words``
    is the status in the words of other systems.
    """
    found = context.services.desk.requests.status(receipt, context.viewer, secret=secret)
    return json({**msgspec.to_builtins(found), "words": msgspec.to_builtins(REQUESTS[found.status])})


@router.get("/requests/{receipt}/files/{number}", summary="A file of the answer", response_class=Response)
def answer_file(context: Context, receipt: str, number: int, secret: Secret = None) -> Response:
    """The file as it was attached."""
    desk = context.services.desk
    file, data = desk.requests.file(receipt, number, context.viewer, secret=secret)
    return download(file, desk.for_practice(data, file.media_type))


@router.post("/requests/{receipt}/messages", status_code=201, summary="Add a message")
def write(context: Context, receipt: str, form: MessageForm, secret: Secret = None) -> JSONResponse:
    """A message to whoever works on it, while the request is open."""
    context.services.desk.requests.write(receipt, form, context.viewer, secret=secret)
    return json(context.services.desk.requests.status(receipt, context.viewer, secret=secret), 201)


@router.post("/requests/{receipt}/withdraw", summary="Withdraw a request")
def withdraw(context: Context, receipt: str, secret: Secret = None) -> JSONResponse:
    """It is no longer wanted."""
    context.services.desk.requests.withdraw(receipt, context.viewer, secret=secret)
    return json(context.services.desk.requests.status(receipt, context.viewer, secret=secret))


@router.post("/feedback", status_code=201, summary="A word on a hit")
def feedback(context: Context, form: FeedbackForm) -> JSONResponse:
    """Kept with query and rank, as a judgement of the hit or a correction of its description."""
    return json({"id": context.services.desk.feedback.add(form, context.viewer, context.visitor)}, 201)


def json(value: Any, status: int = 200) -> JSONResponse:
    """What the desk shows, as JSON that nobody keeps."""
    return JSONResponse(msgspec.to_builtins(value), status, NO_STORE)


def download(file: Any, data: bytes) -> Response:
    """A file to be saved, never shown: a page inside an answer must not run as one of ours."""
    name = quote(file.name, safe="")
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{name}",
        "content-security-policy": "sandbox",
        **NO_STORE,
    }
    return Response(data, media_type=file.media_type, headers=headers)
