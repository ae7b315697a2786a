"""The table of ratings."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service_desk.models import Base


class Rating(Base):
    """What a reader said of an answer: `closing` is the number of the event that gave it, `stars` 1 to 5. `keyed_by` is
    the clerk who took it down, None when the reader gave it.
    """

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("request_id", "closing"), CheckConstraint("stars BETWEEN 1 AND 5", name="stars"))

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    closing: Mapped[int]
    stars: Mapped[int]
    words: Mapped[str]
    channel: Mapped[str] = mapped_column(String(20))
    keyed_by: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[dt.datetime]
    changed: Mapped[dt.datetime | None]
