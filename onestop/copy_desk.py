"""Records on their way to a de-identified copy, for the screens of staff: which there are, and each by itself."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc

from mappings.access import LEVELS, Viewer
from onestop.copies import RecordCopy
from onestop.errors import UnknownName
from service_desk import policy

if TYPE_CHECKING:
    from mappings.decisions import Key
    from onestop.wiring import Workspace

SHOWN: Final = 50
_LOOKED_AT: Final = 200
_NOT_FOR_ALL: Final = tuple(level for level in LEVELS if level != "open")


class CopyDesk:
    """Implements `search_ui.reviewing.Reviewing`."""

    def __init__(self, here: Workspace) -> None:
        self._here = here
        self._findings: tuple[int, list[tuple[Key, int]]] | None = None

    def names(self, identifier: str, viewer: Viewer) -> list[str]:
        """The records with pages that go by an id, or the one that is named."""
        policy.require_staff("review copy", viewer)
        resource = self._here.searcher.resource(identifier, viewer)
        if resource is None:
            return []
        keys = [(one["source"], one["source_id"]) for one in resource["sources"]]
        named = [key for key in keys if ":".join(key) == identifier]
        self._here.store.refresh()
        records = self._here.store.records(named or keys)
        return [":".join(key) for key in records if records[key].pages]

    def of(self, name: str, viewer: Viewer) -> RecordCopy | None:
        """One record; None when there is none with pages for this viewer."""
        self._here.store.refresh()
        with suppress(UnknownName):
            return RecordCopy(self._here, name, viewer)
        return None

    def begun(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Copies somebody has worked on, the latest first."""
        found = []
        for one in self._here.desk.copies.begun(viewer)[:SHOWN]:
            shown = self._shown(one.key, viewer)
            if shown is not None:
                told = {"status": one.status, "open": one.open, "at": one.at, "account": one.account_name}
                found.append(shown | told)
        return found

    def waiting(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Records of which nobody has begun a copy, those with the most personal data on their pages first; as many as
        a page shows."""
        begun = {one.key for one in self._here.desk.copies.begun(viewer)}
        found: list[dict[str, Any]] = []
        for key, count in [one for one in self._found_at_night() if one[0] not in begun][:_LOOKED_AT]:
            shown = self._shown(key, viewer)
            if shown is not None and shown["access"] in _NOT_FOR_ALL:
                found.append(shown | {"found": count})
            if len(found) == SHOWN:
                return found
        known = {*(one["id"] for one in found), *(self._id(key, viewer) for key in begun)}
        return [*found, *(one for one in self.found("*", viewer) if one["id"] not in known)][:SHOWN]

    def _id(self, key: Key, viewer: Viewer) -> str | None:
        """The resource of a record."""
        shown = self._shown(key, viewer)
        return shown["id"] if shown else None

    def found(self, text: str, viewer: Viewer) -> list[dict[str, Any]]:
        """Records found by words that have pages not everybody may read."""
        from indexer.query import Query

        policy.require_staff("review copy", viewer)
        query = Query(text, filters={"access": _NOT_FOR_ALL, "kind": ("digital",)}, size=SHOWN)
        hits = self._here.searcher.search(query, viewer)["hits"]
        return [
            {"id": hit["id"], "name": hit["id"], "title": hit["title"], "access": hit["access"], "found": None}
            for hit in hits
            if hit["page_total"]
        ]

    def _shown(self, key: Key, viewer: Viewer) -> dict[str, Any] | None:
        """A record in a list; None when it is gone, or has no pages."""
        name = ":".join(key)
        resource = self._here.searcher.resource(name, viewer)
        if resource is None or not resource["page_total"]:
            return None
        return {"id": resource["id"], "name": name, "title": resource["title"], "access": resource["access"]}

    def _found_at_night(self) -> list[tuple[Key, int]]:
        """Records on whose pages the night found personal data, with on how many, the most first."""
        store = self._here.store
        store.refresh()
        if self._findings is None or self._findings[0] != store.version:
            table = store.current("finding", ["source", "source_id", "page"])
            pages = table.filter(pc.is_valid(table["page"])).group_by(["source", "source_id"])
            rows = pages.aggregate([("page", "count")]).to_pylist()
            counted = [((row["source"], row["source_id"]), int(row["page_count"])) for row in rows]
            self._findings = store.version, sorted(counted, key=lambda one: (-one[1], one[0]))
        return self._findings[1]
