"""A hit as the result list shows it: what may be had, in which order, and where each act leads."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from search_ui import paths, security
from search_ui.i18n import Translator

SHOWN_STATES: Final = 3
SHOWN_PAGES: Final = 3
SHOWN_PATH: Final = 3
STATE_CLASS: Final = {
    "read": "now",
    "link": "now",
    "consult": "soon",
    "copy": "soon",
    "apply": "cond",
    "sign_in": "cond",
    "onsite": "cond",
    "opens": "closed",
    "closed": "closed",
    "ask": "calm",
}
"""Colour says one thing: may I use it. Green now, ochre after days, violet on conditions, red not yet."""
REQUEST_TYPE: Final = {
    "consult": "consult",
    "copy": "copy",
    "apply": "query",
    "onsite": "consult",
    "opens": "query",
    "closed": "query",
    "ask": "question",
}

Json = dict[str, Any]


def view(hit: Json, rank: int, text: str, words: Translator) -> Json:
    """What the template needs of a hit, beside the hit itself. `rank` counts from 1 over all result pages."""
    acts = _acts(hit, rank, text, words)
    return {
        **hit,
        "rank": rank,
        "href": paths.record(hit["id"], q=text, rank=rank),
        "shown_title": (hit["highlights"].get("title") or [None])[0],
        "passage": (hit["highlights"].get("text") or [None])[0],
        "path": _path(hit["ancestors"]),
        "meta": [part for part in _meta(hit, words) if part],
        "shown_pages": [_page(hit["id"], page, rank, text, words) for page in hit["pages"][:SHOWN_PAGES]],
        "badges": _badges(hit, words),
        "states": [state(action, words) for action in _statements(hit["available"])],
        "act": acts[0] if acts else None,
        "alternative": acts[1] if len(acts) > 1 else None,
        "image": _image(hit),
    }


def state(action: Json, words: Translator) -> Json:
    """One availability statement: shape, colour and words say the same thing."""
    return {"class": STATE_CLASS.get(action["action"], "calm"), "text": state_text(action, words)}


def state_text(action: Json, words: Translator) -> str:
    """The words of an availability statement, its days or its date included."""
    days = action.get("working_days")
    match action["action"]:
        case "read":
            return words.t("Read now")
        case "link":
            return words.t("Online elsewhere")
        case "consult":
            return words.n("Original in {count} working day", "Original in {count} working days", days or 0)
        case "copy":
            return words.n("Copy in {count} working day", "Copy in {count} working days", days or 0)
        case "apply":
            return words.t("Apply with papers")
        case "sign_in":
            return words.t("After signing in")
        case "onsite":
            return words.t("In the reading room")
        case "opens":
            return words.t("Opens on {date}", date=action["on"])
        case "closed":
            return words.t("Not open")
        case _:
            return words.n("Answer in {count} working day", "Answer in {count} working days", days or 0)


def _statements(available: list[Json]) -> list[Json]:
    """At most three, best first; that one can always ask is said only where nothing else is."""
    said = [action for action in available if action["action"] != "ask"]
    return (said or available)[:SHOWN_STATES]


def _acts(hit: Json, rank: int, text: str, words: Translator) -> list[Json]:
    """The likeliest next act and one other, each leading somewhere else."""
    acts: list[Json] = []
    for action in hit["available"]:
        act = _act(hit, action, rank, text, words)
        if act and act["href"] not in {known["href"] for known in acts}:
            acts.append(act)
    return acts[:2]


def _act(hit: Json, action: Json, rank: int, text: str, words: Translator) -> Json | None:
    name = action["action"]
    if name == "read":
        first = hit["pages"][0]["number"] if hit["pages"] else 1
        return {"text": words.t("Read online"), "href": paths.record(hit["id"], page=first, q=text, rank=rank)}
    if name == "link":
        url = security.web_address(action.get("url"))
        return {"text": words.t("Open the copy"), "href": url} if url else None
    if name == "sign_in":
        return {"text": words.t("Sign in"), "href": f"{paths.LOGIN}?{urlencode({'next': paths.record(hit['id'])})}"}
    labels = {
        "consult": words.t("See the original"),
        "copy": words.t("Order a copy"),
        "apply": words.t("Apply"),
        "onsite": words.t("Book a seat"),
        "opens": words.t("Ask for early access"),
        "closed": words.t("Ask for access"),
        "ask": words.t("Ask an archivist"),
    }
    if name not in labels:
        return None
    return {"text": labels[name], "href": paths.ask(hit["id"], type=REQUEST_TYPE[name], q=text, rank=rank)}


def _meta(hit: Json, words: Translator) -> list[str | None]:
    level = words.term("level", hit["level"]) if hit["level"] else None
    return [hit["dates"]["text"] if hit["dates"] else None, hit["creator"], level, hit["extent"]]


def _path(ancestors: list[Json]) -> list[Json | None]:
    """The way down to the hit: the outermost and the nearest units; None stands for those left out."""
    if len(ancestors) <= SHOWN_PATH:
        return list(ancestors)
    return [ancestors[0], None, *ancestors[-(SHOWN_PATH - 1) :]]


def _page(identifier: str, page: Json, rank: int, text: str, words: Translator) -> Json:
    return {
        "label": words.t("Page {page}", page=page["label"] or page["number"]),
        "href": paths.record(identifier, page=page["number"], q=text, rank=rank),
        "highlight": (page["highlights"] or [""])[0],
    }


def _badges(hit: Json, words: Translator) -> list[str]:
    counted = [
        (hit["holdings_total"], words.t("Original {count}", count=hit["holdings_total"])),
        (hit["page_total"], words.n("Scans {count} page", "Scans {count} pages", hit["page_total"])),
        (0 if hit["page_total"] else hit["copies_total"], words.t("Digital copy {count}", count=hit["copies_total"])),
        (hit["entries_total"], words.t("Database entry {count}", count=hit["entries_total"])),
        (int(hit["internal"]), words.t("Internal")),
    ]
    return [label for count, label in counted if count]


def _image(hit: Json) -> str | None:
    number = hit.get("thumbnail")
    return None if number is None else paths.page_image(hit["id"], number, w=120)
