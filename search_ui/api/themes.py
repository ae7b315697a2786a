"""Themes: what there are, what their forms find, and what can be taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from indexer import query as q
from search_ui import i18n, paths
from search_ui.api.context import Asked, Context
from search_ui.api.problems import BadParameter, WrongFields
from search_ui.api.records import NOTHING, Sort, Year, filters
from search_ui.i18n import Translator
from search_ui.themes import form
from search_ui.themes.data import Table
from search_ui.themes.model import Theme
from search_ui.themes.pack import PackFile

router = APIRouter(prefix="/themes", tags=["Themes"])
OWN = frozenset({"filter", "from", "to", "sort", "size", "offset", "only", "lang"})
"""Parameters of a search in a theme beside the fields of its form."""
NO_STORE = {"cache-control": "private, no-store"}
Language = Annotated[str | None, Query(pattern=f"^({'|'.join(i18n.LANGUAGES)})$", description="Of messages and files")]


@router.get("", summary="The themes of the house")
def themes(context: Context) -> JSONResponse:
    """Name, title and introduction of each, in three languages."""
    return JSONResponse({"themes": [_in_short(theme) for theme in context.services.themes.all()]})


@router.get("/{name}", summary="A theme: its form, facets, guide, pack and data")
def theme(context: Context, name: str) -> JSONResponse:
    """As its file says; a field of the form is a parameter of its search."""
    found = _theme(context, name)
    return JSONResponse({**found.model_dump(by_alias=True, exclude_none=True), "files": _files(found)})


@router.get("/{name}/search", summary="What the form of a theme finds")
def search(
    context: Context,
    request: Request,
    name: str,
    chosen: Annotated[dict[str, tuple[str, ...]], Depends(filters)],
    year_from: Annotated[Year, Query(alias="from", ge=q.YEARS[0], le=q.YEARS[-1])] = None,
    year_to: Annotated[Year, Query(alias="to", ge=q.YEARS[0], le=q.YEARS[-1])] = None,
    sort: Sort = "relevance",
    size: Annotated[int, Query(ge=0, le=q.MAX_SIZE)] = 20,
    offset: Annotated[int, Query(ge=0, le=q.MAX_OFFSET)] = 0,
    only: Annotated[Literal["whole"] | None, Query(description="Nothing that has only most of what is asked")] = None,
    lang: Language = None,
) -> JSONResponse:
    """Parameters are the fields of the form, repeated for several values; a span of years has ``NAME.from`` and
    ``NAME.to``. The answer is that of ``/search``; `interpretation.complete` is how many hits have everything that was
    filled in, where others are shown for having most.
    """
    asked = _theme(context, name)
    if year_from is not None and year_to is not None and year_from > year_to:
        raise BadParameter("from", f"is later than to: {year_from} to {year_to}.")
    filled = form.fill(asked, _fields(asked, request))
    if filled.mistakes:
        words = Translator(lang or "en", "web")
        raise WrongFields([(mistake.parameter, form.sentence(mistake, words)) for mistake in filled.mistakes])
    view = q.Query("*", chosen, year_from, year_to, sort, size, offset)
    return JSONResponse(context.services.search(filled.query(asked, view, only == "whole"), context.viewer))


@router.get("/{name}/pack.zip", summary="The ready pack", response_class=Response)
def pack(context: Context, request: Request, name: str, lang: Language = None) -> Response:
    """A ZIP: register (CSV), README, and of texts and images what this viewer may read now."""
    asked = _theme(context, name)
    if asked.pack is None:
        raise HTTPException(404, NOTHING)
    made = PackFile(context.services, asked, context.viewer, _words(request, lang), _base(context, request))
    _exported(context, f"{name}/pack.zip")
    return StreamingResponse(made.stream(), media_type="application/zip", headers=_attached(f"{name}.zip"))


@router.get("/{name}/data.csv", summary="The data of a theme as CSV", response_class=Response)
def data_csv(context: Context, request: Request, name: str) -> Response:
    """UTF-8 with byte order mark; ``data.md`` says what the columns mean."""
    table = _answering(_table(context, request, name))
    _exported(context, f"{name}/data.csv")
    headers = _attached(f"{name}.csv")
    return StreamingResponse(table.csv(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{name}/data.parquet", summary="The data of a theme as Parquet", response_class=Response)
def data_parquet(context: Context, request: Request, name: str) -> Response:
    """The same table with its types; the meaning of each column is in its metadata."""
    table = _answering(_table(context, request, name))
    _exported(context, f"{name}/data.parquet")
    media_type = "application/vnd.apache.parquet"
    return StreamingResponse(table.parquet(), media_type=media_type, headers=_attached(f"{name}.parquet"))


@router.get("/{name}/data.md", summary="What the data of a theme is", response_class=Response)
def data_readme(context: Context, request: Request, name: str, lang: Language = None) -> Response:
    """Markdown: terms of use, the day it is as of, and the meaning of each column."""
    text = _table(context, request, name).readme(_words(request, lang))
    return Response(text, media_type="text/markdown; charset=utf-8", headers=_attached(f"{name}.md"))


def _theme(context: Asked, name: str) -> Theme:
    found = context.services.themes.get(name)
    if found is None:
        raise HTTPException(404, NOTHING)
    return found


def _in_short(theme: Theme) -> dict[str, Any]:
    told = theme.model_dump(by_alias=True, include={"name", "title", "introduction", "corner"})
    return {**told, "url": f"{paths.API}/themes/{theme.name}"}


def _files(theme: Theme) -> dict[str, str]:
    wanted = [*(["pack.zip"] if theme.pack else []), *(["data.csv", "data.parquet", "data.md"] if theme.data else [])]
    return {file: paths.theme_file(theme.name, file) for file in wanted}


def _fields(theme: Theme, request: Request) -> Mapping[str, list[str]]:
    """What the call says of the form's fields. Raises BadParameter for one that the form does not have."""
    names = set(form.parameter_names(theme))
    for given in request.query_params:
        if given not in names and given not in OWN:
            raise BadParameter(given[:80], f"is no field of this theme. Fields: {', '.join(sorted(names))}.")
    return {name: request.query_params.getlist(name) for name in names}


def _table(context: Asked, request: Request, name: str) -> Table:
    asked = _theme(context, name)
    if asked.data is None:
        raise HTTPException(404, NOTHING)
    return Table(context.services, asked, asked.data, context.viewer, _base(context, request))


def _exported(context: Asked, what: str) -> None:
    """Keep in the audit log that staff took it away: what they take may hold what no reader sees."""
    if context.viewer.is_staff:
        context.services.desk.audit.saw(context.viewer, "data.export", what)


def _answering(table: Table) -> Table:
    """The table, once search has answered: what has begun to be sent cannot say 503 any more. Raises SearchError."""
    table.total()
    return table


def _words(request: Request, lang: str | None) -> Translator:
    """The words of what is taken away: in the language asked for, else in that of the browser."""
    return Translator(lang or request.state.language, "web")


def _base(context: Asked, request: Request) -> str:
    """Scheme and host under which the house is known."""
    return (context.services.public_address or f"{request.url.scheme}://{request.url.netloc}").rstrip("/")


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', **NO_STORE}
