"""What is said while search rests: since when, when it last worked, and, to staff alone, why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from mappings.access import Viewer
from search_ui.i18n import Translator
from search_ui.services import Services

AGAIN: Final = 15
"""Seconds after which a page that says so looks again by itself."""
RETRY_AFTER: Final = {"retry-after": "30"}
"""For programs."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Search as it rests, in the reader's language; moments that nobody knows are empty, as is the reason for readers:
    it names folders and hosts."""

    since: str = ""
    worked: str = ""
    reason: str = ""
    again: int = AGAIN


def rest(services: Services, viewer: Viewer, words: Translator) -> Rest | None:
    """What is known of a search that rests, None while it works as far as this process knows."""
    pulse = services.pulse()
    if pulse.since is None:
        return None
    return Rest(_said(pulse.since, words), _said(pulse.worked, words), pulse.reason if viewer.is_staff else "")


def _said(moment: dt.datetime | None, words: Translator) -> str:
    return words.lately(moment, dt.datetime.now(dt.UTC)) if moment else ""
