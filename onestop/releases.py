"""Which de-identified copies stand: what the desk knows, for the nightly run and for whoever searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onestop.settings import sqlite_file

if TYPE_CHECKING:
    from mappings.deidentification import Release
    from onestop.wiring import Workspace


def standing(here: Workspace) -> list[Release] | None:
    """The releases that stand, for the nightly run; None where the desk does not answer: a run that did not know them
    would take every copy away.
    """
    from service_desk.errors import Unavailable

    try:
        return here.desk.copies.standing() if _has_desk(here) else []
    except Unavailable:
        return None


def ended(here: Workspace) -> frozenset[str] | None:
    """The ids of those that stand no more, asked for with every question, so that a copy that is taken back is gone at
    once; None where the desk does not answer: no copy is shown then.
    """
    from service_desk.errors import Unavailable

    try:
        return here.desk.copies.ended() if _has_desk(here) else frozenset()
    except Unavailable:
        return None


def _has_desk(here: Workspace) -> bool:
    file = sqlite_file(here.settings.database_url)
    return file is None or file.exists()
