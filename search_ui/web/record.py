"""The record page: what it is, where it stands, what one may do with it, its pages, entries and description."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from indexer.understanding.question import CODE
from search_ui import address, paths
from search_ui.busy import of_hits
from search_ui.services import MAX_TREE_NODES
from search_ui.web import linked_data, tree
from search_ui.web.authority import form_rows, named_in
from search_ui.web.description import description_rows
from search_ui.web.entries import entry_tables
from search_ui.web.mentions import mentioned
from search_ui.web.opening import of_record
from search_ui.web.pages import pages_of
from search_ui.web.render import Here, here, markup, page
from search_ui.web.ways import ways

MAX_TEXT = 1000
_LISTS = (paths.SEARCH, paths.LANDING)
FEEDBACK_SAID = ("relevant", "not_relevant", "wrong", "missing_page", "other")


def record(request: Request) -> Response:
    """``/r/<id>``, also ``/r/SOURCE:SOURCE_ID``; what is unknown and what is not for this reader look the same."""
    context = here(request)
    wanted = request.path_params["id"]
    resource = context.services.resource(wanted, context.viewer)
    if resource is None:
        return not_found(request)
    if resource["id"] != wanted:
        return RedirectResponse(_same_query(request, resource["id"]), 302)
    return page(request, "record.html", **parts(context, request, resource))


def parts(context: Here, request: Request, resource: dict[str, Any]) -> dict[str, Any]:
    """What the page shows."""
    query, rank = came_by(request)
    url = base_address(context, request) + paths.record(resource["id"])
    said = request.query_params.get("said")
    busy = of_hits(context.services.busy, [resource]).get(resource["id"])
    return {
        "resource": resource,
        "heading": resource["title"] if resource["described"] else context.words.t("Record not described publicly"),
        "query": query,
        "rank": rank,
        "back": back_to_results(request, query),
        "by_code": CODE in address.read_string(request.query_params.get("from", "")).plain,
        "ways": [*named_in(resource, context.words), *ways(resource, context.words, query, rank, busy)],
        "forms": form_rows(resource, context.words),
        "mentioned": mentioned(resource, context.words),
        "pages": pages_of(context, resource, request.query_params, query),
        "holdings": [holding for holding in resource["holdings"] if _says_something(holding)],
        "entries": entry_tables([entry for entry in resource["entries"] if _shows_entry(entry, resource)]),
        "rows": description_rows(resource, context.words, url),
        "tree": None if resource["from_store"] else tree.opened_at(context.services, resource, context.viewer),
        "url": url,
        "linked_data": linked_data.script(linked_data.describe(resource, url, lambda id: url_of(context, request, id))),
        "opening": of_record(context, resource),
        "said": said if said in FEEDBACK_SAID else None,
    }


def _says_something(holding: dict[str, Any]) -> bool:
    """Is there more to a carrier than who holds it?"""
    return any(value for name, value in holding.items() if name != "holder")


def _shows_entry(entry: dict[str, Any], resource: dict[str, Any]) -> bool:
    """An authority is described below; its columns would say the same again, unless several databases describe it."""
    return resource["authority"] is None or (bool(entry["values"]) and len(resource["entries"]) > 1)


def came_by(request: Request) -> tuple[str, int | None]:
    """The query and rank of the hit this page was opened from, from its address; anything odd counts as absent."""
    rank = request.query_params.get("rank", "")
    query = request.query_params.get("q", "")[:MAX_TEXT].strip()
    return query, int(rank) if rank.isascii() and rank.isdigit() and 0 < int(rank[:7]) <= 100_000 else None


def back_to_results(request: Request, query: str) -> str | None:
    """The list of hits this page was opened from: read as a search and written anew, so it can lead nowhere else; or
    the form of a theme."""
    before = _before(request)
    if before is not None and before.query and paths.is_theme(before.path):
        return f"{before.path}?{before.query}#results"
    listed = request.query_params.get("from") or (before.query if before and before.path in _LISTS else "")
    if listed:
        return address.href(address.read_string(listed))
    return f"{paths.SEARCH}?{urlencode({'q': query})}" if query else None


def _before(request: Request) -> SplitResult | None:
    """The page of ours that a browser says it comes from; None when it comes from elsewhere or does not say."""
    try:
        before = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    return before if before.netloc == request.headers.get("host") else None


def base_address(context: Here, request: Request) -> str:
    """Scheme and host under which the house is known."""
    return (context.services.public_address or str(request.base_url)).rstrip("/")


def url_of(context: Here, request: Request, resource_id: str) -> str:
    """The whole address of another record."""
    return base_address(context, request) + paths.record(resource_id)


def _same_query(request: Request, resource_id: str) -> str:
    return paths.record(resource_id) + (f"?{request.url.query}" if request.url.query else "")


def whole_description(request: Request) -> Response:
    """``/r/<id>/description.txt``: the elements of a description whole, however long they are."""
    context = here(request)
    resource = context.services.resource(request.path_params["id"], context.viewer, whole=True)
    if resource is None:
        return not_found(request)
    told = {context.words.term("field", name): text for name, text in resource["description"].items()}
    parts = [resource["title"], *(f"{label}\n{text}" for label, text in (told | resource["values"]).items())]
    headers = {
        "content-disposition": f'attachment; filename="{resource["id"]}.txt"',
        "cache-control": "private, no-store",
    }
    return PlainTextResponse("\n\n".join(parts) + "\n", headers=headers)


def children(request: Request) -> Response:
    """``/r/<id>/children``: a page of the units below, as JSON or as list items for the tree when a script asks."""
    context = here(request)
    parent = request.path_params.get("id", "")
    offset = _offset(request)
    resource = context.services.resource(parent, context.viewer) if parent else None
    if parent and resource is None:
        return not_found(request)
    found = context.services.children(resource["id"] if resource else "", context.viewer, offset, MAX_TREE_NODES)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(found)
    if request.query_params.get("part") == "tree":
        parent_node = tree.listed(resource, found, offset)
        return Response(markup(context, request, "tree_part.html", node=parent_node), media_type="text/html")
    step = MAX_TREE_NODES
    return page(request, "children.html", resource=resource, found=found, offset=offset, step=step)


def _offset(request: Request) -> int:
    text = request.query_params.get("offset", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def not_found(request: Request) -> Response:
    """The page for what does not exist and for what is not for this reader to know of."""
    return page(request, "not_found.html", 404)
