"""Forms that bring files of readers: each file with the material it is for, names made harmless."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from search_ui import security
from search_ui.web import forms
from search_ui.web.forms import Fields
from service_desk import answers
from service_desk.attachments import Supplied
from service_desk.ports import Upload

FILES: Final = "file"
_MATERIAL: Final = re.compile(r"file-([a-z][a-z0-9_]{0,39})")
Files = tuple[Supplied, ...]
Handler = Callable[[Request, Fields, Files], Response]


def posted_with_files(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a form with files, and hands both on once it is known to come from a page of ours. Files
    of a field ``file-CODE`` are for that material.
    """

    def handed(request: Request, fields: Fields, files: Mapping[str, Sequence[Upload]]) -> Response:
        return handler(request, fields, tuple(_supplied(files)))

    return forms.posted_with_files(handed, _may_send)


def posted_if_admitted(
    handler: Callable[[Request, Fields, Sequence[Upload]], Response], refused: Callable[[Request], Response | None]
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form whose files are for nothing in particular. Who is `refused` is told what that says, and
    nothing is read of them.
    """

    def handed(request: Request, fields: Fields, files: Mapping[str, Sequence[Upload]]) -> Response:
        return handler(request, fields, [upload for uploads in files.values() for upload in uploads])

    read = forms.posted_with_files(handed, lambda _: True)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(refused, request) or await read(request)

    return endpoint


def _may_send(request: Request) -> bool:
    """A browser that was shown a page of ours: nothing large is read of others."""
    return security.known_visitor(request.cookies) is not None and security.same_origin(request.headers)


def _supplied(files: Mapping[str, Sequence[Upload]]) -> Iterator[Supplied]:
    for name, uploads in files.items():
        material = _MATERIAL.fullmatch(name)
        for upload in uploads:
            clean = Upload(answers.file_name(upload.name), upload.media_type, upload.data)
            yield Supplied(clean, material[1] if material else None)
