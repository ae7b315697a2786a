"""Between houses: what partners file here, and what they say of what they were asked. No session and no cookie: every
call is signed (docs/relay.md), and so is every answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from search_ui.api.context import Context
from search_ui.limits import client_of
from service_desk.errors import BadCredentials
from service_desk.legs.exchange import Answer, Call
from service_desk.ratelimit import RateLimit

router = APIRouter(tags=["Relay"])
_TRIES = RateLimit(calls=20)
T = TypeVar("T")
NO_STORE = {"cache-control": "no-store"}


@router.post("/relay", status_code=201, summary="File a request for another institution")
async def file(context: Context, request: Request) -> Response:
    """201, and 200 for one that was filed before under the same ``leg``; its receipt code, and what happened to it."""
    call = await _call(request)
    return await run_in_threadpool(_answered, request, lambda: context.services.desk.exchange.file(call))


@router.post("/relay/{leg}", summary="Say something of a leg")
async def hear(context: Context, request: Request, leg: str) -> Response:
    """Who was asked answers; who asks reminds, replies or takes back. The same message id does nothing twice."""
    call = await _call(request)
    return await run_in_threadpool(_answered, request, lambda: context.services.desk.exchange.hear(call, leg))


@router.get("/relay/{leg}", summary="How far it is")
async def tell(
    context: Context, request: Request, leg: str, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Response:
    """What happened since the event with the number ``after``, in the words of legs, and the files of the answer."""
    call = await _call(request)
    exchange = context.services.desk.exchange
    return await run_in_threadpool(_answered, request, lambda: exchange.tell(call, leg, after))


@router.get("/relay/{leg}/files/{number}", summary="A file of the answer", response_class=Response)
async def fetch(context: Context, request: Request, leg: str, number: int) -> Response:
    """Its bytes; that they are whole is told by the digest that stands in what was signed."""
    call = await _call(request)

    def fetched() -> Response:
        name, data = _tried(request, lambda: context.services.desk.exchange.fetch(call, leg, number))
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        headers = {"content-disposition": disposition, "content-security-policy": "sandbox", **NO_STORE}
        return Response(data, media_type="application/octet-stream", headers=headers)

    return await run_in_threadpool(fetched)


async def _call(request: Request) -> Call:
    """The call as it was signed: its address from ``/relay`` on, wherever the house lies below its host."""
    _, _, below = request.url.path.partition("/relay")
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(request.method, f"/relay{below}{query}", headers, await request.body())


def _answered(request: Request, ask: Callable[[], Answer]) -> Response:
    answer = _tried(request, ask)
    return Response(answer.body, answer.status, {**answer.headers, **NO_STORE}, "application/json")


def _tried(request: Request, ask: Callable[[], T]) -> T:
    """What is signed wrongly counts as a try: so many a minute."""
    client = f"{id(request.app)} {client_of(request.scope)}"
    _TRIES.spend(client)
    try:
        found = ask()
    except BadCredentials:
        raise
    except Exception:
        _TRIES.forgive(client)
        raise
    _TRIES.forgive(client)
    return found
