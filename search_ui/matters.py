"""A request as its printed documents tell of it, and what all of them say in the same way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, cast

from search_ui.services import Services
from service_desk.machine import Status
from service_desk.printed.documents import Mark
from service_desk.printed.sheets import House, Language
from service_desk.views import Case, EventView, ReaderStatus

_ASKED_BOUND: Final = 2_000


@dataclass(frozen=True, slots=True)
class Matter:
    """A request as its documents tell of it. `name` is left out where the paper need not say whose it is; `asked` are
    records, or else the words of the wish.
    """

    receipt: str
    type: str
    status: Status
    submitted: dt.datetime
    due: dt.date
    asked: tuple[str, ...]
    events: tuple[EventView, ...]
    name: str = ""

    def last(self, *whats: str) -> EventView | None:
        """The last event of these kinds."""
        return next((event for event in reversed(self.events) if event.what in whats), None)


def of_reader(status: ReaderStatus) -> Matter:
    """The request as its reader knows it."""
    resources = [one for one in (status.resource, *status.more) if one]
    asked = tuple(_named(one.reference_code, one.title) for one in resources)
    return Matter(
        status.receipt, status.type, status.status, status.submitted, status.promise.due,
        asked or _wish(status.events[0].text), status.events,
    )  # fmt: skip


def of_case(case: Case) -> Matter:
    """The request as staff know it; what its reader may not see is left out."""
    hits = [one for one in (case.hit, *case.more) if one]
    events = tuple(EventView(one.at, one.what, one.text, one.payload) for one in case.events if one.shown)
    asked = tuple(_named(one.reference_code, one.title) for one in hits)
    return Matter(
        case.receipt, case.type, case.status, case.submitted, case.promise.due, asked or _wish(case.note), events,
        case.name,
    )  # fmt: skip


def _named(code: str | None, title: str) -> str:
    return f"{code}  {title}" if code else title


def _wish(text: str) -> tuple[str, ...]:
    return (text[:_ASKED_BOUND],) if text else ()


def house_of(services: Services, language: str) -> House:
    """Who issues documents, as the tour of the house says."""
    contact = services.text("contact", language) or {}
    given = contact.values() if isinstance(contact, dict) else [contact]
    address = services.text("address", language)
    lines = tuple(str(one) for one in (address, *given) if one)
    name = services.text("name", language) or "onestop"
    return House(
        str(name), lines, (services.public_address or "").rstrip("/"), "Hant" if language == "zh-Hant" else "Hans"
    )


def common(services: Services, case: Case, mark: Mark, at: dt.datetime) -> dict[str, Any]:
    """What every issued document of a case begins with."""
    return {
        "house": house_of(services, case.language),
        "language": cast(Language, case.language),
        "issued": services.desk.calendar.local(at),
        "mark": mark,
        "receipt": case.receipt,
    }
