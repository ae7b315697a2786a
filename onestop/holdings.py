"""What the desk asks of search, answered by search, else by the record store: the port between packages that do not
know each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from indexer.errors import SearchError
from mappings import made
from mappings.access import ANONYMOUS, Viewer
from mappings.decisions import Key
from pipelines.errors import PipelineError
from search_ui.themes.model import Theme
from service_desk.errors import Unavailable
from service_desk.ports import FrozenHit


class Catalogue(Protocol):
    """The search function, as far as the desk needs it."""

    def resource(self, resource_id: str, viewer: Viewer) -> dict[str, Any] | None: ...


class Stored(Catalogue, Protocol):
    """Records as the store has them."""

    def version(self) -> int: ...


class SearchHoldings:
    """Holdings as the index knows them, or, while it does not answer, the record store. Opened at the first question,
    so the desk starts while search is down."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        version: Callable[[], int | None],
        stored: Callable[[], Stored] | None = None,
        themes: Callable[[], Sequence[Theme]] = tuple,
    ) -> None:
        self._catalogue = catalogue
        self._version = version
        self._stored = stored
        self._themes = themes

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        """The resource as this viewer may know it now. Raises Unavailable while neither answers."""
        found, version = self._found(resource_id, viewer)
        return None if found is None else _frozen(found, version, self._themes())

    def container(self, resource_id: str) -> str | None:
        """What the original is fetched in, as the catalogue tells everybody: the first holding that says so."""
        with suppress(Unavailable):
            found, _ = self._found(resource_id, ANONYMOUS)
            named = (" / ".join(one["containers"]) for one in (found or {}).get("holdings", ()))
            return next((one for one in named if one), None)
        return None

    def record_of(self, resource_id: str, viewer: Viewer) -> Key | None:
        """The record that speaks for a resource in the index. Raises Unavailable while search does not answer."""
        try:
            found = self._catalogue().resource(resource_id, viewer)
        except SearchError as error:
            raise Unavailable(f"The holdings cannot be looked up now: {error}") from error
        first = found["sources"][0] if found else None
        return (first["source"], first["source_id"]) if first and first["source"] != made.SOURCE else None

    def _found(self, resource_id: str, viewer: Viewer) -> tuple[dict[str, Any] | None, int | None]:
        try:
            return self._catalogue().resource(resource_id, viewer), self._version()
        except SearchError as error:
            return self._from_store(resource_id, viewer, error)

    def _from_store(self, resource_id: str, viewer: Viewer, error: SearchError) -> tuple[dict[str, Any] | None, int]:
        try:
            if self._stored is not None:
                return self._stored().resource(resource_id, viewer), self._stored().version()
        except PipelineError as other:
            raise Unavailable(f"The holdings cannot be looked up now: {other}") from other
        raise Unavailable(f"The holdings cannot be looked up now: {error}") from error


def _fonds(found: dict[str, Any]) -> str | None:
    """The topmost unit above a resource, or the resource itself when it is one."""
    top = found["ancestors"][0] if found["ancestors"] else found if found.get("level") == "fonds" else None
    return (top.get("reference_code") or top["title"]) if top else None


def _belongs(found: dict[str, Any], theme: Theme) -> bool:
    """Is it among what the theme finds? A filter by what a record does not say of itself is taken as not met."""
    sources = {one["source"] for one in found["sources"]}
    said = {**_SAID_BY, **{name: name for name in ("level", "holder", "access")}}
    return not sources.isdisjoint(theme.sources) and all(
        not set(values).isdisjoint(_values(found.get(said.get(name, "")))) for name, values in theme.filters.items()
    )


_SAID_BY = {"kind": "kinds", "language": "languages", "format": "formats"}


def _values(said: Any) -> list[str]:
    return list(said) if isinstance(said, list | tuple) else [said] if said else []


def _frozen(found: dict[str, Any], version: int | None, themes: Sequence[Theme]) -> FrozenHit:
    return FrozenHit(
        id=found["id"],
        title=found["title"],
        reference_code=found.get("reference_code"),
        holder=found.get("holder"),
        fonds=_fonds(found),
        access=found.get("access"),
        readable=any(offer["action"] == "read" and offer.get("from") == "now" for offer in found["available"]),
        index_version=version,
        themes=tuple(theme.name for theme in themes if _belongs(found, theme)),
        papers=tuple(dict.fromkeys(paper for offer in found["available"] for paper in offer.get("papers", ()))),
        online=bool(found.get("page_total")) and bool(found.get("imaged", True) or found.get("worded", True)),
        forms=tuple(dict.fromkeys(form for held in found.get("holdings", ()) if (form := held.get("form")))),
        container=next((box for held in found.get("holdings", ()) for box in held["containers"]), None),
    )
