"""What every route of the API is given: the services, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from mappings.access import Viewer
from search_ui import security
from search_ui.services import Services


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: the parts that answer it, who makes it, and what ties it to earlier ones."""

    services: Services
    viewer: Viewer
    visitor: str | None
    session: str | None


def asked(request: Request) -> Asked:
    """The context of a call. Identity is the session cookie; without one the call is anonymous."""
    services: Services = request.app.state.services
    visitor = security.known_visitor(request.cookies)
    return Asked(services, services.viewer(request.cookies), visitor, request.cookies.get(security.SESSION))


Context = Annotated[Asked, Depends(asked)]
