"""My requests: those of this account, or of this browser, and the way to any other by its receipt code."""

from __future__ import annotations

from search_ui.screens.ask import promised
from search_ui.screens.blocks import block, sentence
from search_ui.screens.context import Here
from search_ui.screens.frame import Drawn

STATE_CLASS = {"submitted": "soon", "taken": "soon", "answered": "now", "refused": "closed", "withdrawn": "calm"}


def draw(here: Here) -> Drawn:
    """The list, newest first."""
    mine = here.services.desk.requests.mine(here.viewer, here.visitor or None)
    rows = [
        {
            "receipt": one.receipt,
            "title": one.resource.title if one.resource else "",
            "code": one.resource.reference_code if one.resource else None,
            "type": here.words.term("request_type", one.type),
            "state": sentence(here.words.term("status", one.status)),
            "class": STATE_CLASS[one.status],
            "open": one.status in ("submitted", "taken"),
            "due": promised(one.promise, here.words)["due"],
            "submitted": one.submitted.date().isoformat(),
        }
        for one in mine
    ]
    block("my_requests", here.words, rows=rows, signed_in=here.viewer.signed_in)
    return Drawn()
