"""What keeping copies needs of whoever knows the records."""

from __future__ import annotations

from typing import Protocol

from mappings.access import Viewer
from mappings.decisions import Key


class Records(Protocol):
    """The records behind what is found."""

    def record_of(self, resource_id: str, viewer: Viewer) -> Key | None:
        """The (source, source_id) of the record that speaks for a resource, None when it does not exist for them or is
        not in the index. Raises `errors.Unavailable` when that cannot be told now.
        """
        ...


class NoRecords:
    """Where nothing is found: no copy is kept for everyone."""

    def record_of(self, resource_id: str, viewer: Viewer) -> Key | None:
        return None
