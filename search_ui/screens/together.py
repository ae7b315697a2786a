"""Hits shown together: the quiet line under a hit that stands for others like it, and hits grouped by fonds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from indexer.query import Query
from search_ui import address, paths
from search_ui.i18n import Translator
from search_ui.screens import hits
from service_desk.stacks.busy import Busy

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A hit, and where those are that it stands for."""

    hit: hits.Shown
    others: list[hits.Way]


@dataclass(frozen=True, slots=True)
class Fonds:
    """A fonds with hits: its best one in full, the next ones by title, and the way to all."""

    title: str
    href: str
    holder: str | None
    best: Entry
    next: list[hits.Shown]
    all: hits.Way | None


Kept = Mapping[str, Busy]
"""What keeps records now, by id."""


def all_hits(answer: Json) -> list[Json]:
    """Every hit that is shown of an answer, alone or in a group."""
    return [*answer["hits"], *(hit for group in answer["groups"] for hit in group["hits"])]


def entries(answer: Json, query: Query, came: str, words: Translator, kept: Kept) -> list[Entry]:
    """The hits of an answer, ranked from 1 over all pages."""
    ranked = enumerate(answer["hits"], query.offset + 1)
    views = ((hit, hits.view(hit, rank, came, words, kept.get(hit["id"]))) for rank, hit in ranked)
    return [Entry(view, _others(hit, query, words)) for hit, view in views]


def groups(answer: Json, query: Query, came: str, words: Translator, kept: Kept) -> list[Fonds]:
    """The fonds of an answer; the hits of one have its rank."""
    ranked = enumerate(answer["groups"], query.offset + 1)
    return [_fonds(group, rank, query, came, words, kept) for rank, group in ranked]


def switch(query: Query, words: Translator) -> hits.Way:
    """The way from one list to groups, or back."""
    text = words.t("In one list") if query.group else words.t("By fonds")
    return hits.Way(text, address.href(address.with_group(query, "" if query.group else "fonds")))


def _others(hit: Json, query: Query, words: Translator) -> list[hits.Way]:
    ways = []
    if more := hit["more"]:
        parent = more["parent"]
        unfolded = replace(address.within(query, parent["id"]), folded=False)
        text = words.n("{count} more in “{title}”", "{count} more in “{title}”", more["count"], title=parent["title"])
        ways.append(hits.Way(text, address.href(unfolded)))
    if same := hit["same"]:
        alike = replace(address.with_text(query, f'code:"{hit["reference_code"]}"'), folded=False)
        text = words.n("{count} more description of the same", "{count} more descriptions of the same", len(same))
        ways.append(hits.Way(text, address.href(alike)))
    return ways


def _fonds(group: Json, rank: int, query: Query, came: str, words: Translator, kept: Kept) -> Fonds:
    fonds, count = group["fonds"], group["count"]
    best, *others = (hits.view(hit, rank, came, words, kept.get(hit["id"])) for hit in group["hits"])
    if best.path and best.path[0] == {"id": fonds["id"], "title": fonds["title"]}:
        best = replace(best, path=best.path[1:])
    inside = address.href(address.within(address.with_group(query, ""), fonds["id"]))
    text = words.n("All {count} result in this fonds", "All {count} results in this fonds", count)
    return Fonds(
        title=fonds["title"],
        href=paths.record(fonds["id"]),
        holder=fonds["holder"],
        best=Entry(best, []),
        next=others,
        all=hits.Way(text, inside) if count > len(group["hits"]) else None,
    )
