"""The pages of a copy: image with the words sought boxed, text beside it, a strip to move along; all plain links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from indexer.errors import SearchError
from search_ui import images
from search_ui.web.render import Here, here, markup, page

STRIP: Final = 15
MAX_TEXT_PAGES: Final = 5000
IMAGE_CACHE: Final = {"cache-control": "private, max-age=600"}


@dataclass(frozen=True, slots=True)
class Pages:
    """The page shown, what comes before and after it, which pages hit, and the part of the strip around it."""

    resource_id: str
    total: int
    number: int
    shown: dict[str, Any]
    hits: tuple[int, ...]
    strip: tuple[int, ...]
    query: str

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.total else None

    @property
    def next_hit(self) -> int | None:
        """The next page that hits, going round to the first."""
        later = [number for number in self.hits if number > self.number]
        others = later or [number for number in self.hits if number != self.number]
        return others[0] if others else None

    @property
    def boxed(self) -> bool:
        """Is the size of the page known, so that boxes can be drawn on its image?"""
        return bool(self.shown["image"] and self.shown["width"] and self.shown["height"])


def pages_of(context: Here, resource: dict[str, Any], wanted: str | None, query: str) -> Pages | None:
    """The pages opened at `wanted`, else at the first that hits; None when there are none for this reader."""
    total = resource["page_total"]
    if not total:
        return None
    services, viewer = context.services, context.viewer
    hits = tuple(services.matching_pages(resource["id"], query, viewer)) if query else ()
    readable = _readable(resource)
    number = _number(wanted, total) or next(iter(hits), None) or next(iter(readable), 1)
    shown = services.page(resource["id"], number, viewer, query)
    if shown is None:
        return None
    return Pages(resource["id"], total, number, shown, hits, _strip(number, total), query)


def _readable(resource: dict[str, Any]) -> list[int]:
    """The first pages of the copies this reader may open."""
    return [copy.get("first_page") or 1 for copy in resource["copies"] if copy["readable"] and copy["page_count"]]


def _number(text: str | None, total: int) -> int | None:
    """A page number from an address; what is no page of this resource counts as not asked."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 7):
        return None
    return int(text) if 1 <= int(text) <= total else None


def _strip(number: int, total: int) -> tuple[int, ...]:
    """Page numbers around this one, as many as the strip has room for."""
    first = max(1, min(number - STRIP // 2, total - STRIP + 1))
    return tuple(range(first, min(first + STRIP, total + 1)))


def panel(request: Request) -> Response:
    """``/r/<id>/pages/<n>``: the part of the record page that shows a page, for the script that turns pages."""
    context, resource = _resource(request)
    query = request.query_params.get("q", "")[:1000].strip()
    shown = pages_of(context, resource, str(request.path_params["number"]), query) if resource else None
    if shown is None or shown.number != request.path_params["number"]:
        return page(request, "not_found.html", 404)
    return Response(markup(context, request, "pages_part.html", pages=shown, resource=resource), media_type="text/html")


def viewer(request: Request) -> Response:
    """``/view/<id>``: one page as large as the window, to zoom, turn and move about in."""
    context, resource = _resource(request)
    query = request.query_params.get("q", "")[:1000].strip()
    shown = pages_of(context, resource, request.query_params.get("page"), query) if resource else None
    if shown is None:
        return page(request, "not_found.html", 404)
    return page(request, "viewer.html", pages=shown, resource=resource)


def image(request: Request) -> Response:
    """``/r/<id>/pages/<n>/image?w=``: the right is asked for each time; a browser may keep it for ten minutes."""
    width = request.query_params.get("w")
    if width is not None and width not in {str(known) for known in images.WIDTHS}:
        return JSONResponse({"detail": "w is one of 120, 400, 900"}, 422)
    context = here(request)
    number = request.path_params["number"]
    try:
        found = context.services.page_image(
            request.path_params["id"], number, context.viewer, int(width) if width else None
        )
    except SearchError:
        return Response("search does not answer", 503, media_type="text/plain")
    if found is None:
        return Response("not found", 404, media_type="text/plain")
    return Response(found.data, media_type=found.media_type, headers=IMAGE_CACHE)


def text(request: Request) -> Response:
    """``/r/<id>/text.txt``: the recognised text of all pages this reader may read, or of one with ``?page=``."""
    context, resource = _resource(request)
    if resource is None or not resource["page_total"]:
        return page(request, "not_found.html", 404)
    wanted = _number(request.query_params.get("page"), resource["page_total"])
    numbers = [wanted] if wanted else range(1, min(resource["page_total"], MAX_TEXT_PAGES) + 1)
    suffix = f"-p{wanted}" if wanted else ""
    headers = {
        "content-disposition": f'attachment; filename="{resource["id"]}{suffix}.txt"',
        "cache-control": "private, no-store",
    }
    return StreamingResponse(
        _texts(context, resource, numbers), media_type="text/plain; charset=utf-8", headers=headers
    )


def _texts(context: Here, resource: dict[str, Any], numbers: Any) -> Iterator[str]:
    yield f"{resource['title']}\n{resource['reference_code'] or ''}\n"
    for number in numbers:
        found = context.services.page(resource["id"], number, context.viewer)
        if found is not None:
            yield f"\n[{found['label'] or number}]\n{found['text']}\n"


def _resource(request: Request) -> tuple[Here, dict[str, Any] | None]:
    context = here(request)
    try:
        return context, context.services.resource(request.path_params["id"], context.viewer)
    except SearchError:
        return context, None
