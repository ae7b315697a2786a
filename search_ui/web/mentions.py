"""Names found in the text of a record: by kind, each leading to who is meant, or to what else names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from indexer.fields import FACETS
from search_ui import address, paths
from search_ui.i18n import Translator

KINDS = ("person", "organisation", "place", "office", "event")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A name: `times` it stands there, `choices` are (address, what tells them apart) of homonyms."""

    name: str
    href: str
    times: int
    is_known: bool
    choices: tuple[tuple[str, str], ...] = ()


def mentioned(resource: dict[str, Any], words: Translator) -> list[tuple[str, list[Mentioned]]]:
    """(label, names) of each kind that there is."""
    found = {kind: [_one(name) for name in resource["mentions"] if name["type"] == kind] for kind in KINDS}
    return [(_label(kind, words), names) for kind, names in found.items() if names]


def _label(kind: str, words: Translator) -> str:
    said = words.term("name_type", kind)
    return said[:1].upper() + said[1:]


def _one(name: dict[str, Any]) -> Mentioned:
    known = name["authority"]
    facet = name["type"] if name["type"] in FACETS else "name"
    there = paths.record(known["id"]) if known else address.href(address.toggled(address.NEW, facet, name["name"]))
    choices = tuple((paths.record(one["id"]), _told_by(one)) for one in name["candidates"])
    return Mentioned(name["name"], there, name["count"], known is not None, choices)


def _told_by(candidate: dict[str, Any]) -> str:
    """What tells a homonym from the others: its dates, else its own name."""
    dates = candidate["dates"]
    return str(dates["text"] if dates else candidate["title"])
