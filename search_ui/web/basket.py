"""``/basket``: records collected from hits and record pages, to be asked for at once; what lies in one box together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from search_ui import collected, paths, security
from search_ui.web import asked
from search_ui.web.asking import channel_of
from search_ui.web.forms import Fields, is_secure
from search_ui.web.render import here, page
from service_desk.errors import Conflict, NotFound
from service_desk.forms import BASKET
from service_desk.ports import FrozenHit

_SECONDS: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Box:
    """Records that lie together; `name` is the box as their descriptions have it, None when they do not say."""

    name: str | None
    fonds: str | None
    hits: tuple[FrozenHit, ...]


def shown(request: Request) -> Response:
    """What was collected."""
    return _list(request)


def collect(request: Request, fields: Fields) -> Response:
    """``POST /basket/collect``: a record more; a script gets how many there are, a plain form goes back."""
    context = here(request)
    try:
        count = context.services.desk.basket.add(fields.get("record", ""), context.viewer, context.visitor or None)
    except NotFound:
        return page(request, "not_found.html", 404)
    except Conflict:
        return _list(request, full=True)
    if "application/json" in request.headers.get("accept", ""):
        t, n = context.words.t, context.words.n
        said = {"count": count, "said": t("Collected"), "basket": n("Basket {count}", "Basket {count}", count)}
        return _marked(request, JSONResponse(said, 201, {"cache-control": "no-store"}), count)
    return _marked(request, RedirectResponse(_back(request), 303), count)


def remove(request: Request, fields: Fields) -> Response:
    """``POST /basket/remove``: one is put back."""
    context = here(request)
    context.services.desk.basket.remove([fields.get("record", "")], context.viewer, context.visitor or None)
    return RedirectResponse(paths.BASKET, 303)


def clear(request: Request, fields: Fields) -> Response:
    """``POST /basket/clear``: all of them are."""
    context = here(request)
    context.services.desk.basket.clear(context.viewer, context.visitor or None)
    return _marked(request, RedirectResponse(paths.BASKET, 303), 0)


def boxes(hits: tuple[FrozenHit, ...]) -> list[Box]:
    """The hits by the box they lie in, each box once, in the order in which they were collected."""
    found: dict[tuple[str | None, ...], list[FrozenHit]] = {}
    for hit in hits:
        place = (hit.holder, hit.fonds, hit.container) if hit.container else (None, None, None)
        found.setdefault(place, []).append(hit)
    return [Box(place[2], place[1], tuple(group)) for place, group in found.items()]


def _list(request: Request, *, full: bool = False) -> Response:
    context = here(request)
    hits = context.services.desk.basket.hits(context.viewer, context.visitor or None)
    called = context.services.desk.called(context.language)
    offered = asked.offered(context, channel_of(context), with_record=True)
    values = {"boxes": boxes(hits), "count": len(hits), "full": full, "most": BASKET}
    code = 409 if full else 200
    return page(request, "basket.html", code, **values, types=[(known, called.type(known)) for known in offered])


def _back(request: Request) -> str:
    """The page of ours that it was sent from."""
    try:
        before = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return paths.BASKET
    if before.netloc != request.headers.get("host"):
        return paths.BASKET
    return security.safe_next(f"{before.path}?{before.query}" if before.query else before.path, paths.BASKET)


def _marked(request: Request, answer: Response, count: int) -> Response:
    """The browser keeps whether anything is collected, so that an empty basket costs no look into the database."""
    seconds = _SECONDS if count else 0
    cookie = security.cookie(collected.COOKIE, "1" if count else "", seconds=seconds, secure=is_secure(request))
    answer.headers.append("set-cookie", cookie)
    return answer
