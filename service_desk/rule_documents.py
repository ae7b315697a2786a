"""Every document of rules, in the order they are shown to administrators."""

from __future__ import annotations

from typing import Final

from service_desk.rules import Document

DOCUMENTS: Final[tuple[type[Document], ...]] = ()
