"""What staff decided, as a run has to know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from onestop.settings import sqlite_file

if TYPE_CHECKING:
    from onestop.wiring import Workspace
    from service_desk.desk import Desk

T = TypeVar("T")


def has_desk(here: Workspace) -> bool:
    """Is there a desk? One on SQLite is made when it is first opened, and a look at what staff decided makes none."""
    file = sqlite_file(here.settings.database_url)
    return file is None or file.exists()


def standing(here: Workspace, ask: Callable[[Desk], list[T]]) -> list[T] | None:
    """What the desk answers; nothing where there is none yet, None where it does not answer: a run that did not know
    what was decided would undo it.
    """
    from service_desk.errors import Unavailable

    if not has_desk(here):
        return []
    try:
        return ask(here.desk)
    except Unavailable:
        return None
