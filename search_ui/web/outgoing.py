"""``/outbox``: notices that have not left. ``/desk-notices``: what notices say, tried on sample values."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mappings.access import may_begin
from mappings.mistakes import Mistake
from search_ui import i18n, paths
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.mistaken import told
from search_ui.web.render import address, here, page
from service_desk.errors import Conflict, NotAllowed, NotFound
from service_desk.rules import RulesMistaken
from service_desk.sending.events import CODES, EVENTS, LETTERS, samples
from service_desk.sending.rules import NoticeRules, Said

_configure = only("desk.configure")
_LETTERS: Final = {f"leg_{name}": name for name in LETTERS}
_SAID: Final = frozenset({"again", "left", "in_force"})


def listed(request: Request) -> Response:
    """What waits, what failed and why, what was given up."""
    context = here(request)
    if not context.viewer.signed_in:
        return RedirectResponse(f"{paths.LOGIN}?next={address(request)}", 303)
    try:
        outbox = context.services.desk.outbox.listed(context.viewer)
    except NotAllowed:
        context.services.desk.audit.refused(context.viewer, "requests.see", paths.OUTBOX)
        return page(request, "not_found.html", 404)
    said = request.query_params.get("said")
    may_try = may_begin(context.viewer, "requests.work")
    values = {"outbox": outbox, "may_try": may_try, "said": said if said in _SAID else None}
    return page(request, "outbox.html", **values)


def again(request: Request, fields: Fields) -> Response:
    """Try one again now."""
    context = here(request)
    if not context.viewer.signed_in:
        return RedirectResponse(paths.LOGIN, 303)
    said = "again"
    try:
        context.services.desk.outbox.again(request.path_params["number"], context.viewer)
    except (NotAllowed, NotFound):
        return page(request, "not_found.html", 404)
    except Conflict:
        said = "left"
    context.services.desk.notices.deliver()
    return RedirectResponse(f"{paths.OUTBOX}?said={said}", 303)


@_configure
def texts(request: Request) -> Response:
    """The texts in force, one of them tried."""
    rules = here(request).services.desk.rules
    version = rules.version(NoticeRules)
    asked = request.query_params
    return _tried(request, version.text, version.number, asked.get("event", ""), asked.get("channel", ""))


@_configure
def try_texts(request: Request, fields: Fields) -> Response:
    """The texts as they were changed, tried, or brought into force."""
    context = here(request)
    rules, text, seen = context.services.desk.rules, fields.get("text", ""), _number(fields.get("seen", ""))
    event, channel = fields.get("event", ""), fields.get("channel", "")
    if fields.get("do") != "put":
        return _tried(request, text, seen, event, channel)
    try:
        rules.put(NoticeRules, text, context.viewer, seen)
    except (RulesMistaken, Conflict) as error:
        return _tried(request, text, seen, event, channel, error)
    return RedirectResponse(f"{paths.NOTICE_TEXTS}?said=in_force", 303)


def _tried(
    request: Request, text: str, seen: int, event: str, channel: str, failed: RulesMistaken | Conflict | None = None
) -> Response:
    context = here(request)
    rules = context.services.desk.rules
    mistakes: list[Mistake] = []
    known: NoticeRules | None = None
    try:
        known = rules.check(NoticeRules, text)
    except RulesMistaken as error:
        mistakes = told(error.mistakes, context.language)
    chosen = event if event in EVENTS or event in CODES or event in _LETTERS else "answered"
    channels = sorted({name for names in known.channels.values() for name in names} | {"email"}) if known else ["email"]
    way = channel if channel in channels else "email"
    said = request.query_params.get("said")
    values: dict[str, Any] = {
        "text": text,
        "seen": seen,
        "events": EVENTS,
        "codes": CODES,
        "letters": _LETTERS,
        "channels": channels,
        "event": chosen,
        "channel": way,
        "samples": _samples(known, chosen, way) if known else {},
        "mistakes": mistakes,
        "conflict": isinstance(failed, Conflict),
        "said": said if said in _SAID else None,
        "own_names": i18n.OWN_NAMES,
    }
    code = 409 if values["conflict"] else 422 if mistakes else 200
    return page(request, "notice_texts.html", code, **values)


def _samples(rules: NoticeRules, event: str, channel: str) -> dict[str, Said | None]:
    """The notice in each language."""
    if event in CODES:
        return {language: rules.code(event, language, samples(language)) for language in i18n.LANGUAGES}
    if event in _LETTERS:
        return {language: rules.letter(_LETTERS[event], language, samples(language)) for language in i18n.LANGUAGES}
    return {language: rules.said(event, channel, language, samples(language)) for language in i18n.LANGUAGES}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
