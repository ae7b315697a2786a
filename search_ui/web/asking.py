"""``/ask``: a request is placed. One form without a script; with one, what is typed is kept as it is typed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from search_ui import paths
from search_ui.limits import client_of
from search_ui.web import asked, kiosk
from search_ui.web.asked import ACCEPTED, CARRIED, FIELDS, Part, Typed, Wrong
from search_ui.web.forms import Fields
from search_ui.web.record import base_address
from search_ui.web.render import Here, here, markup, page
from search_ui.web.uploads import Files
from service_desk import sent
from service_desk.basket import FORM as BASKET
from service_desk.drafts import DraftView
from service_desk.errors import Invalid, NotFound, TooMany, Unavailable
from service_desk.filing import WISHES
from service_desk.machine import CLOSED
from service_desk.printed.press import qr
from service_desk.ratelimit import RateLimit
from service_desk.request_types import Channel, Types
from service_desk.sent import AlreadySent
from service_desk.views import ReaderStatus, Receipt

SENT_A_MINUTE: Final = 30
"""Forms from one address: a whole reading room may stand behind it."""
_RATE = RateLimit(SENT_A_MINUTE)
_KEPT_A_MINUTE: Final = RateLimit(240)
OWN: Final = ("once", "consent", "do")


def form(request: Request) -> Response:
    """``GET /ask?resource=&type=&q=&rank=``: the form, with what was typed before."""
    context = here(request)
    typed = _opened(request, context)
    draft = None if kiosk.is_one(context) else _draft(context, typed.draft)
    if draft is not None:
        typed = Typed({**draft.body, **{name: typed[name] for name in ("type", "concerns", *CARRIED) if typed[name]}})
    return _shown(request, context, _prefilled(context, typed), draft=draft)


def send(request: Request, fields: Fields, files: Files) -> Response:
    """``POST /ask``: sent, kept for later, or only drawn again for another type. While the desk does not answer, the
    page that says so holds what was typed, to be sent from there.
    """
    try:
        return _done(request, fields, files)
    except Unavailable:
        kept = {name: value for name, value in _typed(fields).values.items() if value and name != "do"}
        names = [one.upload.name for one in files]
        return page(request, "ask_later.html", 503, kept=kept, files=names, given=fields.get("csrf", ""))


def _done(request: Request, fields: Fields, files: Files) -> Response:
    context, typed = here(request), _typed(fields)
    if fields.get("do") == "keep" and not kiosk.is_one(context):
        _keep(context, typed)
        return RedirectResponse(paths.MY_REQUESTS, 303)
    if fields.get("do") == "update":
        return _shown(request, context, typed, files=files)
    try:
        _RATE.spend(client_of(request.scope))
    except TooMany:
        told = Wrong(context.words.t("Too much was sent from here just now; send it again in a minute"))
        return _shown(request, context, typed, wrong=[told], files=files, code=429)
    return _sent(request, context, typed, files)


def _sent(request: Request, context: Here, typed: Typed, files: Files) -> Response:
    number = typed["once"] or sent.new_number()
    try:
        receipt = _file(context, typed, files, number)
    except AlreadySent as error:
        return _shown(request, context, _anew(typed), files=files, before=error.receipt, code=409)
    except NotFound:
        told = Wrong(context.words.t("A record is no longer there; search for it again, or ask without it"))
        return _shown(request, context, Typed({**typed.values, "records": ""}), wrong=[told], files=files, code=422)
    except _Mistaken as mistaken:
        _keep(context, typed)
        return _shown(request, context, typed, wrong=mistaken.wrong, files=files, code=422)
    _forget(context, typed)
    if kiosk.is_one(context):
        cookie = kiosk.renewed(request)
        answer = _receipt(request, "asked.html", receipt, form_number="", silent=_is_silent(context, typed))
        answer.headers.append("set-cookie", cookie)
        return answer
    target = paths.asked(number) + ("?silent=1" if _is_silent(context, typed) else "")
    return RedirectResponse(target, 303, {"cache-control": "no-store"})


def _is_silent(context: Here, typed: Typed) -> bool:
    """Does no notice reach this reader? They have to look for themselves, and are told so."""
    return not context.services.desk.notices.reaches(typed["contact"], context.viewer.name)


class _Mistaken(Exception):
    def __init__(self, wrong: list[Wrong]) -> None:
        self.wrong = wrong


def _file(context: Here, typed: Typed, files: Files, number: str) -> Receipt:
    """File it. Raises _Mistaken with everything that is wrong."""
    desk, words = context.services.desk, context.words
    notice = asked.notice_of(context)
    wrong = asked.wrong_files(files, words)
    if typed["consent"] != notice.mark:
        wrong.append(Wrong(words.t("Read the privacy notice and tick the box"), "consent"))
    try:
        filled = asked.desk_form(typed, words.language, notice.mark)
    except Invalid as error:
        raise _Mistaken(asked.wrong_fields(error, words) + wrong) from None
    if wrong:
        raise _Mistaken(wrong)
    once = sent.once(number, context.viewer, context.visitor, filled, files)
    visitor = None if kiosk.is_one(context) else context.visitor
    try:
        return desk.filing.submit(filled, context.viewer, visitor, files, channel=channel_of(context), once=once)
    except Invalid as error:
        raise _Mistaken(asked.wrong_fields(error, words)) from None


def channel_of(context: Here) -> Channel:
    """Where somebody asks: at a terminal of the house, or from elsewhere."""
    return "kiosk" if kiosk.is_one(context) else "web"


def part(request: Request) -> Response:
    """``GET /ask/part``: what follows from another type or relation, for the script that puts it into the form."""
    context = here(request)
    typed = _opened(request, context)
    types = asked.offered(context, channel_of(context), with_record=bool(typed.records))
    type_ = asked.chosen_type(typed["type"], types, with_record=bool(typed.records))
    try:
        shown = asked.part_of(context, typed, context.services.desk.called(context.language), type_)
    except NotFound:
        return page(request, "not_found.html", 404)
    values = {"part": shown, "typed": typed, "wrong": {}, "accepted": ACCEPTED}
    return Response(markup(context, request, "ask_part.html", **values), media_type="text/html")


def keep(request: Request, fields: Fields) -> Response:
    """``POST /ask/draft``: kept as it is typed; a script gets the time."""
    context, typed = here(request), _typed(fields)
    try:
        _KEPT_A_MINUTE.spend(client_of(request.scope))
    except TooMany as error:
        return JSONResponse({}, 429, {"retry-after": str(error.retry_after)})
    if kiosk.is_one(context) or not typed.says_something or _is_sent(context, typed):
        return JSONResponse({"kept": None}, headers={"cache-control": "no-store"})
    _keep(context, typed)
    kept = _draft(context, typed.draft)
    return JSONResponse(
        {"kept": context.words.moment(kept.updated) if kept else None}, headers={"cache-control": "no-store"}
    )


def _is_sent(context: Here, typed: Typed) -> bool:
    """Was this very form sent meanwhile? What is kept of it then comes too late."""
    once = sent.once(typed["once"], context.viewer, context.visitor)
    return once is not None and _draft(context, once.form) is not None


def throw_away(request: Request, fields: Fields) -> Response:
    """``POST /ask/draft/delete``: a draft is not needed any more."""
    context = here(request)
    name = fields.get("draft", "")
    if name.startswith("request:"):
        context.services.desk.drafts.delete(name, context.viewer, context.visitor or None)
    return RedirectResponse(paths.MY_REQUESTS, 303)


def receipt(request: Request) -> Response:
    """``/ask/receipt/<number>``: what the form has filed, with its secret, for a few minutes."""
    silent = bool(request.query_params.get("silent"))
    return receipt_page(request, "asked.html", form_number=request.path_params["number"], silent=silent)


def receipt_page(request: Request, template: str, **values: Any) -> Response:
    """What the form of ``<number>`` has filed, for who sent it; afterwards, and for others, there is no such page."""
    context = here(request)
    once = sent.once(request.path_params["number"], context.viewer, context.visitor)
    try:
        if once is None:
            raise NotFound("There is no such form.")
        return _receipt(request, template, context.services.desk.filing.told(once), **values)
    except NotFound:
        return page(request, "not_found.html", 404)


def _receipt(request: Request, template: str, filed: Receipt, **values: Any) -> Response:
    context = here(request)
    status = context.services.desk.requests.status(filed.receipt, context.viewer, secret=filed.secret)
    values["square"] = Markup(qr(base_address(context, request) + paths.receipt(filed.receipt), fits=True))  # noqa: S704 - drawn by us
    answer = page(request, template, **receipt_values(context, filed, status), **values)
    answer.headers["cache-control"] = "no-store"
    return answer


def receipt_values(context: Here, filed: Receipt, status: ReaderStatus) -> dict[str, Any]:
    """What a receipt says: where the request stands, what is missing and how to supply it, what can be read now."""
    called = context.services.desk.called(context.language)
    rows = [
        asked.Row(one.code, called.material(one.code), called.how(one.code), one.verdict) for one in status.materials
    ]
    asked_for = {"missing", "unclear"}
    resources = [one for one in (status.resource, *status.more) if one]
    return {
        "filed": filed,
        "status": status,
        "called": called,
        "missing": [row for row in rows if row.verdict in asked_for],
        "looked_at": [row for row in rows if row.verdict == "given"],
        "read": [one for one in resources if one.id in status.read],
        "closed": status.status in CLOSED,
        "urgent": context.services.desk.rules.now(Types).rule(status.type).urgent,
        "kiosk": kiosk.is_one(context),
        "seconds": kiosk.SECONDS_TO_READ,
    }


def _opened(request: Request, context: Here) -> Typed:
    """The values that an address gives."""
    given = request.query_params
    values = {
        name: given.get(name, "")[:1000] for name in ("type", "relation", "concerns", "q", "rank", "from", *WISHES)
    }
    wanted = given.getlist("resource")
    if values["from"] == BASKET:
        wanted = [hit.id for hit in context.services.desk.basket.hits(context.viewer, context.visitor or None)]
    values["records"] = " ".join(wanted)[:20_000]
    return Typed(values)


def _typed(fields: Fields) -> Typed:
    return Typed({name: fields.get(name, "") for name in (*FIELDS, *CARRIED, *OWN, "title")})


def _anew(typed: Typed) -> Typed:
    return Typed({**typed.values, "once": sent.new_number()})


def _prefilled(context: Here, typed: Typed) -> Typed:
    """Name and contact of the account, where nothing was typed."""
    values = {"once": sent.new_number(), **typed.values}
    if context.viewer.name is not None and not context.viewer.is_staff:
        with suppress(Unavailable):
            contact = context.services.desk.registration.contact_of(context.viewer.name)
            values["contact"] = values.get("contact") or contact or ""
        values["name"] = values.get("name") or context.account or ""
    return Typed(values)


def _draft(context: Here, name: str) -> DraftView | None:
    return context.services.desk.drafts.one(name, context.viewer, context.visitor or None)


def _keep(context: Here, typed: Typed) -> None:
    if not kiosk.is_one(context):
        with suppress(Unavailable, Invalid):
            context.services.desk.drafts.save(typed.draft, typed.kept(), context.viewer, context.visitor or None)


def _forget(context: Here, typed: Typed) -> None:
    """It is sent: no draft is left of it, nor in the basket what was asked for."""
    with suppress(Unavailable, Invalid):
        if typed["from"] == BASKET:
            context.services.desk.basket.remove(typed.records, context.viewer, context.visitor or None)
        context.services.desk.drafts.delete(typed.draft, context.viewer, context.visitor or None)


def _shown(
    request: Request,
    context: Here,
    typed: Typed,
    *,
    wrong: list[Wrong] | None = None,
    files: Files = (),
    draft: DraftView | None = None,
    before: str = "",
    code: int = 200,
) -> Response:
    """The form. `before` is what it has filed already, with something else in it."""
    records = asked.records_of(context, typed)
    if records is None:
        return page(request, "not_found.html", 404)
    channel = channel_of(context)
    types = asked.offered(context, channel, with_record=bool(records))
    type_ = asked.chosen_type(typed["type"], types, with_record=bool(records))
    called = context.services.desk.called(context.language)
    try:
        shown: Part = asked.part_of(context, typed, called, type_, files=files)
    except NotFound:
        return page(request, "not_found.html", 404)
    values = {
        "typed": typed,
        "records": records,
        "types": [(known, called.type(known)) for known in types],
        "further": [] if records else asked.for_records_alone(context, channel, called),
        "part": shown,
        "notice": asked.notice_of(context),
        "errors": wrong or [],
        "wrong": {one.target: one.text for one in wrong or () if one.target},
        "draft": draft,
        "before": before,
        "already": _already(context, records, type_) if code == 200 else None,
        "kiosk": kiosk.is_one(context),
        "seconds": kiosk.SECONDS,
        "accepted": ACCEPTED,
        "loose": [one.upload.name for one in files if one.material is None],
    }
    return page(request, "ask.html", code, **values)


def _already(context: Here, records: list[dict[str, Any]], type_: str) -> ReaderStatus | None:
    """An open request of the same kind on the same record, by the same reader: nobody has to ask twice."""
    if len(records) != 1 or kiosk.is_one(context):
        return None
    mine = context.services.desk.requests.mine(context.viewer, context.visitor or None)
    same = (one for one in mine if one.type == type_ and one.resource and one.resource.id == records[0]["id"])
    return next((one for one in same if one.status not in CLOSED), None)
