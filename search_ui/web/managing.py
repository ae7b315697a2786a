"""``/accounts``: who has one, with which roles; roles given and taken, sessions ended, accounts closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import Viewer
from mappings.grants import Scope
from search_ui import paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.joining import usual_language
from search_ui.web.render import here, page
from service_desk.errors import Conflict, DeskError, Invalid, NotFound

SIZE: Final = 50
LIMITS: Final = ("holder", "fonds", "department", "theme")
_manage = only("accounts.manage")


@_manage
def listed(request: Request) -> Response:
    """Accounts, those who work here first."""
    context, asked = here(request), request.query_params
    find, given = asked.get("find", "")[:200], asked.get("page", "")
    number = min(max(int(given), 1), 10_000) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
    found = context.services.desk.managing.page(context.viewer, find, SIZE, (number - 1) * SIZE)
    called = context.services.desk.roles.called(context.language)
    values = {"total": found.total, "accounts": found.rows, "find": find, "at": number, "called": called}
    return page(request, "accounts.html", **values, more=number * SIZE < found.total)


@_manage
def one(request: Request) -> Response:
    """An account with its roles."""
    return _shown(request, None)


@_manage
def give(request: Request, fields: Fields) -> Response:
    """A further role, everywhere or within a scope."""
    return _changed(request, fields, here(request).services.desk.managing.give)


@_manage
def take(request: Request, fields: Fields) -> Response:
    """A role taken back."""
    return _changed(request, fields, here(request).services.desk.managing.take_back)


def _changed(request: Request, fields: Fields, change: Callable[[Viewer, str, str, Scope], object]) -> Response:
    name = request.path_params["name"]
    try:
        change(here(request).viewer, name, fields.get("role", ""), _scope(fields))
    except (Invalid, Conflict, NotFound) as error:
        return _shown(request, error)
    return _to(name)


@_manage
def choose_language(request: Request, fields: Fields) -> Response:
    """Another language for what is sent to them; none is as the house does."""
    context, name = here(request), request.path_params["name"]
    try:
        context.services.desk.managing.set_language(context.viewer, name, fields.get("language") or None)
    except (Invalid, NotFound) as error:
        return _shown(request, error)
    return RedirectResponse(f"{paths.managed(name)}?said=language", 303)


@_manage
def sign_out(request: Request, fields: Fields) -> Response:
    """Signed out everywhere."""
    name = request.path_params["name"]
    here(request).services.desk.managing.sign_out(here(request).viewer, name)
    return _to(name)


@_manage
def close(request: Request, fields: Fields) -> Response:
    """Closed for good."""
    context = here(request)
    try:
        context.services.desk.managing.close(context.viewer, request.path_params["name"])
    except (Conflict, NotFound) as error:
        return _shown(request, error)
    return RedirectResponse(paths.ACCOUNTS, 303)


def _shown(request: Request, error: DeskError | None) -> Response:
    context = here(request)
    desk = context.services.desk
    try:
        account = desk.managing.one(context.viewer, request.path_params["name"])
    except NotFound:
        return page(request, "not_found.html", 404)
    roles = desk.roles.names(context.language)
    own = account.name == context.viewer.name
    code = {Invalid: 422, Conflict: 409}.get(type(error), 200) if error else 200
    values = {"account": account, "roles": roles, "limits": LIMITS, "own": own, "failed": _wrong(error)}
    values |= {"chosen": account.language, "said": request.query_params.get("said"), **usual_language(context)}
    return page(request, "account_roles.html", code, **values)


def _wrong(error: DeskError | None) -> str | None:
    """What the form says went wrong: the language, or the role."""
    if isinstance(error, Invalid) and error.errors[0].field == "language":
        return "language"
    return "role" if error else None


def _scope(fields: Fields) -> Scope:
    return Scope(**{name: fields.get(name, "").strip() or None for name in LIMITS})


def _to(name: str) -> Response:
    return RedirectResponse(paths.managed(name), 303)
