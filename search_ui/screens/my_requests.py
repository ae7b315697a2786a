"""My requests: those of this account, or of this browser, and the way to any other by its receipt code."""

from __future__ import annotations

from typing import Any

from search_ui.following import due_of, state_class
from search_ui.screens.blocks import block, sentence
from search_ui.screens.context import Here
from search_ui.screens.frame import Drawn
from search_ui.web import asked
from service_desk.called import Called
from service_desk.machine import OPEN, WAITING
from service_desk.request_types import QUESTION
from service_desk.shown import first_words


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
            "title": one.resource.title if one.resource else first_words(one.events[0].text),
            "code": one.resource.reference_code if one.resource else None,
            "type": called.type(one.type),
            "state": sentence(here.words.term("status", one.status)),
            "class": state_class(one.status),
            "open": one.status in OPEN,
            "turn": one.status in WAITING | {"ready"},
            "due": here.words.date(due_of(one, calendar)),
            "submitted": here.words.date(one.submitted, year=True),
        }
        for one in mine
    ]
    block("my_requests", here.words, rows=rows, signed_in=here.viewer.signed_in, **_drafts(here, called))
    return Drawn()


def _drafts(here: Here, called: Called) -> dict[str, Any]:
    """What was begun and not sent, with the way to go on and the one to throw it away."""
    kept = here.services.desk.drafts.all("request:", here.viewer, here.visitor or None)
    drafts = [
        {
            "name": one.form,
            "type": called.type(one.body.get("type") or QUESTION),
            "title": one.body.get("title", ""),
            "typed": first_words(one.body.get("note", "")),
            "updated": one.updated,
            "href": asked.go_on(asked.Typed(one.body)),
        }
        for one in kept
    ]
    return {"drafts": drafts, "csrf": here.services.csrf_token(here.visitor) if drafts else ""}
