"""Search, resources, pages: what may be read without a request."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, get_args

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from indexer import query as q
from indexer.fields import FACETS, FILTERS
from indexer.suggest import LIMIT, MAX_LIMIT
from indexer.suggest import MAX_TEXT as MAX_TYPED
from search_ui import busy, security, suggestions
from search_ui.api.answers import Json
from search_ui.api.context import Asked, Context
from search_ui.api.problems import BadParameter
from search_ui.i18n import Translator
from search_ui.images import WIDTHS
from search_ui.services import CopiesRefused
from service_desk.stacks.busy import BusyKind

router = APIRouter(tags=["Records"])
MAX_TEXT = 1000
MAX_FILTERS = 50
MAX_FACET_TEXT = 100
MAX_ID = 500
NOTHING = "There is nothing at this address, or it is not for you to know of."
Sort = Literal["relevance", "date", "reference_code"]
Language = Literal["zh-Hans", "zh-Hant", "en"]
Group = Literal["", "fonds"]
Year = Annotated[int | None, Query(ge=q.YEARS[0], le=q.YEARS[-1])]


def filters(
    filter: Annotated[
        list[str],
        Query(max_length=MAX_FILTERS, description="FIELD:VALUE, repeated; same field = or, different fields = and"),
    ] = [],  # noqa: B006 - never changed
) -> dict[str, tuple[str, ...]]:
    """The filters of a call, by field."""
    chosen: dict[str, tuple[str, ...]] = {}
    for statement in filter:
        field, colon, value = statement.partition(":")
        if not colon or not value:
            raise BadParameter("filter", f"{statement[:80]!r} is not FIELD:VALUE, as in kind:digital.")
        if field not in FILTERS:
            raise BadParameter("filter", f"there is no field {field[:80]!r}. Fields: {', '.join(FILTERS)}.")
        chosen[field] = (*chosen.get(field, ()), value)
    return chosen


def question(
    chosen: Annotated[dict[str, tuple[str, ...]], Depends(filters)],
    text: Annotated[
        str, Query(alias="q", max_length=MAX_TEXT, description="Words, phrases, field:value; * for everything")
    ] = "*",
    year_from: Annotated[Year, Query(alias="from", ge=q.YEARS[0], le=q.YEARS[-1])] = None,
    year_to: Annotated[Year, Query(alias="to", ge=q.YEARS[0], le=q.YEARS[-1])] = None,
    sort: Sort = "relevance",
    size: Annotated[int, Query(ge=0, le=q.MAX_SIZE)] = 20,
    offset: Annotated[int, Query(ge=0, le=q.MAX_OFFSET)] = 0,
    within: Annotated[
        str | None,
        Query(
            alias="in", max_length=MAX_ID, description="Only this resource and what is below it: id or SOURCE:SOURCE_ID"
        ),
    ] = None,
    plain: Annotated[
        list[str],
        Query(
            max_length=MAX_FILTERS, description="A reading of the words not wanted (interpretation.readings), repeated"
        ),
    ] = [],  # noqa: B006 - never changed
    synonyms: Annotated[bool, Query(description="Look for other names of what was typed, too")] = True,
    fold: Annotated[bool, Query(description="Show near-identical siblings as one hit")] = False,
    group: Annotated[Group, Query(description="fonds: the best hits of each fonds")] = "",
) -> q.Query:
    """The question of a call."""
    if year_from is not None and year_to is not None and year_from > year_to:
        raise BadParameter("from", f"is later than to: {year_from} to {year_to}.")
    return q.Query(
        text.strip() or "*",
        chosen,
        year_from,
        year_to,
        sort,
        size,
        offset,
        within=within,
        plain=tuple(plain),
        synonyms=synonyms,
        folded=fold,
        group=group,
    )


_DAYS: Final = {"type": "integer", "minimum": 0}
BUSY: Final[dict[str, Any]] = {
    "description": "What keeps the original now; null for what can be had.",
    "type": ["object", "null"],
    "required": ["kind", "until", "stage"],
    "properties": {
        "kind": {"enum": list(get_args(BusyKind))},
        "until": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The day until which, where it is known",
        },
        "stage": {
            "type": ["object", "null"],
            "description": "The stage of a repair, by language",
            "additionalProperties": {"type": "string"},
        },
    },
}
USUAL: Final[dict[str, Any]] = {
    "description": "From the house's own history, where there is enough of it; `working_days` is then the median.",
    "type": "object",
    "properties": {"low": _DAYS, "high": _DAYS, "requests": _DAYS},
}
LIMITED: Final[dict[str, Any]] = {
    "description": "Too few requests to tell what is usual: `working_days` is the limit of the rules.",
    "type": "boolean",
}
HIT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "available", "busy"],
    "properties": {
        "id": {"type": "string"},
        "busy": BUSY,
        "available": {
            "description": "What can be had of it, the best way first.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["action"],
                "properties": {"action": {"type": "string"}, "working_days": _DAYS, "usual": USUAL, "limited": LIMITED},
            },
        },
    },
}


def _told(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The answer as the OpenAPI document has it: what of it depends on the desk."""
    return {200: {"description": "Found", "content": {"application/json": {"schema": schema}}}}


_hits_told: Final = _told({"type": "object", "properties": {"hits": {"type": "array", "items": HIT}}})
Question = Annotated[q.Query, Depends(question)]


@router.get("/search", summary="Search everything this viewer may know of", responses=_hits_told)
def search(context: Context, query: Question) -> JSONResponse:
    """Hits with what can be had of each, facets with counts, and how the words were understood. ``partial`` is true
    when a part of the index did not answer in time: hits may be missing, and counts too low. ``busy`` of a hit is what
    keeps its original now, ``usual`` of what can be had how many working days it usually takes here.
    """
    return Json(busy.told(context.services.busy, context.services.search(query, context.viewer)))


@router.get("/facets/{name}", summary="Values of a facet that hold some text, counted over the answer to a question")
def facet(
    context: Context,
    name: str,
    query: Question,
    value: Annotated[str, Query(max_length=MAX_FACET_TEXT, description="Part of the value, in any script")] = "",
) -> JSONResponse:
    """At most twenty values, the most frequent first: also those an answer's own facets have no room for."""
    if name not in FACETS:
        raise BadParameter("name", f"there is no facet {name[:80]!r}. Facets: {', '.join(FACETS)}.")
    return Json(context.services.facet(query, context.viewer, name, value))


@router.get("/suggest", summary="What the beginning of a question may become")
def suggest(
    request: Request,
    context: Context,
    text: Annotated[str, Query(alias="q", max_length=MAX_TYPED, description="What was typed so far")],
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Suggestions of each group")] = LIMIT,
    lang: Annotated[Language | None, Query(description="Language of labels and hints")] = None,
) -> JSONResponse:
    """Codes, names, subjects and titles that begin so, each with its count or what tells it apart."""
    words = Translator(lang or request.state.language)
    return Json(suggestions.shown(context.services.suggest(text, context.viewer, limit), words))


# Source ids hold slashes, so an id is a path; the longer routes come first and give way to an id that ends like them.
@router.get("/resources/{id:path}/pages/{number:int}/image", summary="The image of a page", response_class=Response)
def page_image(
    context: Context, id: str, number: int, w: Annotated[int | None, Query(description="Width in pixels")] = None
) -> Response:
    """The page as JPEG, PNG, GIF or WebP; ``w`` 120, 400 or 900 gives a smaller one. 403 where it may be seen on the
    screen and no copies are given: then ask with ``w``.
    """
    if w is not None and w not in WIDTHS:
        raise BadParameter("w", f"must be one of {', '.join(map(str, WIDTHS))}.")
    try:
        image = context.services.page_image(id, number, context.viewer, w)
    except CopiesRefused as refused:
        raise HTTPException(403, str(refused)) from None
    if image is None:
        raise HTTPException(404, NOTHING)
    return Response(image.data, media_type=image.media_type, headers=security.image_cache(context.viewer))


@router.get("/resources/{id:path}/pages/{number:int}", summary="A page: text, and words with their boxes")
def page(
    context: Context,
    id: str,
    number: int,
    text: Annotated[str, Query(alias="q", max_length=MAX_TEXT)] = "",
    part: Annotated[
        int | None,
        Query(ge=1, le=9_999, description="Of a page too long to be shown at once; else the first that matches"),
    ] = None,
) -> JSONResponse:
    """Text, and lines of words with boxes in pixels of ``width`` x ``height``; words of ``q`` have ``match``, and
    ``hit``, which of the ``hits`` of the page they belong to, and ``boxes``, where that is (a word divided at a line
    end has two). ``url`` is where the page can be seen at its owner. ``deidentified``: it is of the released copy, in
    which names and numbers are masked.
    """
    found = context.services.page(id, number, context.viewer, text, part)
    return Json(found if found is not None else _resource(context, f"{id}/pages/{number}"))


@router.get("/resources/{id:path}/pages", summary="The pages of a resource that match")
def pages(
    context: Context,
    id: str,
    text: Annotated[str, Query(alias="q", max_length=MAX_TEXT, description="Words, phrases, as in the search")] = "",
    offset: Annotated[int, Query(ge=0, le=q.MAX_OFFSET)] = 0,
    limit: Annotated[int, Query(ge=1, le=q.MAX_SIZE)] = 20,
) -> JSONResponse:
    """Total, and some of the pages in order: ``number``, ``label`` as printed, ``times`` the words are on the page
    (null for one too long to be counted), ``highlights`` with the words in context.
    """
    found = context.services.resource(id, context.viewer)
    if found is None:
        return Json(_resource(context, f"{id}/pages"))
    return Json(context.services.pages(found["id"], text, context.viewer, offset, limit))


@router.get("/resources/{id:path}/children", summary="The units directly below a resource, in archival order")
def children(
    context: Context,
    id: str,
    offset: Annotated[int, Query(ge=0, le=q.MAX_OFFSET)] = 0,
    limit: Annotated[int, Query(ge=1, le=q.MAX_SIZE)] = 60,
) -> JSONResponse:
    """Total, and one page of children."""
    found = context.services.resource(id, context.viewer)
    if found is None:
        return Json(_resource(context, f"{id}/children"))
    return Json(context.services.children(found["id"], context.viewer, offset, limit))


@router.get("/resources/{id:path}/similar", summary="Records like one, with reasons", responses=_hits_told)
def similar(context: Context, id: str) -> JSONResponse:
    """Hits, each with ``reasons``: shared names by ``kind``, and shared words."""
    found = context.services.similar(id, context.viewer)
    return Json(busy.told(context.services.busy, found) if found is not None else _resource(context, f"{id}/similar"))


@router.get("/resources/{id:path}", summary="A resource in full", responses=_told(HIT))
def resource(context: Context, id: str) -> JSONResponse:
    """By its id or ``SOURCE:SOURCE_ID`` (URL-encoded): description, holdings, copies, entries, names, links;
    ``busy`` is what keeps its original now.
    """
    return Json(_resource(context, id))


def _resource(context: Asked, resource_id: str) -> dict[str, Any]:
    found = context.services.resource(resource_id, context.viewer, whole=True)
    if found is None:
        raise HTTPException(404, NOTHING)
    return busy.told(context.services.busy, found)
