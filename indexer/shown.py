"""A hit as the contract shows it: what is stored with it, what this viewer may do with it today, and marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indexer.availability import actions, readable, rights_shown
from indexer.highlight import ENOUGH, Highlighter, one_line
from indexer.plan import Hit, Rights
from mappings.access import Viewer

SUMMARY = 240
"""Characters of a summary."""
Json = dict[str, Any]


def shown_hit(hit: Hit, highlighter: Highlighter, viewer: Viewer, rights: Rights) -> Json:
    """A hit as the contract shows it to this viewer at this moment."""
    stored, today = standing(hit.stored, rights), rights.today
    text, copies = stored["text"], stored["copies"]
    may_see = bool(copies) and any(
        copy[5] if readable(copy, viewer, today) else copy[-1] and copy[-1][1] for copy in copies
    )
    shown = {
        **stored,
        "available": actions(stored, viewer, today),
        "rights": rights_shown(stored, viewer, today),
        "score": round(hit.score, 4),
        "highlights": _highlights(stored, highlighter),
        "pages": [],
        "page_hits": hit.page_hits,
        "page_total": sum(copy[0] for copy in copies) if copies else 0,
        "copies_total": len(copies),
        "summary": summary(text),
        "thumbnail": (hit.pages[0].stored["number"] if hit.pages else 1) if may_see else None,
        "imaged": bool(copies) and any(copy[5] for copy in copies),
        "worded": bool(copies) and any(copy[6] for copy in copies),
        "children_total": None,
        "internal": stored["access"] == "internal",
        "authority": stored["authority"]["type"] if stored["authority"] else None,
    }
    for name in ("text", "copies", "facets", "order", "alike", "cut", "stated", "others", "place"):
        del shown[name]
    return shown


def standing(stored: Json, rights: Rights) -> Json:
    """A stored hit without the copies whose release has ended since, and those that were taken back."""
    there = [copy for copy in stored["copies"] if rights.shut.isdisjoint(copy[7])] if rights.shut else stored["copies"]
    if len(there) == len(stored["copies"]) and not any(_is_over(copy[-1], rights) for copy in there):
        return stored
    copies = [[*copy[:-1], None] if _is_over(copy[-1], rights) else copy for copy in there]
    return {**stored, "copies": copies}


def _is_over(released: Sequence[Any] | None, rights: Rights) -> bool:
    return released is not None and (rights.ended is None or released[0] in rights.ended)


def summary(text: str) -> str:
    """How a description begins: its first element when that says enough, else as much as fits."""
    stop = text.find("\n", ENOUGH, SUMMARY)
    head = text if len(text) <= SUMMARY else text[:SUMMARY].rstrip() + "…"
    return one_line(text[:stop] if stop > 0 else head)


def _highlights(stored: Json, highlighter: Highlighter) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if title := highlighter.whole(stored["title"]):
        found["title"] = [title]
    if highlighter.finds_codes and stored["reference_code"] and (code := highlighter.whole(stored["reference_code"])):
        found["reference_code"] = [code]
    if text := highlighter.passage(stored["text"]):
        found["text"] = [text]
    return found
