"""What the reading room needs to know of records and does not know itself."""

from __future__ import annotations

from typing import Protocol


class Containers(Protocol):
    """Where the original of a resource lies."""

    def container(self, resource_id: str) -> str | None:
        """What it is fetched in, as the catalogue names it for everybody; None when it does not say, or does not answer
        now.
        """
        ...


class NoContainers:
    """A catalogue that says nothing: every record is fetched by itself."""

    def container(self, resource_id: str) -> str | None:
        return None
