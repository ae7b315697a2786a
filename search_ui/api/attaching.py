"""Answers with files: the acts of staff that files go with, as forms in parts. Bounds, kinds and rights are those of
the page of a case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.types import Scope

from search_ui import answer_files
from search_ui.api.context import Asked
from search_ui.api.requests import json
from search_ui.api.staff import Version, Writer, with_letter
from search_ui.limits import MAX_BODY, WITH_FILES
from service_desk.answers import FILES_BOUND
from service_desk.casework import FORMS
from service_desk.errors import Invalid, Unavailable
from service_desk.forms import AnswerForm, Form, parse
from service_desk.ports import Upload
from service_desk.printed.giving import LETTERS
from service_desk.sniffing import MAX_BYTES, SUFFIXES, Refused

router = APIRouter(tags=["Staff"])
FORM: Final = "multipart/form-data"
_FIELDS: Final = 20
_KINDS: Final[dict[str, type[Form]]] = {
    act: AnswerForm if act == "answer" else FORMS[act] for act in sorted(answer_files.WITH_FILES)
}
_REFUSED: Final = {
    "empty": "is empty",
    "large": f"is over {MAX_BYTES >> 20} MiB",
    "kind": f"is not what its name says, or none of {', '.join(SUFFIXES)}",
}


def largest(scope: Scope) -> int:
    """How many bytes a body may have: more than others where it brings files and comes from somebody who may answer."""
    headers, path = Headers(scope=scope), scope["path"]
    brings = "/staff/requests/" in path and path.endswith("/files") and headers.get("content-type", "").startswith(FORM)
    try:
        return WITH_FILES if brings and answer_files.may_send(cookie_parser(headers.get("cookie", ""))) else MAX_BODY
    except Unavailable:
        return MAX_BODY


def _attaching(act: str) -> Callable[..., Awaitable[JSONResponse]]:
    async def attach(context: Writer, request: Request, receipt: str, seen: Version = None) -> JSONResponse:
        fields, files = await _parts(request)
        return await run_in_threadpool(_done, context, receipt, act, fields, files, seen)

    return attach


def _done(
    context: Asked, receipt: str, act: str, fields: Mapping[str, str], given: Sequence[Upload], seen: int | None
) -> JSONResponse:
    form, desk = parse(_KINDS[act], fields), context.services.desk
    if not given:
        raise Invalid.one("files", "at least one; without any, use the address that takes JSON")
    answer_files.spend(context.viewer, given)
    try:
        files = answer_files.checked(given)
    except Refused as refused:
        raise Invalid.one("files", f"{refused.name[:200]} {_REFUSED[refused.reason]}") from None
    if isinstance(form, AnswerForm) and act == "answer":
        return json(desk.requests.answer(receipt, form, context.viewer, files, seen))
    case = desk.cases.act(receipt, act, form.model_dump(exclude_unset=True), context.viewer, seen, files)
    return json(with_letter(context, case) if act in LETTERS else case)


async def _parts(request: Request) -> tuple[dict[str, str], list[Upload]]:
    """Fields and files of the form. Raises Invalid."""
    if not request.headers.get("content-type", "").startswith(FORM):
        raise Invalid.one("files", f"send a form as {FORM}")
    fields: dict[str, str] = {}
    files: list[Upload] = []
    try:
        async with request.form(max_files=FILES_BOUND, max_fields=_FIELDS, max_part_size=MAX_BODY) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if name != "files":
                        raise Invalid.one(name[:40], "files go into the field files")
                    files.append(Upload(value.filename or "", "", await value.read()))
                else:
                    fields[name] = value
    except (HTTPException, UnicodeDecodeError, KeyError) as error:
        raise Invalid.one("files", f"cannot be read: {getattr(error, 'detail', 'no form in parts')}") from None
    return fields, files


def _described(form: type[Form]) -> dict[str, Any]:
    """The body for the OpenAPI document."""
    made = form.model_json_schema()
    file = {"type": "string", "format": "binary"}
    told = f"Up to {FILES_BOUND}, {MAX_BYTES >> 20} MiB together: {', '.join(SUFFIXES)}; their bytes say what they are."
    files = {"type": "array", "items": file, "description": told}
    schema = {
        "type": "object",
        "required": [*made.get("required", ()), "files"],
        "properties": {**made["properties"], "files": files},
    }
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema}}}}


for _act, _form in _KINDS.items():
    router.add_api_route(
        f"/staff/requests/{{receipt}}/{'' if _act == 'answer' else 'acts/'}{_act}/files",
        _attaching(_act),
        methods=["POST"],
        name=f"{_act}_with_files",
        summary=f"With files: {_act.replace('_', ' ')}",
        description="The fields of the form and its files, in parts; all of them are taken, or nothing is done.",
        openapi_extra=_described(_form),
    )
