"""Every document of rules, in the order they are shown to administrators."""

from __future__ import annotations

from typing import Final

from mappings.mistakes import nearest
from service_desk.calendar_rules import CalendarRules
from service_desk.errors import NotFound
from service_desk.fees import Fees
from service_desk.history import HistoryRules
from service_desk.inbox_rules import InboxRules
from service_desk.legs.rules import Partners
from service_desk.materials import Materials
from service_desk.printed.rules import PrintedTexts
from service_desk.privacy import Privacy
from service_desk.ratings.rules import RatingRules
from service_desk.reading_room.rules import ReadingRoomRules
from service_desk.request_types import Types
from service_desk.routes import Departments, Routes
from service_desk.rules import Document
from service_desk.sending.rules import NoticeRules
from service_desk.stacks.kinds import LoanRules, RepairRules
from service_desk.training.rules import Exercises
from service_desk.triage import TriageRules

DOCUMENTS: Final[tuple[type[Document], ...]] = (
    Types,
    Materials,
    Routes,
    Departments,
    CalendarRules,
    Fees,
    Privacy,
    RatingRules,
    ReadingRoomRules,
    HistoryRules,
    TriageRules,
    LoanRules,
    RepairRules,
    InboxRules,
    Partners,
    NoticeRules,
    PrintedTexts,
    Exercises,
)


def named(name: str) -> type[Document]:
    """The document of that name. Raises NotFound."""
    found = {kind.name: kind for kind in DOCUMENTS}
    if name not in found:
        raise NotFound(f"There are no rules called {name[:60]!r}; {nearest(name[:60], found)}")
    return found[name]


def called(kind: type[Document], language: str) -> str:
    """What administrators read for it."""
    return kind.called.in_language(language) if kind.called else kind.name
