"""``/staff``: requests in the order of what must happen next, in saved views; acts on several at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from service_desk.called import Called
from service_desk.deadlines import Calendar
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.inbox import NOBODY, Narrowed
from service_desk.machine import OPEN, STATUSES
from service_desk.request_types import Channel
from service_desk.views import Inbox, InboxRow

SIZE: Final = 50
MOST_FIELDS: Final = SIZE + 10
_FIND_BOUND: Final = 300
_BOUND: Final = 100
CHANNELS: Final[tuple[Channel, ...]] = ("web", "kiosk", "window", "phone", "post", "email", "api")
NARROWED: Final = ("type", "status", "department", "channel", "handler", "urgent")
"""Parameters of the address that narrow a list."""
BULK: Final = ("take", "release", "hand_over", "classify")
_SAID_TO_READERS: Final = frozenset({"quoted", "ready"})
ROW: Final = "row."
"""Begins the name of a box to tick: ``row.RECEIPT``, its value the version that was seen."""
_see = only("requests.see", somewhere=True)
_work = only("requests.work", somewhere=True)

Json = dict[str, Any]


@_see
def listed(request: Request) -> Response:
    """A page of a saved view."""
    return _list(request, [])


def moved(request: Request) -> Response:
    """``/staff-case?receipt=CODE``, the address of a case before."""
    code = request.query_params.get("receipt", "")[:40]
    return RedirectResponse(paths.case(code) if code else paths.INBOX, 303)


@_work
def bulk(request: Request, fields: Fields) -> Response:
    """``POST /staff/bulk``: one act on every ticked row, each by itself; what came of it is told of each."""
    act = fields.get("act", "")
    ticked = {name.removeprefix(ROW): version for name, version in fields.items() if name.startswith(ROW)}
    if act not in BULK or not ticked:
        return _list(request, [], 422, problem="nothing" if not ticked else "act")
    if missing := _missing(act, fields):
        return _list(request, [], 422, problem=missing, ticked=ticked)
    results = [(receipt, _one(request, act, receipt, seen, fields)) for receipt, seen in ticked.items()]
    return _list(request, results)


def _missing(act: str, fields: Fields) -> str | None:
    needed = {"hand_over": "to", "classify": "department"}.get(act)
    return needed if needed and not fields.get(needed, "").strip() else None


def _one(request: Request, act: str, receipt: str, seen: str, fields: Fields) -> str:
    context = here(request)
    desk, version = context.services.desk, int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else -1
    values = {"hand_over": {"to": fields.get("to", "")}, "classify": {"department": fields.get("department", "")}}
    try:
        if act in values:
            desk.cases.act(receipt, act, values[act], context.viewer, version)
        else:
            {"take": desk.requests.take, "release": desk.requests.release}[act](receipt, context.viewer, version)
    except Conflict:
        return "faster"
    except (NotAllowed, Invalid, NotFound):
        return "refused"
    return "done"


def _list(request: Request, results: list[tuple[str, str]], code: int = 200, **told: Any) -> Response:
    context, asked = here(request), request.query_params
    view, find = asked.get("view", "")[:40] or "new", asked.get("find", "").strip()[:_FIND_BOUND]
    narrowed = {name: asked.get(name, "")[:_BOUND] for name in NARROWED if asked.get(name, "")}
    at = asked.get("at", "")[:_BOUND] or None
    try:
        found = _page(context, view, find, narrowed, at)
    except Invalid:  # an address somebody made up, or a view that is theirs no more
        view, at = "new", None
        found = _page(context, view, find, narrowed, at)
    kept = {"view": view, "find": find, **narrowed}
    values = _values(context, found, kept) | {"problem": None, "ticked": {}} | told
    return page(request, "inbox.html", code, results=results, here=_query({**kept, "at": at}), **values)


def _page(context: Here, view: str, find: str, narrowed: Mapping[str, str], at: str | None) -> Inbox:
    limits = {name: value for name, value in narrowed.items() if name != "urgent"}
    chosen = Narrowed(**limits, urgent=True if narrowed.get("urgent") else None)
    return context.services.desk.inbox.page(context.viewer, view, find=find, narrowed=chosen, at=at, size=SIZE)


def _values(context: Here, found: Inbox, kept: Mapping[str, str]) -> Json:
    desk = context.services.desk
    called, now = desk.called(context.language), dt.datetime.now(dt.UTC)
    colleagues = desk.related.staff(context.viewer)
    return {
        "view": found.view,
        "views": [(name, count, _query({"view": name})) for name, count in found.counts.items()],
        "total": found.total,
        "rows": [row_of(row, context.words, called, desk.calendar, now) for row in found.rows],
        "kept": kept,
        "is_narrowed": len([value for value in kept.values() if value]) > 1,
        "previous": _query({**kept, "at": found.previous}) if found.previous else None,
        "next": _query({**kept, "at": found.next}) if found.next else None,
        "first": _query(kept),
        "choices": _choices(context.words, called, [(one.name, one.display_name) for one in colleagues]),
        "colleagues": colleagues,
        "departments": [(code, called.department(code)) for code in called.departments.departments],
    }


def _choices(words: Translator, called: Called, colleagues: list[tuple[str, str]]) -> list[Json]:
    """What a list can be narrowed by: name, label, and what can be chosen."""
    statuses = [(status, status_of(words, status)) for status in STATUSES if status != "draft"]
    handlers = [(NOBODY, words.t("nobody")), *colleagues]
    told = {
        "type": (words.t("Type"), [(code, called.type(code)) for code in called.types.types]),
        "status": (words.t("Status"), statuses),
        "department": (
            words.t("Department"),
            [(code, called.department(code)) for code in called.departments.departments],
        ),
        "channel": (words.t("Channel"), [(channel, words.term("channel", channel)) for channel in CHANNELS]),
        "handler": (words.t("In hand of"), handlers),
        "urgent": (words.t("Urgent"), [("1", words.t("urgent only"))]),
    }
    return [{"name": name, "label": label, "values": values} for name, (label, values) in told.items()]


def row_of(row: InboxRow, words: Translator, called: Called, calendar: Calendar, now: dt.datetime) -> Json:
    """A request as a line of a list, in the words of whoever looks."""
    text, kind = _due(row, words, calendar, now)
    return {
        "receipt": row.receipt,
        "href": paths.case(row.receipt),
        "version": row.version,
        "title": row.title or row.asked or words.t("No record named"),
        "code": row.reference_code,
        "more": row.more,
        "name": row.name,
        "type": called.type(row.type),
        "status": status_of(words, row.status),
        "urgent": row.urgent,
        "due": row.due,
        "due_text": text,
        "class": kind,
        "step": step(row.next_step, words),
        "handler": row.handler,
        "handed_by": row.handed_by,
        "to_ring": row.to_ring,
        "consent_to_get": row.consent_to_get,
        "submitted": row.submitted,
    }


def status_of(words: Translator, status: str) -> str:
    """Where a request stands, as staff say it: what is a reader's to do is not theirs."""
    return words.term("desk_status" if status in _SAID_TO_READERS else "status", status)


def step(name: str | None, words: Translator) -> str:
    """What moves a request on, as a verb."""
    steps: dict[str, Callable[[], str]] = {
        "check": lambda: words.t("Check the materials"),
        "accept": lambda: words.t("Accept"),
        "search": lambda: words.t("Begin the search"),
        "answer": lambda: words.t("Answer"),
        "decide": lambda: words.t("Decide"),
        "pay": lambda: words.t("Mark the payment"),
        "hand_out": lambda: words.t("Hand out"),
        "wait": lambda: words.t("Wait for the reader"),
        "wait_for_others": lambda: words.t("Wait for the others"),
    }
    return steps[name]() if name in steps else "—"


def _due(row: InboxRow, words: Translator, calendar: Calendar, now: dt.datetime) -> tuple[str, str]:
    """How long there still is, and how that looks."""
    today = calendar.day_of(now)
    if row.status not in OPEN:
        return "—", "calm"
    if row.paused or row.status == "ready":
        return words.t("Clock stopped"), "calm"
    if row.late:
        over = calendar.working_days(row.due, today)
        told = words.n("{count} working day late", "{count} working days late", over)
        return told if over else words.t("Overdue"), "late"
    days = calendar.working_days(today, row.due)
    if row.due <= today:
        return _today(row, words, calendar), "late" if row.urgent else "soon"
    text = words.t("Tomorrow") if row.due - today == dt.timedelta(days=1) else None
    return text or words.n("{count} working day", "{count} working days", days), "soon" if days <= 1 else "calm"


def _today(row: InboxRow, words: Translator, calendar: Calendar) -> str:
    """With the hour where it is not the end of the day."""
    ends = calendar.start_of(row.due + dt.timedelta(days=1))
    if row.due_at is None or row.due_at == ends:
        return words.t("Today")
    return words.t("Today {time}", time=words.moment(row.due_at).partition(" ")[2])


def _query(parameters: Mapping[str, object]) -> str:
    return "?" + urlencode({name: value for name, value in parameters.items() if value not in ("", None)})
