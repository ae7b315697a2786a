"""``/answers``: the answer library of staff - search, write, change, retire, what was said before; ``/faq``: what of it
is for readers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import i18n, paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from service_desk.errors import Conflict, DeskError, Invalid, NotFound, Unavailable
from service_desk.forms import parse
from service_desk.library.entries import EntryForm, EntryView
from service_desk.request_types import Types

SIZE: Final = 30
LONGEST: Final = 500
"""Characters of what is searched for."""
_write = only("answers.write")
Json = dict[str, Any]


@_write
def listed(request: Request) -> Response:
    """Entries by their words, or all of them, the newest first; with ``retired=1`` those out of use."""
    context, asked = here(request), request.query_params
    library, viewer = context.services.desk.library, context.viewer
    text, retired = asked.get("q", "")[:LONGEST].strip(), bool(asked.get("retired"))
    if text and not retired:
        found = [one.entry for one in library.find(text, viewer, language=context.language, limit=SIZE)]
        total, at = len(found), 1
    else:
        everything, at = library.listed(viewer, retired=retired), _page(asked.get("page", ""))
        everything.sort(key=lambda one: one.language != context.language)  # those in the clerk's language first
        total, found = len(everything), everything[(at - 1) * SIZE : at * SIZE]
    values = {"q": text, "retired": retired, "entries": found, "total": total, "at": at, "more": at * SIZE < total}
    return page(request, "answers.html", **values, names=i18n.OWN_NAMES, type_called=_types(context).get)


def _types(context: Here) -> dict[str, str]:
    """What each type of request is called."""
    rules = context.services.desk.rules.now(Types).types
    return {code: rule.title.in_language(context.language) for code, rule in rules.items()}


def _page(given: str) -> int:
    return max(1, int(given)) if given.isascii() and given.isdecimal() and len(given) < 6 else 1


@_write
def new(request: Request) -> Response:
    """The form for a new entry; with ``from=`` a receipt filled from the answer of that request, persons masked."""
    receipt = request.query_params.get("from", "")[:40].strip()
    if not receipt:
        return _form(request, {"language": here(request).language})
    try:
        draft = here(request).services.desk.earlier.draft(receipt, here(request).viewer)
    except (NotFound, Unavailable) as error:
        code = 404 if isinstance(error, NotFound) else 503
        return _form(request, {"language": here(request).language}, code, error=type(error).__name__)
    return _form(request, draft.model_dump())


@_write
def add(request: Request, fields: Fields) -> Response:
    """A new entry."""
    return _kept(request, fields, None)


@_write
def one(request: Request) -> Response:
    """An entry to be changed, with all that it said before."""
    return _shown(request, request.path_params["number"])


@_write
def change(request: Request, fields: Fields) -> Response:
    """The entry written anew."""
    return _kept(request, fields, request.path_params["number"])


@_write
def retire(request: Request, fields: Fields) -> Response:
    """Out of use."""
    return _used(request, fields, True)


@_write
def restore(request: Request, fields: Fields) -> Response:
    """Back into use."""
    return _used(request, fields, False)


def often_asked(request: Request) -> Response:
    """Questions often asked, in the reader's language."""
    context = here(request)
    entries = context.services.desk.library.often_asked(context.language)
    return page(request, "faq.html", entries=entries)


def _used(request: Request, fields: Fields, retired: bool) -> Response:
    context, number = here(request), request.path_params["number"]
    try:
        context.services.desk.library.retire(number, context.viewer, retired=retired, seen=_seen(fields))
    except Conflict:
        return _shown(request, number, 409, error="Conflict")
    except NotFound:
        return page(request, "not_found.html", 404)
    return RedirectResponse(paths.answer(number), 303)


def _kept(request: Request, fields: Fields, number: int | None) -> Response:
    context, typed = here(request), _typed(fields)
    try:
        form = parse(EntryForm, typed)
        kept = context.services.desk.library.write(form, context.viewer, number, _seen(fields))
    except NotFound:
        return page(request, "not_found.html", 404)
    except (Invalid, Conflict) as error:
        return _again(request, typed, number, error)
    return RedirectResponse(paths.answer(kept), 303)


def _again(request: Request, typed: Json, number: int | None, error: DeskError) -> Response:
    """The form with what was typed, and what is wrong with it."""
    code = 409 if isinstance(error, Conflict) else 422
    name = type(error).__name__
    if isinstance(error, Invalid):
        field = error.errors[0].field
        name = "personal" if field in ("question", "answer") and typed[field].strip() and typed["origin"] else field
    if number is None:
        return _form(request, typed, code, error=name)
    return _shown(request, number, code, typed=typed, error=name)


def _typed(fields: Fields) -> Json:
    said = {
        name: fields.get(name, "") for name in ("question", "answer", "language", "type", "theme", "tags", "origin")
    }
    return {**said, "public": "public" in fields, "checked": "checked" in fields}


def _seen(fields: Fields) -> int | None:
    given = fields.get("seen", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else None


def _shown(request: Request, number: int, code: int = 200, typed: Json | None = None, error: str = "") -> Response:
    context = here(request)
    try:
        versions = context.services.desk.library.versions(number, context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    return _form(request, typed or _said(versions[0]), code, error=error, versions=versions)


def _said(version: EntryView) -> Json:
    names = ("question", "answer", "language", "type", "theme", "tags", "public", "origin")
    return {name: getattr(version, name) for name in names}


def _form(
    request: Request, typed: Json, code: int = 200, *, error: str = "", versions: list[EntryView] | None = None
) -> Response:
    context = here(request)
    empty: Json = {"question": "", "answer": "", "type": "", "theme": "", "tags": "", "public": False, "origin": ""}
    told = empty | typed
    if not isinstance(told["tags"], str):
        told["tags"] = context.words.t(", ").join(told["tags"])
    themes = [(theme.name, theme.title.in_(context.language)) for theme in context.services.themes.all()]
    values = {"typed": told, "error": error, "versions": versions or [], "types": _types(context), "themes": themes}
    return page(request, "answer.html", code, **values, names=i18n.OWN_NAMES)


ROUTES: Final[tuple[tuple[str, Callable[..., Response], bool], ...]] = (
    (paths.FAQ, often_asked, False),
    (paths.ANSWERS, listed, False),
    (paths.ANSWERS, add, True),
    (f"{paths.ANSWERS}/new", new, False),
    (paths.ANSWERS + "/{number:int}", one, False),
    (paths.ANSWERS + "/{number:int}", change, True),
    (paths.ANSWERS + "/{number:int}/retire", retire, True),
    (paths.ANSWERS + "/{number:int}/restore", restore, True),
)
"""Address, page, and whether it takes a form."""
