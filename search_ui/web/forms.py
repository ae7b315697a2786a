"""Forms of plain pages: bounded bodies, sent from our own pages, by the visitor the form was shown to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from search_ui import security
from search_ui.limits import MAX_BODY, WITH_FILES, read_body
from search_ui.services import current
from search_ui.web.render import desk_down, page
from service_desk.errors import Unavailable
from service_desk.ports import Upload

Fields = Mapping[str, str]
Files = Mapping[str, Sequence[Upload]]
"""The files of a form by the name of their field, as they were sent: nobody has looked at them yet."""
Read = tuple[dict[str, str], dict[str, list[Upload]]]
TOKEN: Final = "csrf"  # noqa: S105 - the name of the field
MAX_FIELDS: Final = 50
MAX_FILES: Final = 40
"""Empty ones among them: browsers send one for each field that was left alone. How many are taken, the desk says."""


def posted(
    handler: Callable[[Request, Fields], Response], most: int = MAX_FIELDS, limit: int = MAX_BODY
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a form of at most so many fields and bytes and hands them on, once it is known to come
    from a page of ours.
    """

    async def endpoint(request: Request) -> Response:
        body = await read_body(request.scope, request.receive, limit)
        fields = _fields(body, most)
        return await run_in_threadpool(_answer, request, fields, lambda given: handler(request, given))

    return endpoint


def posted_with_files(
    handler: Callable[[Request, Fields, Files], Response], may_send: Callable[[Request], bool]
) -> Callable[[Request], Awaitable[Response]]:
    """The same for a form that may bring files. The large body is read of those only who may send one."""

    async def endpoint(request: Request) -> Response:
        is_form = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
        large = is_form and await run_in_threadpool(_or_no, may_send, request)
        body = await read_body(request.scope, request.receive, WITH_FILES if large else MAX_BODY)
        read = await _parts(request, body) if is_form else _without_files(_fields(body, MAX_FIELDS))
        fields, files = read or (None, {})
        return await run_in_threadpool(_answer, request, fields, lambda given: handler(request, given, files))

    return endpoint


def _or_no(may_send: Callable[[Request], bool], request: Request) -> bool:
    try:
        return may_send(request)
    except Unavailable:
        return False


def _answer(request: Request, fields: dict[str, str] | None, handle: Callable[[Fields], Response]) -> Response:
    if fields is None:
        return page(request, "refused_form.html", 413, too_large=True)
    try:
        ours = is_ours(request, fields)
        return handle(fields) if ours else page(request, "refused_form.html", 403, too_large=False)
    except Unavailable:
        return desk_down(request)


def _fields(body: bytes | None, most: int) -> dict[str, str] | None:
    """The fields of a URL-encoded form; of two with one name the last counts. None when it is too large."""
    if body is None:
        return None
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most))
    except ValueError:
        return None


def _without_files(fields: dict[str, str] | None) -> Read | None:
    return None if fields is None else (fields, {})


async def _parts(request: Request, body: bytes | None) -> Read | None:
    """Fields and files of a form in parts; a field of files that was left empty brings none. None when it is too large
    or no form.
    """
    if body is None:
        return None
    parser = MultiPartParser(
        request.headers, _once(body), max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_BODY
    )
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeDecodeError, KeyError):
        return None
    fields: dict[str, str] = {}
    files: dict[str, list[Upload]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            upload = Upload(value.filename or "", value.content_type or "", await value.read())
            if upload.name or upload.data:
                files.setdefault(name, []).append(upload)
        else:
            fields[name] = value
    await form.close()
    return fields, files


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
    yield b""


def is_ours(request: Request, fields: Fields) -> bool:
    """Was it sent from a page of ours, by the visitor it was shown to?"""
    visitor = security.known_visitor(request.cookies)
    token = fields.get(TOKEN, "")
    return (
        visitor is not None
        and security.same_origin(request.headers)
        and current().desk.sessions.form_token_fits(visitor, token)
    )


def is_secure(request: Request) -> bool:
    """Did the browser come over TLS? Its cookies then never travel without."""
    return request.url.scheme == "https"
