"""What a reader can have in place of what is refused, from the searcher: `service_desk.knowledge.Alternatives`.

Everything is asked with the rights of the reader, so nothing comes of records they may not know of, whoever looks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, Protocol

from indexer.errors import QueryError, SearchError
from indexer.query import Query
from mappings.access import Viewer
from mappings.text import STOP_WORDS, fold, is_han, runs, segment
from search_ui import paths, security
from service_desk.errors import Unavailable
from service_desk.knowledge import MOST_ALTERNATIVES, Alternative
from service_desk.ports import FrozenHit

Json = dict[str, Any]
LOOKED_AT: Final = 20
"""Similar records and hits of one search that are looked through for some that may be read."""
MOST_SIMILAR: Final = 3
SHOWN_WORDS: Final = 3
MOST_WORDS: Final = 8
_TITLE: Final = 200
_NAMES: Final = ("person", "organisation", "place", "subject")


class Catalogue(Protocol):
    """The searcher, as far as alternatives need it."""

    def resource(self, identifier: str, viewer: Viewer) -> Json | None: ...
    def search(self, query: Query, viewer: Viewer) -> Json: ...
    def similar(self, identifier: str, viewer: Viewer, limit: int = ...) -> Json | None: ...


class SearchAlternatives:
    """Implements `service_desk.knowledge.Alternatives`; the searcher is opened at the first question."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def for_hit(self, hit: FrozenHit, reader: Viewer) -> tuple[Alternative, ...]:
        """At most `MOST_ALTERNATIVES`, what can be had at once first. Raises Unavailable."""
        try:
            catalogue = self._catalogue()
            found = catalogue.resource(hit.id, reader)
            ways = _ways(found) if found else []
            at_once, later = [way for rank, way in ways if rank == 0], [way for rank, way in ways if rank > 0]
            room = MOST_ALTERNATIVES - len(at_once) - len(later)
            similar = list(self._similar(catalogue, hit, found, reader))[: max(1, min(room, MOST_SIMILAR))]
        except SearchError as error:
            raise Unavailable(f"What else there is cannot be looked up now: {error}") from error
        return (*at_once[: MOST_ALTERNATIVES - len(similar)], *similar, *later)[:MOST_ALTERNATIVES]

    def _similar(
        self, catalogue: Catalogue, hit: FrozenHit, found: Json | None, reader: Viewer
    ) -> Iterator[Alternative]:
        """Records of the same matter that this reader may read, each once."""
        seen = {hit.id, *((found["id"],) if found else ())}
        for other, reason, words in _candidates(catalogue, hit, found, reader):
            if other["id"] not in seen and other["described"] and other["rights"]["read"] == "yes":
                seen.add(other["id"])
                yield Alternative(
                    "similar",
                    other["id"],
                    other["title"],
                    paths.record(other["id"]),
                    reason,
                    holder=other["holder"],
                    words=tuple(words[:SHOWN_WORDS]),
                )


def _candidates(
    catalogue: Catalogue, hit: FrozenHit, found: Json | None, reader: Viewer
) -> Iterator[tuple[Json, str, list[str]]]:
    """Records with the same names, then those with the words of the title: in the same fonds, then everywhere.

    Of what the reader may not know of any more only the title counts that the request has kept, and only if it was not
    for staff alone then.
    """
    if found is None and (not hit.checked or hit.access == "internal"):
        return
    alike: Iterable[Json] = ((catalogue.similar(hit.id, reader, LOOKED_AT) or {}) if found else {}).get("items", ())
    named = [(one, _values(one, _NAMES)) for one in alike]
    yield from ((one, "same_names", words) for one, words in named if words)
    title = (found["title"] if found else hit.title)[:_TITLE]
    top = found["ancestors"][0]["id"] if found and found["ancestors"] else None
    if top is not None:
        inside = _found(catalogue, " OR ".join(_telling(title)), reader, top)
        yield from ((one, "same_fonds", []) for one in inside if one["ancestors"] and one["ancestors"][0]["id"] == top)
    yield from ((one, "same_words", _values(one)) for one, words in named if not words)
    telling = _telling(title)
    for one in _found(catalogue, _plain(title), reader, None):
        theirs = set(_telling(one["title"]))
        if both := [
            word for word in telling if word in theirs
        ]:  # a word somewhere in a long description is no likeness
            yield one, "same_words", both


def _values(one: Json, kinds: Collection[str] = ("word",)) -> list[str]:
    return [value for reason in one["reasons"] if reason["kind"] in kinds for value in reason["values"]]


def _found(catalogue: Catalogue, words: str, reader: Viewer, within: str | None) -> list[Json]:
    """What words find among what stands open to this reader whatever the day; nothing for no words."""
    levels = tuple(sorted(reader.readable_levels()))
    if not words:
        return []
    with suppress(QueryError):
        query = Query(words, filters={"access": levels}, size=LOOKED_AT, within=within, plain=("all",))
        hits: list[Json] = catalogue.search(query, reader)["hits"]
        return hits
    return []


def _plain(title: str) -> str:
    """The words of a title, none of which is read as an operator."""
    cleaned = "".join(char if char.isalnum() or char in "'’" else " " for char in title)
    return " ".join(word.lower() if word in ("AND", "OR", "NOT") else word for word in cleaned.split())


def _telling(title: str) -> list[str]:
    """The words of a title by which records of one fonds differ, each once."""
    found: dict[str, None] = {}
    for run in runs(fold(title)):
        for word in segment(run) if is_han(run) else (run,):
            if len(word) > 1 and word not in STOP_WORDS and not word.isdigit():
                found[word] = None
    return list(found)[:MOST_WORDS]


def _ways(found: Json) -> list[tuple[int, Alternative]]:
    """Other ways to the same record: 0 for what can be had at once or with little, 1 for what takes asking or time."""
    ways = [way for offer in found["available"] for way in _way(offer, found)]
    holder = found["holder"]
    if holder and found["rights"]["read"] in ("apply", "closed", "no"):
        grants = Alternative("holder", found["id"], holder, paths.record(found["id"]), "grants_access", holder=holder)
        ways.append((1, grants))
    return sorted(ways, key=lambda one: one[0])


_AT_ONCE: Final = {
    "read": "read_now",
    "deidentified": "deidentified",
    "sign_in": "sign_in",
    "onsite": "onsite",
    "consult": "reading_room",
}


def _way(offer: Json, found: Json) -> Iterator[tuple[int, Alternative]]:
    action, here = offer["action"], paths.record(found["id"])
    if action in _AT_ONCE:
        yield 0, Alternative("same", found["id"], found["title"], here, _AT_ONCE[action])
    elif action == "link" and (url := security.web_address(offer["url"])):
        yield 0, Alternative("same", found["id"], found["title"], url, "on_the_web")
    elif action == "holder":
        yield from (_holder(one, found, here) for one in offer["holders"])
    elif action == "opens":
        title = found["title"] if found["described"] else found["reference_code"] or found["id"]
        day = dt.date.fromisoformat(offer["on"]).isoformat()
        yield 1, Alternative("opens", found["id"], title, here, "opens_on", day=day, article=offer.get("article"))


def _holder(one: Json, found: Json, here: str) -> tuple[int, Alternative]:
    """Another house that holds the same thing: where it is open, its own address if there is one."""
    url = (security.web_address(one["url"]) if one["url"] and one["open"] else None) or here
    reason = "open_elsewhere" if one["open"] else "held_elsewhere"
    return (0 if one["open"] else 1), Alternative(
        "holder", found["id"], one["holder"], url, reason, holder=one["holder"]
    )
