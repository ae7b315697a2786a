"""A reader's own account: registered with a code, a new password by a code, and signing out everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import i18n, paths
from search_ui.limits import client_of
from search_ui.web.forms import Fields
from search_ui.web.render import Here, here, page
from search_ui.web.signing import signed_in
from service_desk import contacts
from service_desk.errors import BadCredentials, DeskError, Invalid, TooMany
from service_desk.forms import RegisterForm, parse
from service_desk.sending.rules import NoticeRules

STATUS: Final[dict[type[DeskError], int]] = {Invalid: 422, BadCredentials: 401, TooMany: 429}
REASONS: Final[dict[type[DeskError], str]] = {Invalid: "fields", BadCredentials: "code", TooMany: "too_many"}


def register_form(request: Request) -> Response:
    """``GET /register``: the form; who is signed in has an account already."""
    if here(request).viewer.signed_in:
        return RedirectResponse(paths.ACCOUNT, 303)
    return _asked(request, "register.html", {}, None)


def register(request: Request, fields: Fields) -> Response:
    """``POST /register``: a code goes to the contact; what is answered is the same for every contact."""
    context = here(request)
    known = ("name", "contact", "password")
    values = {key: fields.get(key, "") for key in known} | {"language": context.language}
    try:
        form = parse(RegisterForm, values)
        contact = context.services.desk.registration.start(form, context.visitor, client_of(request.scope))
    except (Invalid, TooMany) as error:
        return _asked(request, "register.html", values, error)
    return _code_asked(request, "register", contact, None)


def confirm(request: Request, fields: Fields) -> Response:
    """``POST /register/confirm``: the code, the account, and signed in."""
    context, contact = here(request), fields.get("contact", "")
    registration, client = context.services.desk.registration, client_of(request.scope)
    try:
        account = registration.finish(contact, fields.get("code", ""), context.visitor, client)
    except (Invalid, BadCredentials, TooMany) as error:
        return _code_asked(request, "register", contact, error)
    return signed_in(request, context.services.desk.sessions.open(account), paths.ACCOUNT)


def reset_form(request: Request) -> Response:
    """``GET /reset``: which contact."""
    return _asked(request, "reset.html", {}, None)


def ask_reset(request: Request, fields: Fields) -> Response:
    """``POST /reset``: a code goes to the contact if it has an account; the answer does not tell."""
    context, contact = here(request), fields.get("contact", "")
    registration, client = context.services.desk.registration, client_of(request.scope)
    try:
        contact = registration.ask_reset(contact, context.visitor, context.language, client)
    except (Invalid, TooMany) as error:
        return _asked(request, "reset.html", {"contact": contact}, error)
    return _code_asked(request, "reset", contact, None)


def reset(request: Request, fields: Fields) -> Response:
    """``POST /reset/confirm``: the code and the new password."""
    context, contact = here(request), fields.get("contact", "")
    typed = (fields.get("code", ""), fields.get("password", ""))
    registration, client = context.services.desk.registration, client_of(request.scope)
    try:
        account = registration.reset(contact, *typed, context.visitor, context.language, client)
    except (Invalid, BadCredentials, TooMany) as error:
        return _code_asked(request, "reset", contact, error)
    answer = signed_in(request, context.services.desk.sessions.open(account), paths.ACCOUNT)
    return _then_deliver(context, answer)


def account(request: Request) -> Response:
    """``GET /account``: what the house knows of the account."""
    return _account(request, None)


def change_password(request: Request, fields: Fields) -> Response:
    """``POST /account/password``: by who knows the old one; signed out everywhere but here."""
    context = here(request)
    desk, name = context.services.desk, context.viewer.name
    if name is None:
        return _to_sign_in()
    typed = (fields.get("old", ""), fields.get("password", ""))
    try:
        changed = desk.accounts.change_password(name, *typed, client_of(request.scope), context.visitor)
    except (Invalid, BadCredentials, TooMany) as error:
        return _account(request, error)
    return signed_in(request, desk.sessions.open(changed), paths.ACCOUNT)


def choose_language(request: Request, fields: Fields) -> Response:
    """``POST /account/language``: in which language somebody who works here is told of tasks and alarms; none is as the
    house does.
    """
    context = here(request)
    desk, name = context.services.desk, context.viewer.name
    if name is None:
        return _to_sign_in()
    try:
        desk.accounts.set_language(name, fields.get("language") or None, by=name)
    except Invalid as error:
        return _account(request, error, wrong_language=True)
    return RedirectResponse(f"{paths.ACCOUNT}?said=language", 303)


def sign_out_everywhere(request: Request, fields: Fields) -> Response:
    """``POST /account/sign-out``: every session of the account ends, this one too."""
    context = here(request)
    if context.viewer.name is not None:
        context.services.desk.sessions.end_all(context.viewer.name)
    return _to_sign_in()


def _account(request: Request, error: DeskError | None, *, wrong_language: bool = False) -> Response:
    context = here(request)
    name = context.viewer.name
    if name is None:
        return _to_sign_in()
    contact = context.services.desk.registration.contact_of(name)
    values = {
        "name": context.account,
        "contact": contacts.shown(contact) if contact else None,
        "roles": context.services.desk.roles.titles(context.viewer, context.language),
        "sessions": context.services.desk.sessions.open_sessions(name),
        "error": "language" if wrong_language else _reason(error),
        "said": request.query_params.get("said"),
        "chosen": context.services.desk.accounts.language_of(name),
        **usual_language(context),
    }
    return page(request, "account.html", _status(error), **values)


def usual_language(context: Here) -> dict[str, object]:
    """What a form that chooses a language needs: the languages there are, and which one holds where none is chosen."""
    usual = context.services.desk.rules.now(NoticeRules).staff_language
    return {"own_names": i18n.OWN_NAMES, "usual": i18n.OWN_NAMES[usual]}


def _to_sign_in() -> Response:
    return RedirectResponse(f"{paths.LOGIN}?next={paths.ACCOUNT}", 303)


def _asked(request: Request, template: str, values: dict[str, str], error: DeskError | None) -> Response:
    """The form, with what was typed but the password, and what is wrong with which field."""
    wrong = {each.field for each in error.errors} if isinstance(error, Invalid) else set()
    kept = {key: values.get(key, "") for key in ("name", "contact")}
    return page(request, template, _status(error), typed=kept, wrong=wrong, error=_reason(error))


def _code_asked(request: Request, purpose: str, contact: str, error: DeskError | None) -> Response:
    """The page that asks for the code. It is sent once the page has gone, so that nobody can tell by the time it takes
    whether there was anything to send.
    """
    wrong = {each.field for each in error.errors} if isinstance(error, Invalid) else set()
    code, reason = _status(error), _reason(error)
    answer = page(request, "code.html", code, purpose=purpose, contact=contact, wrong=wrong, error=reason)
    return _then_deliver(here(request), answer)


def _then_deliver(context: Here, answer: Response) -> Response:
    deliver: Callable[[], int] = context.services.desk.notices.deliver
    answer.background = BackgroundTask(deliver)
    return answer


def _status(error: DeskError | None) -> int:
    return STATUS[type(error)] if error else 200


def _reason(error: DeskError | None) -> str | None:
    return REASONS[type(error)] if error else None
