"""For search engines: what they may read, and the list of it. Only what everybody may know of is listed."""

from __future__ import annotations

import math
from typing import Final
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from indexer.errors import SearchError
from indexer.query import MAX_SIZE, Query
from mappings.access import ANONYMOUS
from search_ui import paths
from search_ui.web.record import base_address
from search_ui.web.render import Here, here

PER_SITEMAP: Final = 1000
MAX_SITEMAPS: Final = 100
"""Records by the hundred thousand are found by following the collections."""
CLOSED_TO_CRAWLERS: Final = (
    paths.API,
    paths.SEARCH,
    paths.ASK,
    paths.MY_REQUESTS,
    paths.MY_SEARCHES,
    paths.INBOX,
    paths.LOGIN,
    paths.REGISTER,
    paths.RESET,
    paths.ACCOUNT,
    paths.PERSONS,
    paths.TERMINAL,
    f"{paths.OPENING}$",
    f"{paths.OPENING}/",
    paths.LOGOUT,
    "/s/",
    "/view/",
    "/_stcore/",
)
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_CACHE: Final = {"cache-control": "public, max-age=3600"}


def robots(request: Request) -> Response:
    """``/robots.txt``."""
    closed = "\n".join(f"Disallow: {path}" for path in CLOSED_TO_CRAWLERS)
    site = base_address(here(request), request)
    text = f"User-agent: *\n{closed}\nAllow: /\nSitemap: {site}/sitemap.xml\n"
    return Response(text, media_type="text/plain", headers=_CACHE)


def sitemap(request: Request) -> Response:
    """``/sitemap.xml``: the index of the sitemaps; with ``?page=`` one of them."""
    context = here(request)
    wanted = request.query_params.get("page", "")
    try:
        if not wanted:
            return _xml("sitemapindex", "sitemap", _parts(context, request))
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 0
        if not 1 <= number <= MAX_SITEMAPS:
            return Response("not found", 404, media_type="text/plain")
        return _xml("urlset", "url", _records(context, request, number))
    except SearchError:
        return Response("search does not answer", 503, media_type="text/plain", headers={"retry-after": "600"})


def _parts(context: Here, request: Request) -> list[str]:
    total = context.services.search(Query(size=0), ANONYMOUS)["total"]
    count = min(math.ceil(total / PER_SITEMAP), MAX_SITEMAPS)
    site = base_address(context, request)
    return [f"{site}/sitemap.xml?page={number}" for number in range(1, count + 1)]


def _records(context: Here, request: Request, number: int) -> list[str]:
    """Everybody's resources, a thousand a list, in the order of their codes, which is the same each time."""
    first, site = (number - 1) * PER_SITEMAP, base_address(context, request)
    found: list[str] = []
    for offset in range(first, first + PER_SITEMAP, MAX_SIZE):
        query = Query(sort="reference_code", size=MAX_SIZE, offset=offset)
        hits = context.services.search(query, ANONYMOUS)["hits"]
        found += [site + paths.record(hit["id"]) for hit in hits]
        if len(hits) < MAX_SIZE:
            break
    return found


def _xml(root: str, element: str, addresses: list[str]) -> Response:
    items = "".join(f"<{element}><loc>{escape(address)}</loc></{element}>" for address in addresses)
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">{items}</{root}>'
    return Response(body, media_type="application/xml", headers=_CACHE)
