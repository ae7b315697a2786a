"""The table of copies made to order. A row is never deleted: one that was taken back says so."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service_desk.models import Base, StoredFile


class MadeCopy(StoredFile, Base):
    """A file of a copy, in its place. Rows with one `copy` were kept together and are the pages of one copy.

    `source` and `source_id` name the record it is a copy of, `resource_id` what that was found as; `file` is the number
    among the files of the answer. `pages` and `shown` are told by the night that made it a digital copy, `problem` is
    the night's word for why not. `ended` when it was taken back. `instead_of` is the copy that this one replaces, once
    it is there.
    """

    __tablename__ = "made_copy"
    __table_args__ = (
        Index("ix_made_copy_source_source_id", "source", "source_id"),
        Index("ix_made_copy_sha256", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    copy: Mapped[str] = mapped_column(String(20), index=True)
    number: Mapped[int]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    file: Mapped[int]
    resource_id: Mapped[str] = mapped_column(String(300), index=True)
    source: Mapped[str] = mapped_column(String(300))
    source_id: Mapped[str]
    media_type: Mapped[str] = mapped_column(String(100))  # narrower in the database than those of other files
    object_key: Mapped[str] = mapped_column(String(300))
    title: Mapped[str]
    holder: Mapped[str | None]
    fonds: Mapped[str | None]
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))
    pages: Mapped[int | None]
    shown: Mapped[dt.datetime | None]
    problem: Mapped[str | None]
    ended: Mapped[dt.datetime | None] = mapped_column(index=True)
    ended_by: Mapped[str | None] = mapped_column(String(100))
    why: Mapped[str | None]
    instead_of: Mapped[str | None] = mapped_column(String(20))
