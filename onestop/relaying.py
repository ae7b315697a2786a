"""How a workspace reaches other houses: secrets from the environment, its name, its address, and what sends and asks
while it is served.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from onestop import outgoing
from onestop.courier import HttpCourier, StaysInside
from service_desk.errors import DeskError
from service_desk.legs.ports import Relays

if TYPE_CHECKING:
    from onestop.wiring import Workspace
    from service_desk.desk import Desk

EVERY: Final = 60.0
"""Seconds after which a serving process looks again by itself."""
LOOPBACK: Final = "ONESTOP_RELAY_LOOPBACK"
SECONDS: Final = "ONESTOP_RELAY_SECONDS"
SITE: Final = "ONESTOP_SITE"
log = structlog.get_logger(__name__)


def relays(workspace: Workspace) -> Relays:
    """How other institutions are reached. A secret is the value of the variable that the rules name, or, when that is
    ``file:PATH``, what the file has.
    """
    environment = workspace.environment

    def secret(name: str) -> str | None:
        found = environment.get(name)
        if found is None or not found.startswith("file:"):
            return found
        try:
            return (workspace.folder / Path(found.removeprefix("file:"))).read_text(encoding="utf-8").strip()
        except OSError:
            log.warning("the file of a secret cannot be read", variable=name)
            return None

    name = outgoing.archive_name(workspace)
    outward = HttpCourier(loopback=environment.get(LOOPBACK) == "1")
    return Relays(
        courier=StaysInside() if workspace.settings.is_training else outward,
        secret=secret,
        archive=lambda language: name(language) or "onestop",
        site=outgoing.site(workspace),
    )


def keep_relaying(workspace: Workspace) -> threading.Thread:
    """Remind, send and ask in the background, at once when something waits to leave."""
    given = workspace.environment.get(SECONDS, "")
    every = max(float(given), 0.2) if given.replace(".", "", 1).isdecimal() else EVERY
    thread = threading.Thread(target=_relay, args=(workspace.desk, every), name="relay", daemon=True)
    thread.start()
    return thread


def _relay(desk: Desk, every: float) -> None:
    while True:
        desk.posting.wake.wait(every)
        desk.posting.wake.clear()
        try:
            desk.relay()
        except DeskError as error:
            log.warning("relaying rests", reason=str(error))
        except Exception:
            log.exception("relaying failed; it is tried again")
