"""What the desk asks of search, answered by search: the port between two packages that do not know each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from indexer.errors import SearchError
from mappings.access import Viewer
from service_desk.errors import Unavailable
from service_desk.ports import FrozenHit


class Catalogue(Protocol):
    """The search function, as far as the desk needs it."""

    def resource(self, resource_id: str, viewer: Viewer) -> dict[str, Any] | None: ...


class SearchHoldings:
    """Holdings as the index knows them. Opened at the first question, so the desk starts while search is down."""

    def __init__(self, catalogue: Callable[[], Catalogue], version: Callable[[], int | None]) -> None:
        self._catalogue = catalogue
        self._version = version

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        """The resource as this viewer may know it now. Raises Unavailable while search does not answer."""
        try:
            found = self._catalogue().resource(resource_id, viewer)
            version = self._version()
        except SearchError as error:
            raise Unavailable(f"The holdings cannot be looked up now: {error}") from error
        return None if found is None else _frozen(found, version)


def _frozen(found: dict[str, Any], version: int | None) -> FrozenHit:
    return FrozenHit(
        id=found["id"],
        title=found["title"],
        reference_code=found.get("reference_code"),
        holder=found.get("holder"),
        access=found.get("access"),
        readable=any(offer["action"] == "read" and offer.get("from") == "now" for offer in found["available"]),
        index_version=version,
    )
