"""``/my-searches``: searches a reader keeps, with how much is new in each since they last looked.

Every search is asked anew with the rights of who looks now; what was found is remembered by number, and by id while
that is few.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.errors import IndexPartial, SearchError
from indexer.query import Query
from search_ui import address, paths
from search_ui.web.forms import Fields
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import NameForm, SearchForm, parse
from service_desk.views import SavedSearchView, Seen

FEW: Final = 100
"""Hits that are remembered one by one."""
MAX_ADDRESS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search as the page lists it; `new` is None while search is down."""

    id: int
    name: str
    said: str
    looked: dt.datetime
    total: int | None
    new: int | None


def listed(request: Request) -> Response:
    """The list."""
    return _list(request)


def form(request: Request) -> Response:
    """``/my-searches/new?...``: the search of the address, to be given a name."""
    wanted = request.url.query[:MAX_ADDRESS]
    query = address.read_string(wanted)
    return page(
        request, "save_search.html", address=wanted, said=_said(query, here(request)), name=_name(query), error=None
    )


def save(request: Request, fields: Fields) -> Response:
    """Keep it."""
    context = here(request)
    typed = {"name": fields.get("name", ""), "address": fields.get("address", "")}
    query = address.read_string(typed["address"])
    try:
        kept = parse(SearchForm, {**typed, "address": _written(query)})
        context.services.desk.searches.save(kept, _seen(context, query), context.viewer, context.visitor or None)
    except (Invalid, Conflict, NotAllowed) as error:
        code, reason = (
            (422, "name") if isinstance(error, Invalid) else (409, "full" if isinstance(error, Conflict) else "nobody")
        )
        values = {"address": typed["address"], "said": _said(query, context), "name": typed["name"], "error": reason}
        return page(request, "save_search.html", code, **values)
    return RedirectResponse(paths.MY_SEARCHES, 303)


def open_it(request: Request, fields: Fields) -> Response:
    """What it finds now is looked at, and is not new any more."""
    context, searches = here(request), here(request).services.desk.searches
    number, who = request.path_params["number"], (context.viewer, context.visitor or None)
    try:
        query = address.read_string(searches.one(number, *who).address)
        with suppress(SearchError):  # the search screen says that search is down
            searches.looked(number, _seen(context, query), *who)
    except NotFound:
        return _list(request, 404)
    return RedirectResponse(address.href(query), 303)


def rename(request: Request, fields: Fields) -> Response:
    """Another name."""
    context = here(request)
    try:
        name = parse(NameForm, {"name": fields.get("name", "")})
        context.services.desk.searches.rename(
            request.path_params["number"], name, context.viewer, context.visitor or None
        )
    except Invalid:
        return _list(request, 422)
    except NotFound:
        return _list(request, 404)
    return RedirectResponse(paths.MY_SEARCHES, 303)


def delete(request: Request, fields: Fields) -> Response:
    """Forget it."""
    context = here(request)
    try:
        context.services.desk.searches.delete(request.path_params["number"], context.viewer, context.visitor or None)
    except NotFound:
        return _list(request, 404)
    return RedirectResponse(paths.MY_SEARCHES, 303)


def _list(request: Request, code: int = 200) -> Response:
    context = here(request)
    kept = context.services.desk.searches.mine(context.viewer, context.visitor or None)
    return page(request, "my_searches.html", code, searches=[_saved(context, one) for one in kept])


def _saved(context: Here, kept: SavedSearchView) -> Saved:
    query = address.read_string(kept.address)
    counted: tuple[int | None, int | None] = (None, None)
    with suppress(SearchError):
        counted = _new(context, query, kept)
    return Saved(kept.id, kept.name, _said(query, context), kept.looked, *counted)


def _new(context: Here, query: Query, kept: SavedSearchView) -> tuple[int, int]:
    """How many there are, and how many of them were not there, or not open, at the last look: exactly while they are
    few.
    """
    seen = kept.seen
    is_as_it_was = seen.index_version == _version(context) and kept.looked.date() == dt.datetime.now(dt.UTC).date()
    if is_as_it_was:
        return seen.total, 0
    now = _seen(context, query)
    if now.ids is None or seen.ids is None:
        return now.total, max(now.total - seen.total, 0)
    opened = {one.id for one in context.services.opened() if one.at > kept.looked}
    return now.total, len((set(now.ids) - set(seen.ids)) | (set(now.ids) & opened))


def _seen(context: Here, query: Query) -> Seen:
    """What a search finds now, for this viewer."""
    asked = replace(query, size=FEW, offset=0, folded=False, group="", sort="reference_code")
    answer = context.services.search(asked, context.viewer)
    if answer["partial"]:
        raise IndexPartial("What a search finds is remembered only when all of the index answers.")
    ids = tuple(hit["id"] for hit in answer["hits"]) if answer["total"] <= FEW else None
    return Seen(answer["total"], ids, _version(context))


def _version(context: Here) -> str:
    return str(context.services.index_version())


def _written(query: Query) -> str:
    """The search as its address has it, from its first page."""
    return address.href(address.with_page(query, 1)).partition("?")[2]


def _name(query: Query) -> str:
    """What a search might be called."""
    return address.shown_text(query)[:200]


def _said(query: Query, context: Here) -> str:
    """The search in a line: words, years and filters."""
    words = context.words
    years = [query.year_from, query.year_to]
    span = "–".join("" if year is None else str(year) for year in years) if any(y is not None for y in years) else ""
    values = [words.term(name, value) for name, values in query.filters.items() for value in values]
    within = words.t("within one unit") if query.within else ""
    return " · ".join(filter(None, (address.shown_text(query) or words.t("Everything"), span, *values, within)))
