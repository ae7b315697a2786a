"""The pages of a copy: image with the words sought boxed, text beside it, from hit to hit; all plain links."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from indexer.errors import SearchError
from search_ui import images, paths, security
from search_ui.copies import MOST_PDF_PAGES
from search_ui.services import PAGES_LISTED, CopiesRefused, copy_with
from search_ui.web.render import Here, here, markup, page

STRIP: Final = 15
MAX_TEXT_PAGES: Final = 5000
LAST: Final = "last"
"""In an address: the last hit of the page, which one comes to from the page after it."""
Spot = tuple[int, int | str]
"""A page, and which hit on it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the pages that match, for the list beside the image: the first is number `first` of all, from 1."""

    items: list[dict[str, Any]]
    first: int
    total: int

    @property
    def before(self) -> int | None:
        return max(1, self.first - PAGES_LISTED) if self.first > 1 else None

    @property
    def after(self) -> int | None:
        return self.first + PAGES_LISTED if self.first + PAGES_LISTED <= self.total else None


@dataclass(frozen=True, slots=True)
class Pages:
    """The page shown, what comes before and after it, which pages hit, and the part of the strip around it.

    `are_hits_known` is False while only the page itself can be asked which words it has.
    `copyable` says whether files of it are given. `hit` is which of the hits on this page one looks at, from 1; 0 when
    there is none. `overall` is which of all hits of the volume that is, and how many they are, where the pages that
    match are few enough to be counted. `pdf` is the address of the released copy as a file.
    """

    resource_id: str
    total: int
    number: int
    shown: dict[str, Any]
    hits: tuple[int, ...]
    strip: tuple[int, ...]
    query: str
    hit: int = 0
    are_hits_known: bool = True
    found: Found | None = None
    overall: tuple[int, int] | None = None
    copyable: bool = True
    pdf: str | None = None

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.total else None

    @property
    def place(self) -> int:
        """Which of the pages that hit this one is, from 1; 0 when it is none of them."""
        at = bisect_left(self.hits, self.number)
        return at + 1 if self.number in self.hits[at : at + 1] else 0

    @property
    def next_hit(self) -> Spot | None:
        """The next hit on this page, else the first of the next page that hits, going round to the first."""
        if self.hit < self.shown["hits"]:
            return self.number, self.hit + 1
        at = bisect_right(self.hits, self.number)
        return self._spot((*self.hits[at:], *self.hits[:1]), 1)

    @property
    def previous_hit(self) -> Spot | None:
        """The hit before on this page, else the last of the page that hits before, going round to the last."""
        if self.hit > 1:
            return self.number, self.hit - 1
        at = bisect_left(self.hits, self.number)
        return self._spot((*self.hits[:at][-1:], *self.hits[-1:]), LAST)

    def _spot(self, numbers: tuple[int, ...], hit: int | str) -> Spot | None:
        only = not numbers or (numbers[0] == self.number and self.shown["hits"] < 2)
        return None if only else (numbers[0], hit)

    @property
    def full_width(self) -> int | None:
        """How wide the largest image is: as it is, where this reader may have files; else what a screen needs."""
        return None if self.copyable else images.WIDTHS[-1]

    @property
    def boxed(self) -> bool:
        """Is the size of the page known, so that boxes can be drawn on its image?"""
        return bool(self.shown["image"] and self.shown["width"] and self.shown["height"])

    def at(self, base: Callable[..., str], number: int, hit: int | str | None = None) -> str:
        """The address of a page, on the record page or in the viewer (`base`), at one of its hits."""
        return base(self.resource_id, page=number, q=self.query, hit=hit, list=self._list_at(number))

    def _list_at(self, number: int) -> int | None:
        """The list stays open, where a page stands in it."""
        if self.found is None:
            return None
        return bisect_left(self.hits, number) // PAGES_LISTED * PAGES_LISTED + 1

    def listed(self, first: int | None) -> str:
        """The address of this page with another part of the list beside it, or without a list."""
        return paths.viewer(self.resource_id, page=self.number, q=self.query, list=first)

    def of_part(self, part: int) -> str:
        """The address of another part of a page that is too long to be shown at once."""
        return paths.viewer(self.resource_id, page=self.number, q=self.query, part=part)


def pages_of(context: Here, resource: dict[str, Any], asked: QueryParams, query: str) -> Pages | None:
    """The pages opened at the one that `asked` names, else at the first that hits; None when there are none for this
    reader.
    """
    total = resource["page_total"]
    if not total:
        return None
    services, viewer = context.services, context.viewer
    are_hits_known = not resource["from_store"]  # which pages match, the index alone knows
    hits = tuple(services.matching_pages(resource["id"], query, viewer)) if query and are_hits_known else ()
    readable = _readable(resource)
    number = _number(asked.get("page"), total) or next(iter(hits), None) or next(iter(readable), 1)
    shown = services.page(resource["id"], number, viewer, query, _number(asked.get("part"), 9_999))
    if shown is None:
        return None
    hit = _hit(asked.get("hit"), shown["hits"])
    found = _found(context, resource["id"], query, _number(asked.get("list"), len(hits)))
    overall = None
    if hit and are_hits_known and len(hits) <= PAGES_LISTED:
        every = found if found and found.first == 1 else _found(context, resource["id"], query, 1)
        overall = _overall(every.items if every else [], number, hit, shown["hits"])
    strip, copy = _strip(number, total), copy_with(resource["copies"], number)
    files = bool(copy and copy["copyable"])
    pdf = _pdf(resource["id"], copy) if copy and files and shown["deidentified"] else None
    return Pages(
        resource["id"],
        total,
        number,
        shown,
        hits,
        strip,
        query,
        hit,
        are_hits_known,
        found,
        overall,
        copyable=files,
        pdf=pdf,
    )


def _pdf(resource_id: str, copy: dict[str, Any]) -> str | None:
    """Where a copy is had as a PDF; None for one too large to be made while somebody waits."""
    return paths.copy_pdf(resource_id, copy["number"]) if copy["page_count"] <= MOST_PDF_PAGES else None


def _overall(items: list[dict[str, Any]], number: int, hit: int, here: int) -> tuple[int, int] | None:
    """Which of the hits of some pages a hit of one of them is, and how many they are; None when one of the pages is too
    long to be counted.
    """
    times = {item["number"]: item["times"] for item in items}
    if number not in times or None in times.values():
        return None
    before = sum(count for page, count in times.items() if page < number)
    return before + hit, sum(times.values()) - times[number] + here


def _hit(text: str | None, hits: int) -> int:
    """Which hit of a page is asked for: the first when none is."""
    return hits if text == LAST else _number(text, hits) or min(hits, 1)


def _found(context: Here, resource_id: str, query: str, first: int | None) -> Found | None:
    """The list of matching pages from one of them on, when it is asked for."""
    if first is None:
        return None
    found = context.services.pages(resource_id, query, context.viewer, first - 1)
    return Found(found["items"], first, found["total"])


def _readable(resource: dict[str, Any]) -> list[int]:
    """The first pages of the copies this reader may open."""
    opened = (copy for copy in resource["copies"] if (copy["readable"] or copy["deidentified"]) and copy["page_count"])
    return [copy.get("first_page") or 1 for copy in opened]


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
    asked = QueryParams({**request.query_params, "page": str(request.path_params["number"]), "list": ""})
    shown = pages_of(context, resource, asked, query) if resource else None
    if shown is None or shown.number != request.path_params["number"]:
        return page(request, "not_found.html", 404)
    return Response(markup(context, request, "pages_part.html", pages=shown, resource=resource), media_type="text/html")


def viewer(request: Request) -> Response:
    """``/view/<id>``: one page as large as the window, to zoom, turn and move about in."""
    context, resource = _resource(request)
    query = request.query_params.get("q", "")[:1000].strip()
    shown = pages_of(context, resource, request.query_params, query) if resource else None
    if shown is None:
        return page(request, "not_found.html", 404)
    return page(request, "viewer.html", pages=shown, resource=resource)


def image(request: Request) -> Response:
    """``/r/<id>/pages/<n>/image?w=``: the right is asked for each time (`security.image_cache`)."""
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
    except CopiesRefused as refused:
        return _refused(context, refused.reason)
    if found is None:
        return Response("not found", 404, media_type="text/plain")
    return Response(found.data, media_type=found.media_type, headers=security.image_cache(context.viewer))


def copy_pdf(request: Request) -> Response:
    """``/r/<id>/copies/<n>/copy.pdf``: a released de-identified copy, for whoever reads it in place of the text."""
    context, resource = _resource(request)
    copies = resource["copies"] if resource else []
    copy = next((one for one in copies if one["number"] == request.path_params["number"]), None)
    if resource is None or copy is None or not copy["deidentified"]:
        return page(request, "not_found.html", 404)
    if not copy["copyable"]:
        return _refused(context, copy["copy_reason"])
    numbers = range(copy["first_page"], copy["first_page"] + copy["page_count"])
    file = context.services.copy_pdf(resource["id"], numbers, context.viewer)
    if file is None:
        return page(request, "no_copy_pdf.html", 404, resource=resource, first=copy["first_page"])
    name = f"{resource['id']}-deidentified-{copy['number']}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    data = context.services.desk.for_practice(file.read_bytes(), "application/pdf")
    return Response(data, media_type="application/pdf", headers=headers)


def text(request: Request) -> Response:
    """``/r/<id>/text.txt``: the recognised text of all pages this reader may read, or of one with ``?page=``."""
    context, resource = _resource(request)
    if resource is None or not resource["page_total"]:
        return page(request, "not_found.html", 404)
    wanted = _number(request.query_params.get("page"), resource["page_total"])
    kept = next((copy for copy in resource["copies"] if copy["readable"] and not copy["copyable"]), None)
    if kept is not None and not any(copy["copyable"] and copy["page_count"] for copy in resource["copies"]):
        return _refused(context, kept["copy_reason"])
    numbers = [wanted] if wanted else range(1, min(resource["page_total"], MAX_TEXT_PAGES) + 1)
    suffix = f"-p{wanted}" if wanted else ""
    headers = {
        "content-disposition": f'attachment; filename="{resource["id"]}{suffix}.txt"',
        "cache-control": "private, no-store",
    }
    return StreamingResponse(
        _texts(context, resource, numbers), media_type="text/plain; charset=utf-8", headers=headers
    )


def _refused(context: Here, reason: str | None) -> Response:
    """That one may read this here and take no file of it, and why."""
    t = context.words.t
    said = t("No copies: {reason}", reason=reason) if reason else t("No copies are given of this.")
    return Response(said, 403, media_type="text/plain; charset=utf-8", headers={"cache-control": "private, no-store"})


def _texts(context: Here, resource: dict[str, Any], numbers: Any) -> Iterator[str]:
    yield f"{resource['title']}\n{resource['reference_code'] or ''}\n"
    if any(copy["deidentified"] for copy in resource["copies"]):
        yield context.words.t("This is the de-identified copy: names and numbers are masked.") + "\n"
    for number in numbers:
        found = context.services.page_text(resource["id"], number, context.viewer, resource["copies"])
        for place, piece in enumerate(found):
            yield piece if place else f"\n{piece}"


def _resource(request: Request) -> tuple[Here, dict[str, Any] | None]:
    context = here(request)
    return context, context.services.resource(request.path_params["id"], context.viewer)
