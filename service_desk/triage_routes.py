"""Which route a request should take, suggested from what its words suggest: where most of what they find lies with
another holder, what the rules of routes say of the type that is suggested, whose matter it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service_desk.knowledge import Place
from service_desk.materials import Supposed
from service_desk.ports import FrozenHit
from service_desk.routes import Route, Routes
from service_desk.triage import Reason, Suggested, Suggestions, is_found


def suggested_routes(
    routes: Routes, asked: Supposed, note: str, hits: Sequence[FrozenHit], found: Suggestions
) -> tuple[Suggested, ...]:
    """The routes that `found` speaks for, the likeliest first, each once. Asks nobody."""
    ones = (*_by_holder(routes, found.places), *_by_type(routes, asked, note, hits, found), *_by_matter(routes, found))
    return tuple({one.name: one for one in reversed(ones)}.values())[::-1]


def _by_holder(routes: Routes, places: Sequence[Place]) -> Iterator[Suggested]:
    """The route of those whose records most of the finds are."""
    for place in places:
        if place.kind == "holder" and is_found(place):
            for name, route in routes.routes.items():
                if place.name in route.when.holder:
                    reason = Reason("found", (place.name,), None, place.count, place.total)
                    yield _suggested(name, route, place.count, True, reason)


def _by_type(
    routes: Routes, asked: Supposed, note: str, hits: Sequence[FrozenHit], found: Suggestions
) -> Iterator[Suggested]:
    """Where the rules lead, were it of the type that is suggested."""
    for one in found.types[:1]:
        if one.score and asked.type not in (one.name, *one.covers):
            name = routes.of(Supposed(one.name, asked.relation), note, hits)
            if routes.routes[name].to != "at_once":  # the system alone answers so
                yield _suggested(name, routes.routes[name], one.score, one.sure, Reason("type", (), one.title))


def _by_matter(routes: Routes, found: Suggestions) -> Iterator[Suggested]:
    """The route to the department whose matter it is."""
    for one in found.departments[:1]:
        for name, route in routes.routes.items():
            if route.to == "department" and route.department == one.name:
                yield _suggested(name, route, one.score, one.sure, *one.reasons)


def _suggested(name: str, route: Route, score: int, sure: bool, *reasons: Reason) -> Suggested:
    return Suggested(name, route.title, score, sure, reasons)
