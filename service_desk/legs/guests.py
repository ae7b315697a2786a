"""Requests that other institutions filed here: ordinary ones, by whom, and what of them is told back in the words of
legs.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from service_desk import materials, vocabularies
from service_desk.deadlines import ONE_DAY
from service_desk.forms import OpenRequestForm, parse
from service_desk.ledger import Step
from service_desk.legs import moving
from service_desk.legs.rules import Inbound, Partner
from service_desk.legs.tables import GuestLeg
from service_desk.machine import OPEN, RUNNING
from service_desk.models import AnswerFile, Event, Request
from service_desk.sniffing import MAX_BYTES
from service_desk.terms import Terms, clock_of

_WORDS = {
    "accepted": "acknowledged",
    "materials_asked": "asked_back",
    "quoted": "asked_back",
    "ready": "answered",
    "answered": "answered",
    "partly_answered": "answered",
    "not_held": "not_held",
    "refused": "refused",
    "expired": "returned",
    "notice": "informed",
    "progress": "informed",
    "extended": "informed",
    "relayed": "informed",
}
"""What happens to a request, in the words of legs; what is not here is not told."""
_LABELS = {
    "en": ("Record", "Expected answer", "Please by", "Reader", "Reminder: an answer is waited for.", "Now by"),
    "zh-Hans": ("档案", "希望得到的答复", "请于此日前答复", "利用者", "提醒：正在等候答复。", "答复日期改为"),
    "zh-Hant": ("檔案", "希望得到的答覆", "請於此日前回覆", "利用者", "提醒：正在等候回覆。", "回覆日期改為"),
}
_NOTE = 9_900
DAY = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"
Short = Annotated[str, Meta(max_length=300)]
Long = Annotated[str, Meta(max_length=10_000)]


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """A record that is asked for."""

    title: Short
    reference_code: Short | None = None


class Filed(Struct, frozen=True, forbid_unknown_fields=True):
    """What another institution asks: the body of ``POST /api/v1/relay``."""

    leg: Annotated[str, Meta(pattern="^[A-Za-z0-9]{16,40}$")]
    what: Annotated[str, Meta(pattern="^sent$")] = "sent"
    asks: Long = ""
    expects: Long = ""
    due: Annotated[str, Meta(pattern=DAY)] = ""
    records: Annotated[list[Record], Meta(max_length=50)] = []
    type: Annotated[str, Meta(max_length=40)] = ""
    text: Long = ""
    name: Short = ""
    contact: Short = ""
    language: Annotated[str, Meta(max_length=20)] = ""


def form_of(filed: Filed, partner: Partner, way: Inbound) -> OpenRequestForm:
    """The request as it is filed here. Raises Invalid."""
    record, expects, due, reader, *_ = _LABELS[way.language]
    lines = [filed.asks]
    lines += [f"{record}: {' · '.join(filter(None, (one.title, one.reference_code)))}" for one in filed.records]
    lines += [f"{expects}: {filed.expects}"] if filed.expects else []
    lines += [f"{due}: {filed.due}"] if filed.due else []
    lines += [f"{reader}: {' · '.join(filter(None, (filed.name, filed.contact)))}"] if filed.name else []
    title = partner.title.in_language(way.language)[:200]
    note = "\n".join(line for line in lines if line)[:_NOTE]
    return parse(
        OpenRequestForm,
        {"type": way.type, "name": title, "contact": title, "note": note, "language": way.language},
    )


def of_partner(session: Session, partner: str, leg: str) -> GuestLeg | None:
    """The request that a partner filed under that name."""
    return session.scalar(select(GuestLeg).where(GuestLeg.partner == partner, GuestLeg.leg == leg[:40]))


def step_of(request: Request, what: str, text: str, language: str) -> Step | None:
    """What a partner's message is for its request: a reader's step. None when there is nothing to do any more."""
    if request.status not in OPEN:
        return None
    if what == "taken_back":
        return Step("withdraw", "reader", None, text)
    if what == "replied" and request.status == "needs_materials":
        asked = materials.missing(materials.standing(request.events))
        return Step("supply", "reader", None, text, {"materials": dict.fromkeys(asked, "given")})
    if what == "reminded":
        return Step("write", "reader", None, text or _LABELS[language][4])
    return Step("write", "reader", None, text) if text else None


def moved(request: Request, day: dt.date, language: str, now: dt.datetime, terms: Terms) -> Step | None:
    """The date by which a partner waits is another one. Where that is later than ours, ours moves there, by no
    extension that the rules count; ours never moves forward, so that nobody is promised less than before. None when
    there is nothing to do any more.
    """
    text = f"{_LABELS[language][5]} {day}"
    if request.status in RUNNING:
        more = moving.days_to_reach(day, request.type, clock_of(request), now, terms)
        if more:
            return Step("extend", "desk", None, text, {"days": more, "agreed": day.isoformat()})
    return Step("write", "reader", None, text) if request.status in OPEN else None


def told(request: Request, after: int, terms: Terms, language: str) -> dict[str, Any]:
    """How far a request is, for who filed it: what happened since the event `after`, and the files of its answer."""
    events = [
        {"number": event.number, "what": _WORDS[event.what], "text": _text(event, terms, language)}
        for event in request.events
        if event.number > after and event.what in _WORDS
    ]
    return {
        "receipt": request.receipt,
        "status": request.status,
        "iso18626": vocabularies.REQUESTS[request.status].iso18626,  # type: ignore[index]  # the fold of the events
        "version": request.version,
        "due": str(terms.calendar.day_of(request.due - ONE_DAY / 2)) if request.due else None,
        "events": events[:1000],
        "files": [_file(file) for file in files_of(request)],
    }


def files_of(request: Request) -> list[AnswerFile]:
    """The files of an answer that can be sent."""
    return [file for file in request.files if file.size <= MAX_BYTES]


def _file(file: AnswerFile) -> dict[str, Any]:
    return {"number": file.number, "name": file.name, "size": file.size, "sha256": file.sha256}


def _text(event: Event, terms: Terms, language: str) -> str:
    """The words of an event, and what of its payload says more."""
    said = event.payload
    parts = [event.text, said.get("article"), said.get("alternative"), said.get("nothing_instead"), said.get("tried")]
    parts += [terms.materials.title(code, language) for code in said.get("missing", ())]
    return "\n".join(str(part) for part in parts if part)[: 4 * 10_000]


def decoded(body: bytes) -> Filed:
    """Raises msgspec.MsgspecError."""
    return msgspec.json.decode(body, type=Filed)
