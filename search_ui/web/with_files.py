"""Forms of plain pages that bring files: bounded as a whole, read only for those who may send some, checked like any
other form.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from search_ui import security
from search_ui.limits import read_body
from search_ui.web.forms import MAX_FIELDS, Fields, posted, refused, taken
from search_ui.web.render import page
from service_desk.ports import Upload

MAX_BYTES: Final = 32 << 20
MAX_FILES: Final = 10
Handler = Callable[[Request, Fields, Sequence[Upload]], Response]


def posted_with_files(
    handler: Handler, admitted: Callable[[Request], bool] = lambda request: True
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form with files, or without. Who is not `admitted` is told that nothing is there, unread."""
    plain = posted(lambda request, fields: handler(request, fields, ()))

    async def endpoint(request: Request) -> Response:
        if not security.same_origin(request.headers):
            return await run_in_threadpool(refused, request)
        if not await run_in_threadpool(admitted, request):
            return await run_in_threadpool(page, request, "not_found.html", 404)
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await plain(request)
        body = await read_body(request.scope, request.receive, MAX_BYTES)
        read = await _read(request, body) if body is not None else None
        if read is None:
            return await run_in_threadpool(refused, request, too_large=body is None)
        fields, files = read
        return await run_in_threadpool(taken, request, fields, lambda: handler(request, fields, files))

    return endpoint


async def _read(request: Request, body: bytes) -> tuple[Fields, list[Upload]] | None:
    """The fields and files of a form; an empty file field is none. None for what is no form."""

    async def stream() -> AsyncIterator[bytes]:
        yield body

    parser = MultiPartParser(request.headers, stream(), max_files=MAX_FILES, max_fields=MAX_FIELDS)  # type: ignore[arg-type]
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError):
        return None
    fields, files = {}, []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            data = await value.read()
            files += [Upload(value.filename or "", "", data)] if value.filename or data else []
        else:
            fields[name] = value
    await form.close()
    return fields, files
