"""The letter that goes with a refusal, wherever it was refused: on the pages, by the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from mappings.access import Viewer
from search_ui.matters import common, of_case
from search_ui.services import Services
from service_desk.errors import Conflict, NotAllowed, NotFound, Unavailable
from service_desk.printed.documents import Mark, Printed, RefusalLetter
from service_desk.printed.press import CannotPrint
from service_desk.printed.rules import PrintedTexts
from service_desk.views import Case

Made = Callable[[Mark, dt.datetime], Printed]
REFUSED: Final = ("refused", "not_held")
"""Statuses of a request that has such a letter."""


def give_letter(services: Services, receipt: str, viewer: Viewer) -> bool:
    """The letter of what was just refused, or is not held, put among the files of the request; False when it cannot be
    printed now: the refusal stands without it, and the letter can be issued later.
    """
    desk = services.desk
    try:
        case = desk.requests.case(receipt, viewer)
        made = refusal_of(services, case)
        name = f"{desk.rules.now(PrintedTexts).title('refusal', case.language)}.pdf"
        if made is not None:
            desk.giving.issue(case.receipt, "refusal", made, viewer, name)
    except (NotAllowed, NotFound, Conflict, CannotPrint, Unavailable):
        return False
    return made is not None


def refusal_of(services: Services, case: Case) -> Made | None:
    """What makes the letter of what was refused, or is not held: ground, provision, what can be had instead. None for
    another request.
    """
    matter = of_case(case)
    end = matter.last(*REFUSED)
    if end is None or case.status not in REFUSED:
        return None
    details = end.details
    reasons = tuple(filter(None, (end.text, str(details.get("tried", "")))))
    instead = tuple(_address(services, one) for one in details.get("instead", ()))
    return lambda mark, at: RefusalLetter(
        **common(services, case, mark, at),
        person=case.name,
        asked=matter.asked,
        decided=services.desk.calendar.day_of(end.at),
        reasons=reasons,
        basis=_said(details, "article"),
        alternatives=(*_said(details, "alternative", "nothing_instead"), *instead),
    )


def _said(details: dict[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(str(details[name]) for name in names if details.get(name))


def _address(services: Services, one: dict[str, Any]) -> str:
    """What can be had instead, with its address where the house has one."""
    site = (services.public_address or "").rstrip("/")
    where = one["path"] if not one["path"].startswith("/") else f"{site}{one['path']}" if site else ""
    return "\n".join(filter(None, (str(one["title"]), where)))
