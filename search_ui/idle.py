"""Who stands at a terminal of the reading room, and how long a page there stays untouched before it is wiped."""

from __future__ import annotations

from typing import Final

from mappings.access import Viewer

SECONDS: Final = 120
"""Without a touch, until everything is wiped."""
SECONDS_TO_READ: Final = 90
"""The same for a receipt."""


def at_terminal(viewer: Viewer) -> bool:
    """Does whoever asks stand at a terminal, as a reader?"""
    return viewer.on_site and not viewer.is_staff
