"""``/persons``: people at the window, registered without an account, and the documents they show.

Numbers of documents are sent in the body of a form, never in an address, which stays in histories and logs.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import here, page
from service_desk.documents import KINDS
from service_desk.errors import Conflict, DeskError, Invalid, NotFound
from service_desk.forms import DocumentForm, PersonForm, parse

_register = only("persons.register")
EMPTY: Final = {"name": "", "contact": "", "kind": "", "number": ""}


@_register
def listed(request: Request) -> Response:
    """The newest, and the forms."""
    return _list(request, "", EMPTY, None)


@_register
def find(request: Request, fields: Fields) -> Response:
    """``POST /persons/find``: by code, name, contact or number of a document."""
    return _list(request, fields.get("find", "").strip(), EMPTY, None)


@_register
def register(request: Request, fields: Fields) -> Response:
    """``POST /persons``."""
    context = here(request)
    values = {key: fields.get(key, "") for key in EMPTY}
    try:
        person = context.services.desk.people.register(parse(PersonForm, values), context.viewer)
    except (Invalid, Conflict) as error:
        return _list(request, "", values, error)
    return _to(person.code)


@_register
def one(request: Request) -> Response:
    """One person."""
    return _shown(request, None)


@_register
def document(request: Request, fields: Fields) -> Response:
    """A document that staff have looked at."""
    context, code = here(request), request.path_params["code"]
    values = {key: fields.get(key, "") for key in ("kind", "number")}
    try:
        context.services.desk.people.check(code, parse(DocumentForm, values), context.viewer)
    except (Invalid, Conflict) as error:
        return _shown(request, error)
    except NotFound:
        return page(request, "not_found.html", 404)
    return _to(code)


@_register
def join(request: Request, fields: Fields) -> Response:
    """The person is who has this account."""
    context, code = here(request), request.path_params["code"]
    try:
        context.services.desk.people.join(code, fields.get("account", ""), context.viewer)
    except (NotFound, Conflict) as error:
        return _shown(request, error)
    return _to(code)


def _list(request: Request, sought: str, typed: dict[str, str], error: DeskError | None) -> Response:
    context = here(request)
    found = context.services.desk.people.find(sought, context.viewer)
    kept = {key: value for key, value in typed.items() if key != "number"}
    code, told = _told(error)
    return page(request, "persons.html", code, persons=found, kinds=KINDS, typed=kept, looked=bool(sought), error=told)


def _shown(request: Request, error: DeskError | None) -> Response:
    context = here(request)
    try:
        person = context.services.desk.people.one(request.path_params["code"], context.viewer)
    except NotFound:
        return page(request, "not_found.html", 404)
    code, told = _told(error)
    return page(request, "person.html", code, person=person, kinds=KINDS, error=told)


def _told(error: DeskError | None) -> tuple[int, str | None]:
    """Status, and what is wrong: the field of a form, the code of the person who showed it, ``joined``, ``account``."""
    if error is None:
        return 200, None
    if isinstance(error, Invalid):
        return 422, error.errors[0].field
    if isinstance(error, NotFound):
        return 404, "account"
    return 409, "joined" if "joined" in str(error) else str(error).rpartition(" ")[2].rstrip(".")


def _to(code: str) -> Response:
    return RedirectResponse(f"{paths.PERSONS}/{code}", 303)
