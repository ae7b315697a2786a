"""The table of the answer library."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service_desk.models import AppendedOnly, Base


class AnswerVersion(AppendedOnly, Base):
    """An entry of the answer library as it was from `at` on: `number` counts its versions from 1 without gaps, the
    newest is what the entry says. `tags` are lines. `origin` is the receipt of the request it was made from, empty
    for one that was written as it is. Append-only.
    """

    __tablename__ = "answer_version"
    __table_args__ = (UniqueConstraint("entry", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[int]
    number: Mapped[int]
    question: Mapped[str]
    answer: Mapped[str]
    language: Mapped[str] = mapped_column(String(20))
    type: Mapped[str] = mapped_column(String(20))
    theme: Mapped[str] = mapped_column(String(100))
    tags: Mapped[str]
    public: Mapped[bool]
    retired: Mapped[bool]
    origin: Mapped[str] = mapped_column(String(20))
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))
