"""What is usual at the desk, put onto what can be had; where there is too little history, the limit of the rules."""

from __future__ import annotations

import time
from typing import Any, Final

import structlog

from search_ui.memory import Memory
from service_desk.errors import Unavailable
from service_desk.history import History, UsualTable

log = structlog.get_logger(__name__)
Json = dict[str, Any]
KEPT_SECONDS: Final = 300
ANSWERED_BY: Final = {"consult": "consult", "copy": "copy", "ask": "question"}
"""What is promised on a hit, and the type of request it becomes."""


class Remembered:
    """The table of one process: every `KEPT_SECONDS` somebody asks whether it still holds, which is so until the next
    day or a change of rules. An empty one while the desk does not answer.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: Memory[UsualTable] = Memory(1)
        self._tables: Memory[UsualTable] = Memory(1)

    def __call__(self) -> UsualTable:
        return self._known.get(int(time.monotonic() // KEPT_SECONDS), self._table)

    def _table(self) -> UsualTable:
        try:
            return self._tables.get(self._history.state(), self._history.table)
        except Unavailable as error:
            log.warning("how long requests take is not known now", reason=str(error))
            return UsualTable()


def usually(answer: Json, table: UsualTable) -> Json:
    """An answer of search with what is usual on each of its hits; itself where nothing is known. Not changed: answers
    are remembered.
    """
    if table == UsualTable():
        return answer
    made = dict(answer)
    if "hits" in answer:
        made["hits"] = [on_hit(hit, table) for hit in answer["hits"]]
    if answer.get("groups"):
        made["groups"] = [{**one, "hits": [on_hit(hit, table) for hit in one["hits"]]} for one in answer["groups"]]
    if "items" in answer:
        made["items"] = [on_hit(hit, table) for hit in answer["items"]]
    return made


def on_hit(hit: Json, table: UsualTable) -> Json:
    """The same on one hit or record: ``usual`` with ``low``, ``high`` and ``requests`` beside ``working_days``; where
    too little is known ``limited`` and the working days of the rules.
    """
    if table == UsualTable() or "available" not in hit:
        return hit
    holder, fonds = hit.get("holder"), _fonds(hit)
    return {**hit, "available": [_offered(offer, table, holder, fonds) for offer in hit["available"]]}


def _offered(offer: Json, table: UsualTable, holder: str | None, fonds: str | None) -> Json:
    kind = ANSWERED_BY.get(offer["action"])
    found = table.of(kind, holder, fonds) if kind and "working_days" in offer else None
    if found is None:
        limit = table.limits.get(kind or "") if "working_days" in offer else None
        return offer if limit is None else {**offer, "working_days": limit, "limited": True}
    told = {"low": found.low, "high": found.high, "requests": found.requests}
    return {**offer, "working_days": found.days, "usual": told}


def _fonds(hit: Json) -> str | None:
    """As a request keeps it: the code of the topmost unit, else its title."""
    above = hit.get("ancestors")
    top = above[0] if above else hit if hit.get("level") == "fonds" else None
    return (top.get("reference_code") or top["title"]) if top else None
