"""The table of what indicators were computed from: derived from events, so that it can go at any time."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service_desk.models import Base


class KeptRounds(Base):
    """The rounds of a request as they follow from its first `version` events by the rules of which `rules` is the
    digest; `body` is their JSON (`histories`). What is gone, older, or by other rules is computed from the events.
    """

    __tablename__ = "kept_rounds"

    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    rules: Mapped[str] = mapped_column(String(64))
    body: Mapped[str]
