"""What the screens ask of whoever knows the texts of records (`onestop.copy_desk`): what is proposed to be masked in
one, what staff decided, how the copy would look. For staff with the right ``deidentify.review``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from mappings.access import Viewer
from mappings.deidentification import CopyPage, Mark

Json = dict[str, Any]


class RecordReview(Protocol):
    """One record. Raises service_desk.errors of `service_desk.copies`."""

    def told(self) -> Json:
        """Where the copy stands, and its spans with what stands there (`onestop deidentify --json`)."""
        ...

    def page(self, number: int) -> Json | None:
        """``number``, ``total``, ``label``, ``text``, ``language``, ``width``, ``height``, ``place`` of the image, and
        ``boxes``, which tells where characters (from, to) stand on it."""
        ...

    def preview(self, number: int) -> CopyPage | None:
        """A page of the copy as it would be now."""
        ...

    def decide_marks(
        self,
        *,
        accept: Sequence[Mark] = (),
        reject: Sequence[Mark] = (),
        add: Sequence[Mark] = (),
        seen: int | None = None,
    ) -> None: ...
    def release(self, note: str = "", seen: int | None = None) -> None: ...
    def withdraw(self, note: str = "") -> None: ...


class Reviewing(Protocol):
    """All records."""

    def names(self, identifier: str, viewer: Viewer) -> list[str]:
        """The records with pages (``SOURCE:SOURCE_ID``) that go by an id; none when there are none for this viewer."""
        ...

    def of(self, name: str, viewer: Viewer) -> RecordReview | None:
        """A record by ``SOURCE:SOURCE_ID``."""
        ...

    def begun(self, viewer: Viewer) -> list[Json]:
        """Copies somebody has worked on: ``name``, ``title``, ``status``, ``open``, ``at``, ``account``."""
        ...

    def waiting(self, viewer: Viewer) -> list[Json]:
        """Records with pages that not everybody may read, without a copy yet: ``name``, ``title``, ``access``,
        ``found`` (on how many pages the night found personal data); those with the most first."""
        ...

    def found(self, text: str, viewer: Viewer) -> list[Json]:
        """The same, found by words."""
        ...
