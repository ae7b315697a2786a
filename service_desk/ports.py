"""What the desk needs of others, as protocols that `onestop/` fills; the desk imports no search, no store, no mail
library.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from mappings.access import Viewer


class FrozenHit(Struct, frozen=True):
    """A hit as it stood when it was acted on, so that a request stays readable when the record changes or goes.

    `access` is the contract's access value, `readable` whether this viewer could read text and images at that moment,
    `index_version` the store version the index had. `query` and `rank` (from 1) say how the reader came to it.
    `checked` is False when the holdings did not answer and only the id is known. `fonds` is the reference code of the
    topmost unit, its title when it has none; `themes` are those of the thematic corner that it is found in; `papers`
    the codes of what its statement of access asks for; `online` whether it has pages to look at; `forms` what it is
    (text, image, audio, ...); `container` the box it lies in, as its description says.
    """

    id: str
    title: str
    reference_code: str | None = None
    holder: str | None = None
    access: str | None = None
    readable: bool | None = None
    index_version: int | str | None = None
    query: str | None = None
    rank: int | None = None
    checked: bool = True
    fonds: str | None = None
    themes: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    online: bool = False
    forms: tuple[str, ...] = ()
    container: str | None = None


class Holdings(Protocol):
    """What the desk asks of search and record store."""

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        """The resource as this viewer may know it, or None when it does not exist for them.

        Raises `errors.Unavailable` when that cannot be told now; the desk then takes the request all the same.
        """
        ...


class ObjectStore(Protocol):
    """Bytes under a key. Keys are relative, of letters, digits, ``-``, ``_``, ``.`` and ``/``. Each call raises
    `errors.Unavailable` when the store does not answer, ValueError for what is no key.
    """

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes for good, all of them or none; what was there before is replaced."""
        ...

    def get(self, key: str) -> bytes:
        """The bytes put there. Raises KeyError when there are none."""
        ...

    def delete(self, key: str) -> None:
        """Forget the bytes for good; nothing when there are none."""
        ...

    def keys(self) -> Iterator[str]:
        """The key of every object, in their order."""
        ...

    def check(self) -> None:
        """Is the store in its place?"""
        ...


class Clock(Protocol):
    """What time it is, in UTC."""

    def now(self) -> dt.datetime: ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class Notice(Struct, frozen=True):
    """One message to one reader.

    `number` is unique in the installation, `token` everywhere: sending it again under the same ones is the same
    message. `channel` is the way it leaves by.
    """

    number: int
    recipient: str
    subject: str
    body: str
    at: dt.datetime
    token: str = ""
    channel: str = "email"
    has_subject: bool = True


class NotSent(OSError):
    """A notice was not taken. `reason` is a word of `sending.outboxes.REASONS`, the message what the other side said,
    and holds nothing secret.
    """

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(said)
        self.reason = reason


class RefusedForGood(NotSent):
    """A notice will never be taken: trying again is of no use."""


class Outbox(Protocol):
    """Where notices leave the house. One that has an attribute `names` has these channels, others have ``email``; one
    whose `is_quick` is true does not wait for another machine.
    """

    def send(self, notice: Notice) -> None:
        """Hand the notice over, or raise OSError; it is then kept and tried again. Raises RefusedForGood when that is
        of no use.
        """
        ...


class Upload(Struct, frozen=True):
    """A file as it was handed in."""

    name: str
    media_type: str
    data: bytes
