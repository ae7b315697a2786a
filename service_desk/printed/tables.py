"""Documents that were issued, and links to files that end. Neither says anything of a person beyond a receipt code."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service_desk.models import Base


class IssuedDocument(Base):
    """A document as it left: never changed, never deleted. `series` and `sequence` make its number."""

    __tablename__ = "issued_document"
    __table_args__ = (UniqueConstraint("series", "sequence"),)

    number: Mapped[str] = mapped_column(String(30), primary_key=True)
    series: Mapped[str] = mapped_column(String(10))
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    code_digest: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    receipt: Mapped[str | None] = mapped_column(String(20), index=True)
    at: Mapped[dt.datetime]
    by: Mapped[str | None] = mapped_column(String(100))


class DocumentRevocation(Base):
    """A document that no longer holds: its revocation stands beside it."""

    __tablename__ = "document_revocation"

    number: Mapped[str] = mapped_column(ForeignKey("issued_document.number"), primary_key=True)
    at: Mapped[dt.datetime]
    by: Mapped[str] = mapped_column(String(100))
    why: Mapped[str]


class FileLink(Base):
    """An address under which a file can be had so many times until a time. Only the digest of its token is kept."""

    __tablename__ = "file_link"
    __table_args__ = (CheckConstraint("used <= times", name="used"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    receipt: Mapped[str] = mapped_column(String(20), index=True)
    object_key: Mapped[str] = mapped_column(String(300))
    name: Mapped[str]
    media_type: Mapped[str] = mapped_column(String(100))
    stamp: Mapped[str]
    made: Mapped[dt.datetime]
    by: Mapped[str | None] = mapped_column(String(100))
    expires: Mapped[dt.datetime] = mapped_column(index=True)
    times: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
