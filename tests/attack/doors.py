"""Every door of the application, read from its own tables: a route that is new is attacked without being named here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from starlette.routing import BaseRoute, Mount, Route

from search_ui import asgi, paths
from search_ui.services import Services
from tests.attack.house import filed
from tests.search_ui.web.house import LAND_ID

_PLACE: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Door(NamedTuple):
    """A method and the pattern of an address."""

    method: str
    pattern: str

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith(paths.API)

    def address(self, services: Services) -> str:
        """An address of this pattern behind which there is something."""
        return _PLACE.sub(lambda place: str(_known(services, self.pattern)[place[1]]), self.pattern)


def _known(services: Services, pattern: str) -> dict[str, object]:
    """What stands in addresses, by the name of its place."""
    on_file = filed(services)
    name = "land" if "themes" in pattern else "chen" if pattern.startswith(paths.ACCOUNTS) else "access"
    known = {
        "id": LAND_ID,
        "number": 1,
        "receipt": on_file.receipt,
        "code": on_file.person,
        "name": name,
        "path": "x",
        "act": "note",
        "voucher": "J2026-00001",
        "type": "certificate",
        "exercise": "seat",
    }
    if pattern.startswith(paths.DESK_RULES):
        known["name"] = "ratings"
    known["barcode"] = "B-1"
    known |= {"leg": on_file.leg, "token": on_file.token}
    if pattern.startswith("/f/"):
        known["token"] = "no-such-token"
    if pattern.startswith(f"{paths.API}/requests") or pattern.startswith("/s/"):
        known["receipt"] = on_file.of_chen
    if pattern.startswith(paths.ROOMS) or "/bookings/" in pattern:
        known["code"] = on_file.booking
    if pattern.startswith((paths.TICKETS, paths.COUNTER)):
        known["code"] = on_file.ticket
    return known


def doors(services: Services) -> list[Door]:
    """All of them: screens, plain pages, API."""
    return sorted(set(_of(asgi.routes(services), "")))


def _of(routes: list[BaseRoute], prefix: str) -> Iterator[Door]:
    for route in routes:
        if isinstance(route, asgi.NotFound):
            continue
        if isinstance(route, Mount):
            yield from _of(list(route.routes), prefix + route.path)
        elif (router := getattr(route, "original_router", None)) is not None:  # of FastAPI, as it was included
            yield from _of(router.routes, prefix + route.include_context.prefix)
        elif isinstance(route, Route):
            methods = (route.methods or {"GET"}) - {"HEAD"}
            yield from (Door(method, prefix + route.path) for method in methods)
        else:  # a kind of route that this does not know of would not be attacked
            raise AssertionError(f"what kind of route is {route!r}?")


def changing(services: Services) -> list[Door]:
    """Those that change something."""
    return [door for door in doors(services) if door.method not in SAFE]


def reading(services: Services) -> list[Door]:
    """Those that can only be read."""
    return [door for door in doors(services) if door.method == "GET"]


def schema(services: Services) -> dict[str, Any]:
    """The OpenAPI document of the API."""
    from search_ui import api

    made: dict[str, Any] = api.create(services).openapi()
    return made
