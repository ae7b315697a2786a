"""The rules of the inbox, as a document an administrator edits."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from service_desk.rules import Document
from service_desk.told import Title


class InboxRules(Document):
    """`stuck_after`: a request in which nobody did anything for so many working days is stuck, and a coordinator sees
    it.
    """

    name: ClassVar[str] = "inbox"
    called: ClassVar[Title | None] = Title.of("Inbox", "待办", "待辦")

    stuck_after: Annotated[int, Field(ge=1, le=365)] = 5
