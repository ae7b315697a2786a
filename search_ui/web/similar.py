"""``/r/<id>/similar``: records like one, each with its reason; a page of its own, and a part of the record page that a
script asks for once the rest is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from search_ui import paths
from search_ui.i18n import Translator
from search_ui.web.record import not_found
from search_ui.web.render import here, markup, page


@dataclass(frozen=True, slots=True)
class Item:
    """A record like another: where it is, what it is called, what tells it apart, and what both have in common."""

    href: str
    title: str
    facts: tuple[str, ...]
    reasons: tuple[str, ...]


def similar(request: Request) -> Response:
    """The list, or with ``?part=list`` its items alone, which may be none."""
    context = here(request)
    identifier = request.path_params["id"]
    found = context.services.similar(identifier, context.viewer)
    resource = context.services.resource(identifier, context.viewer) if found is not None else None
    if found is None or resource is None:
        return not_found(request)
    items = [_item(item, context.words) for item in found["items"]]
    if request.query_params.get("part") == "list":
        return Response(markup(context, request, "similar_part.html", items=items), media_type="text/html")
    return page(request, "similar.html", resource=resource, items=items)


def _item(item: dict[str, Any], words: Translator) -> Item:
    dates = item["dates"]["text"] if item["dates"] else None
    above = item["ancestors"][-1]["title"] if item["ancestors"] else item["holder"]
    facts = (item["reference_code"], dates, above)
    reasons = tuple(_reason(reason, words) for reason in item["reasons"])
    return Item(paths.record(item["id"]), item["title"], tuple(fact for fact in facts if fact), reasons)


def _reason(reason: dict[str, Any], words: Translator) -> str:
    values = words.t(", ").join(reason["values"])
    match reason["kind"]:
        case "person":
            return words.t("same person: {names}", names=values)
        case "organisation":
            return words.t("same organisation: {names}", names=values)
        case "place":
            return words.t("same place: {names}", names=values)
        case "subject":
            return words.t("same subject: {names}", names=values)
        case _:
            return words.t("same words: {names}", names=values)
