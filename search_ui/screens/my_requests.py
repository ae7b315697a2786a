"""My requests: those of this account, or of this browser, and the way to any other by its receipt code."""

from __future__ import annotations

from search_ui.following import due_of, state_class
from search_ui.screens.blocks import block, sentence
from search_ui.screens.context import Here
from search_ui.screens.frame import Drawn
from service_desk.machine import OPEN


def draw(here: Here) -> Drawn:
    """The list, newest first."""
    desk = here.services.desk
    mine, called, calendar = (
        desk.requests.mine(here.viewer, here.visitor or None),
        desk.called(here.lang),
        desk.calendar,
    )
    rows = [
        {
            "receipt": one.receipt,
            "title": one.resource.title if one.resource else "",
            "code": one.resource.reference_code if one.resource else None,
            "type": called.type(one.type),
            "state": sentence(here.words.term("status", one.status)),
            "class": state_class(one.status),
            "open": one.status in OPEN,
            "due": here.words.date(due_of(one, calendar)),
            "submitted": one.submitted.date().isoformat(),
        }
        for one in mine
    ]
    block("my_requests", here.words, rows=rows, signed_in=here.viewer.signed_in)
    return Drawn()
