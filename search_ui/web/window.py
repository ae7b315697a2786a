"""``/window``: staff key in what somebody asks for at the window, by telephone, by post, or wrote down on paper while
nothing else worked.

Everything is in one form and travels in its body: names of people never stand in an address.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from indexer.errors import SearchError
from indexer.query import Query
from mappings.access import may
from search_ui import i18n, paths
from search_ui.web import asked
from search_ui.web.asked import ACCEPTED, FIELDS, Typed, Wrong
from search_ui.web.asking import receipt_page
from search_ui.web.forms import Fields
from search_ui.web.guarded import only
from search_ui.web.render import Here, here, page
from search_ui.web.uploads import Files
from service_desk import sent
from service_desk.errors import Invalid, NotFound
from service_desk.forms import KeyedForm, parse
from service_desk.machine import Verdict
from service_desk.request_types import Channel, Types
from service_desk.sent import AlreadySent
from service_desk.views import PersonView, Receipt

CHANNELS: Final[tuple[Channel, ...]] = ("window", "phone", "post", "email")
VERDICTS: Final[tuple[Verdict, ...]] = ("verified", "given", "missing")
"""What a clerk says of a material: seen and in order, handed in, not there."""
_OURS: Final = (
    "records",
    "once",
    "channel",
    "person",
    "received",
    "language",
    "consent",
    "consent_way",
    "seek_person",
    "seek_record",
)
_SHOWN: Final = 8
_work = only("requests.work", somewhere=True)


@dataclass(frozen=True, slots=True)
class Found:
    """What a clerk looked for: people, and records; `rests` while search does not answer."""

    people: tuple[PersonView, ...] = ()
    records: tuple[dict[str, Any], ...] = ()
    sought: str = ""
    rests: bool = False


@_work
def form(request: Request) -> Response:
    """``GET /window``, also with ``?resource=`` and ``?person=`` from the pages of a record and of a person."""
    given = request.query_params
    values = {"person": given.get("person", "")[:20], "records": " ".join(given.getlist("resource"))[:20_000]}
    typed = Typed({"channel": "window", "language": here(request).language, "once": sent.new_number(), **values})
    return _shown(request, _with_person(here(request), typed))


@_work
def send(request: Request, fields: Fields, files: Files) -> Response:
    """``POST /window``: one of its buttons."""
    context, do = here(request), fields.get("do", "")
    verdicts = {name: value for name, value in fields.items() if name.startswith("verdict-")}
    typed = Typed({**{name: fields.get(name, "") for name in (*FIELDS, *_OURS)}, **verdicts})
    act, _, subject = do.partition(":")
    match act:
        case "seek_person":
            return _shown(request, typed, found=_people(context, typed["seek_person"]), files=files)
        case "seek_record":
            return _shown(request, typed, found=_records(context, typed["seek_record"]), files=files)
        case "person":
            return _shown(request, _with_person(context, _but(typed, person=subject, name="", contact="")), files=files)
        case "add":
            return _shown(request, _but(typed, records=f"{typed['records']} {subject}", seek_record=""), files=files)
        case "drop":
            left = " ".join(one for one in typed.records if one != subject)
            return _shown(request, _but(typed, records=left), files=files)
        case "send":
            return _keyed(request, context, typed, files)
        case _:
            return _shown(request, typed, files=files)


@_work
def receipt(request: Request) -> Response:
    """``/window/receipt/<number>``: to be read out and printed, for a few minutes."""
    on_duty = here(request).services.desk.duty.of
    return receipt_page(request, "keyed.html", number_of_form=request.path_params["number"], on_duty=on_duty)


def _keyed(request: Request, context: Here, typed: Typed, files: Files) -> Response:
    number = typed["once"] or sent.new_number()
    try:
        _file(context, typed, files, number)
    except AlreadySent as error:
        told = [Wrong(context.words.t("This was keyed in already, as {receipt}", receipt=error.receipt))]
        return _shown(request, _but(typed, once=sent.new_number()), wrong=told, files=files, code=409)
    except NotFound:
        told = [Wrong(context.words.t("One of the records is not there; take it out"))]
        return _shown(request, typed, wrong=told, files=files, code=422)
    except Invalid as error:
        return _shown(request, typed, wrong=_wrong(context, error), files=files, code=422)
    return RedirectResponse(f"{paths.WINDOW}/receipt/{number}", 303, {"cache-control": "no-store"})


def _file(context: Here, typed: Typed, files: Files, number: str) -> Receipt:
    language = typed["language"] if typed["language"] in i18n.LANGUAGES else context.language
    filled = asked.desk_form(typed, language, typed["consent"] if typed["consent_way"] else None)
    said: dict[str, Any] = {name: typed[name] for name in ("channel", "person", "consent_way")}
    keyed = parse(KeyedForm, {**said, "received": _received(context, typed)})
    once = sent.once(number, context.viewer, context.visitor, filled, files)
    seen = {code: verdict for code, verdict in _verdicts(typed).items() if verdict != "missing"}
    return context.services.desk.filing.key_in(filled, keyed, context.viewer, seen, files, once)


def _received(context: Here, typed: Typed) -> dt.datetime | None:
    """When it came in, by the archive's clock. Raises Invalid."""
    if not typed["received"].strip():
        return None
    try:
        said = dt.datetime.fromisoformat(typed["received"])
        return said.replace(tzinfo=said.tzinfo or ZoneInfo(context.services.desk.calendar.timezone))
    except (ValueError, OverflowError):
        raise Invalid.one("received", "a day and a time") from None


def _verdicts(typed: Typed) -> dict[str, Verdict]:
    named = {name.removeprefix("verdict-"): value for name, value in typed.values.items() if "verdict-" in name}
    return {code: verdict for code, value in named.items() for verdict in VERDICTS if verdict == value}


def _wrong(context: Here, error: Invalid) -> list[Wrong]:
    t = context.words.t
    own = {
        "received": t("Say the day and the time it came in: not later than now, and not over a year ago"),
        "channel": t("Say how it came in"),
        "person": t("Choose the person from the list"),
        "consent": t("Choose the privacy notice that was agreed to"),
        "consent_way": t("Say how they agreed to the privacy notice: only an emergency is keyed in without it"),
    }
    others = Invalid([one for one in error.errors if one.field not in own])
    return [Wrong(own[one.field], one.field) for one in error.errors if one.field in own] + asked.wrong_fields(
        others, context.words
    )


def _people(context: Here, sought: str) -> Found:
    if not sought.strip() or not may(context.viewer, "persons.register"):
        return Found(sought=sought)
    return Found(people=tuple(context.services.desk.people.find(sought, context.viewer, _SHOWN)), sought=sought)


def _records(context: Here, sought: str) -> Found:
    """Records by id, by reference code, or by words."""
    wanted = sought.strip()[:1000]
    if not wanted:
        return Found()
    try:
        named = context.services.resource(wanted, context.viewer) if wanted.startswith("r-") else None
        if named is not None:
            return Found(records=(named,), sought=wanted)
        hits = context.services.search(Query(text=wanted, size=_SHOWN), context.viewer)["hits"]
    except SearchError:
        return Found(sought=wanted, rests=True)
    return Found(records=tuple(hits), sought=wanted)


def _with_person(context: Here, typed: Typed) -> Typed:
    """Name and contact of the person who was chosen."""
    if not typed["person"] or not may(context.viewer, "persons.register"):
        return _but(typed, person="")
    try:
        person = context.services.desk.people.one(typed["person"], context.viewer)
    except NotFound:
        return _but(typed, person="")
    return _but(
        typed, person=person.code, name=typed["name"] or person.name, contact=typed["contact"] or person.contact
    )


def _but(typed: Typed, **values: str) -> Typed:
    return Typed({**typed.values, **values})


def _shown(
    request: Request,
    typed: Typed,
    *,
    found: Found | None = None,
    wrong: list[Wrong] | None = None,
    files: Files = (),
    code: int = 200,
) -> Response:
    context = here(request)
    desk = context.services.desk
    known = [one for one in typed.records if _is_there(context, one)]
    typed = _but(typed, records=" ".join(known))
    records = asked.records_of(context, typed) or []
    channel = next((one for one in CHANNELS if one == typed["channel"]), CHANNELS[0])
    types = asked.offered(context, channel, with_record=bool(records))
    type_ = asked.chosen_type(typed["type"], types, with_record=bool(records))
    called, rules = desk.called(context.language), desk.rules.now(Types)
    values = {
        "typed": typed,
        "channel": channel,
        "channels": CHANNELS,
        "records": records,
        "types": [(one, called.type(one), rules.rule(one).urgent) for one in types],
        "further": [] if records else asked.for_records_alone(context, channel, called),
        "part": asked.part_of(context, typed, called, type_, typed["person"], files),
        "verdicts": _verdicts(typed),
        **asked.consent_of(context),
        "urgent": rules.rule(type_).urgent,
        "found": _others(found or Found(), known),
        "seeks_people": may(context.viewer, "persons.register"),
        "errors": wrong or [],
        "wrong": {one.target: one.text for one in wrong or () if one.target},
        "accepted": ACCEPTED,
        "tongues": list(i18n.OWN_NAMES.items()),
        "loose": [one.upload.name for one in files if one.material is None],
    }
    return page(request, "window.html", code, **values)


def _others(found: Found, known: list[str]) -> Found:
    """What was found, without what is chosen already."""
    return replace(found, records=tuple(one for one in found.records if one["id"] not in known))


def _is_there(context: Here, resource_id: str) -> bool:
    try:
        return context.services.resource(resource_id, context.viewer) is not None
    except SearchError:
        return True
