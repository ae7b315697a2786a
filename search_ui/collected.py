"""How much somebody has collected, for the masthead of screens and pages: asked of the desk only where the browser says
that there is something, or an account might have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mappings.access import Viewer
from search_ui.services import Services
from service_desk.errors import Unavailable

COOKIE: Final = "basket"
"""Says that something was collected from this browser; how much, and what, is known to the desk only."""


def count(services: Services, viewer: Viewer, visitor: str | None, cookies: Mapping[str, str]) -> int:
    """How many records; none while the desk does not answer."""
    if COOKIE not in cookies and not viewer.signed_in:
        return 0
    try:
        return len(services.desk.basket.ids(viewer, visitor or None))
    except Unavailable:
        return 0
