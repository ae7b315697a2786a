"""Forms of plain pages that bring files: bounded before they are read, from our own pages only, names made harmless."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from search_ui import security
from search_ui.limits import MAX_BODY, read_body
from search_ui.web.forms import MAX_FIELDS, Fields, fields_of, is_ours
from search_ui.web.render import desk_down, page
from service_desk import answers
from service_desk.attachments import AT_ONCE, Supplied
from service_desk.errors import Unavailable
from service_desk.ports import Upload
from service_desk.sniffing import MAX_BYTES

MAX_FORM: Final = MAX_BYTES + 1024 * 1024
"""All files of one form together, and what is typed beside them; what a proxy in front lets through, too."""
FILES: Final = "file"
_MATERIAL: Final = re.compile(r"file-([a-z][a-z0-9_]{0,39})")
Files = tuple[Supplied, ...]
Handler = Callable[[Request, Fields, Files], Response]


def posted_with_files(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a form with files, and hands both on once it is known to come from a page of ours. Files
    of a field ``file-CODE`` are for that material; browsers send an empty one for each field that was left alone.
    """

    async def endpoint(request: Request) -> Response:
        if security.known_visitor(request.cookies) is None or not security.same_origin(request.headers):
            return await run_in_threadpool(page, request, "refused_form.html", 403, too_large=False)
        sent = await _sent(request)
        return await run_in_threadpool(answer, request, sent)

    def answer(request: Request, sent: tuple[Fields, Files] | None) -> Response:
        if sent is None:
            return page(request, "refused_form.html", 413, too_large=True)
        try:
            if not is_ours(request, sent[0]):
                return page(request, "refused_form.html", 403, too_large=False)
            return handler(request, *sent)
        except Unavailable:
            return desk_down(request)

    return endpoint


async def _sent(request: Request) -> tuple[Fields, Files] | None:
    """Fields and files; None for what is too large, too slow or no form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        fields = fields_of(await read_body(request.scope, request.receive))
        return None if fields is None else (fields, ())
    body = await read_body(request.scope, request.receive, MAX_FORM)
    if body is None:
        return None
    parser = MultiPartParser(
        request.headers, _pieces(body), max_files=4 * AT_ONCE, max_fields=MAX_FIELDS, max_part_size=MAX_BODY
    )
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError, ValueError, KeyError):
        return None
    try:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        given = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
        return fields, tuple([await _supplied(name, file) for name, file in given if file.filename])
    finally:
        await form.close()


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 256 * 1024):
        yield body[start : start + 256 * 1024]
    yield b""


async def _supplied(name: str, file: UploadFile) -> Supplied:
    material = _MATERIAL.fullmatch(name)
    upload = Upload(answers.file_name(file.filename or ""), file.content_type or "", await file.read())
    return Supplied(upload, material[1] if material else None)
