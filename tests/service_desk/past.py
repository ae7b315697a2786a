"""Requests that the desk has had: rows as they stand after their end, without walking each through its life."""

from __future__ import annotations

import datetime as dt

import msgspec

from service_desk import codes
from service_desk.models import Event, Request


def had(desk, kind, filed, closed, *, holder="East Wing", fonds="J12", **more):
    """A request of that type with its events. `more`: status, text, answer, title, resource_id, clock, barred."""
    hit = {"id": more.get("resource_id", "r-rail"), "title": more.get("title", "粵漢鐵路購地卷"), "checked": True}
    hit |= {"holder": holder, "fonds": fonds}
    row = Request(
        receipt=codes.new_receipt(),
        secret_digest="x",
        type=kind,
        status=more.get("status", "delivered"),
        version=2,
        submitted=filed,
        closed=closed,
        clock=msgspec.to_builtins(more["clock"]) if "clock" in more else None,
        barred=more.get("barred", []),
        resource_id=hit["id"] if holder else None,
        hit=hit if holder else None,
        name="王小明",
        contact="wang@example.org",
        language=more.get("language", "zh-Hans"),
    )
    told = [
        (filed, "reader", None, "submitted", more.get("text", "")),
        (closed, "staff", "li", "answered", more.get("answer", "")),
    ]
    for at, (moment, party, actor, what, text) in enumerate(told, 1):
        row.events.append(Event(number=at, at=moment, party=party, actor=actor, what=what, text=text, payload={}))
    with desk._database.write() as session:
        session.add(row)
    return row.receipt


def day(text, hour=2):
    """That day at the archive, before noon."""
    return dt.datetime.fromisoformat(f"{text}T{hour:02}:00+00:00")
