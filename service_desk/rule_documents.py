"""Every document of rules, in the order they are shown to administrators."""

from __future__ import annotations

from typing import Final

from service_desk.calendar_rules import CalendarRules
from service_desk.legs.rules import Partners
from service_desk.materials import Materials
from service_desk.request_types import Types
from service_desk.routes import Departments, Routes
from service_desk.rules import Document

DOCUMENTS: Final[tuple[type[Document], ...]] = (Types, Materials, Routes, Departments, Partners, CalendarRules)
