"""``/opened``: what was opened lately, as a page and as an Atom feed (RFC 4287), for everybody who may know of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response

from indexer.errors import SearchError
from mappings.access import ANONYMOUS, Viewer
from search_ui import paths
from search_ui.web.record import base_address, url_of
from search_ui.web.render import Here, here, page

LISTED: Final = 100
_ATOM: Final = "http://www.w3.org/2005/Atom"
_CACHE: Final = {"cache-control": "public, max-age=3600"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record that was opened, and on which day."""

    resource: dict[str, Any]
    day: dt.date
    at: dt.datetime


def listed(request: Request) -> Response:
    """The page, the latest first."""
    context = here(request)
    try:
        entries = _entries(context, context.viewer)
    except SearchError:
        return page(request, "opened.html", 503, entries=None)
    return page(request, "opened.html", entries=entries)


def feed(request: Request) -> Response:
    """The feed: what everybody may know of, whoever asks."""
    context = here(request)
    try:
        entries = _entries(context, ANONYMOUS)
    except SearchError:
        return Response("search does not answer", 503, media_type="text/plain", headers={"retry-after": "600"})
    return Response(_atom(context, request, entries), media_type="application/atom+xml", headers=_CACHE)


def _entries(context: Here, viewer: Viewer) -> list[Entry]:
    """What this viewer may know of, `LISTED` at most."""
    found: list[Entry] = []
    for one in context.services.opened():
        resource = context.services.resource(one.id, viewer)
        if resource is not None and resource["access"] == "open":
            found.append(Entry(resource, one.day, one.at))
        if len(found) == LISTED:
            break
    return found


def _atom(context: Here, request: Request, entries: list[Entry]) -> bytes:
    ElementTree.register_namespace("", _ATOM)
    site = base_address(context, request)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", site + paths.OPENED_FEED)
    _add(feed, "title", context.words.t("Newly opened records"))
    _add(feed, "updated", _moment(max((entry.at for entry in entries), default=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))))
    _add(feed, "link", rel="self", href=site + paths.OPENED_FEED)
    _add(feed, "link", rel="alternate", href=site + paths.OPENED)
    for entry in entries:
        _add_entry(feed, entry, url_of(context, request, entry.resource["id"]))
    made: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return made


def _add_entry(feed: ElementTree.Element, entry: Entry, url: str) -> None:
    resource = entry.resource
    element = ElementTree.SubElement(feed, f"{{{_ATOM}}}entry")
    _add(element, "id", url)
    _add(element, "title", resource["title"])
    _add(element, "updated", _moment(entry.at))
    _add(element, "link", rel="alternate", href=url)
    author = ElementTree.SubElement(element, f"{{{_ATOM}}}author")
    _add(author, "name", resource["holder"] or "-")
    told = (resource["reference_code"], resource["dates"] and resource["dates"]["text"], resource["access_article"])
    _add(element, "summary", " · ".join(filter(None, told)))


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = text


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
