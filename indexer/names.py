"""Names on a record page: which authority each of them means, and, for an authority, its forms and who names it.

Looked up when the page is asked for, with the rights of who asks: an authority that is not for this viewer links
nothing, and a changed authority changes no other record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from indexer.engines.base import Engine
from indexer.plan import Plan, Rights
from indexer.resource import Resource
from mappings.authorities import asks_for, forms, within
from mappings.record import AgentType, Authority, Name, Relation
from mappings.text import fold

Json = dict[str, Any]
MOST_NAMES = 200
"""Names of a record that are looked up; a list of a thousand donors links its first ones."""
MOST_CANDIDATES = 1000
MOST_FORMS = 50
"""Forms of an authority by which the records that name it are counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An index and the rights of who asks it."""

    engine: Engine
    rights: Rights

    def meant(self, names: Sequence[tuple[str, Name]]) -> dict[Name, Json]:
        """The authority each (source, name) means, ``{"id", "title"}``; what none or several answer to is left out."""
        asked = {name: asks_for(name, source) for source, name in names[:MOST_NAMES]}
        keys = tuple(dict.fromkeys(key for wanted in asked.values() for key in wanted))
        if not keys:
            return {}
        found: dict[str, dict[str, Json]] = {}
        for hit in self.engine.search(Plan(self.rights, authorities=keys, size=MOST_CANDIDATES)).hits:
            shown = {"id": hit.stored["id"], "title": hit.stored["title"]}
            for key in hit.stored["authority"]["keys"]:
                found.setdefault(key, {})[shown["id"]] = shown
        return {name: only for name, wanted in asked.items() if (only := _only(wanted, found)) is not None}

    def known(self, records: Iterable[str]) -> dict[str, Json]:
        """The authorities among some ``SOURCE:SOURCE_ID`` that may be known of, ``{"id", "title", "dates"}``."""
        asked = {within(*record.split(":", 1)): record for record in records}
        if not asked:
            return {}
        found: dict[str, Json] = {}
        for hit in self.engine.search(Plan(self.rights, authorities=tuple(asked), size=MOST_CANDIDATES)).hits:
            shown = {name: hit.stored[name] for name in ("id", "title", "dates")}
            found.update((asked[key], shown) for key in hit.stored["authority"]["keys"] if key in asked)
        return found

    def naming(self, names: Sequence[str]) -> tuple[int, list[str]]:
        """How many resources carry one of these headings, and which of the headings are in use."""
        once = {fold(name): name for name in reversed(names)}  # what differs by script alone is one heading
        used = [name for name in names if once.get(fold(name)) is name and self._total((name,))]
        return self._total(tuple(used)) if used else 0, used

    def _total(self, names: tuple[str, ...]) -> int:
        return self.engine.counts([Plan(self.rights, filters={"name": names})])[0]


def _only(wanted: Iterable[str], found: dict[str, dict[str, Json]]) -> Json | None:
    """Who answers to the strongest key that anybody answers to, when that is one."""
    for key in wanted:
        if answering := found.get(key):
            return next(iter(answering.values())) if len(answering) == 1 else None
    return None


def with_authorities(view: Json, resource: Resource, asked: Asked) -> Json:
    """The view with its names, each with its authority, those found in its text, and with what makes it an authority
    itself, if it is one.
    """
    names = [(member.source, name) for member in resource.members for name in member.record.names]
    related = {
        relation: _named(relation, member.record.authority)
        for member in resource.members
        if member.record.authority is not None
        for relation in member.record.authority.relations
    }
    meant = asked.meant([*names, *((resource.members[0].source, name) for name in related.values())])
    meant = {name: shown for name, shown in meant.items() if shown["id"] != view["id"]}
    view["names"] = [
        {"name": n.name, "type": n.type, "role": n.role, "relator": n.relator, "authority": meant.get(n)}
        for n in dict.fromkeys(name for _, name in names)
    ]
    view["mentions"] = _mentions(resource, asked)
    described = [(m.record.title, m.record.authority) for m in resource.members if m.record.authority is not None]
    if described:
        view["authority"] = {
            **_forms(described, asked),
            "relations": [
                {"name": relation.name, "kind": relation.kind, "authority": meant.get(name)}
                for relation, name in related.items()
            ],
        }
    return view


def _mentions(resource: Resource, asked: Asked) -> list[Json]:
    """Names found in the text that no heading says: how often each, and who is or may be meant."""
    told = {fold(name.name) for member in resource.members for name in member.record.names}
    found = Counter(
        (mention.type, mention.name, mention.authority, mention.candidates)
        for member in resource.members
        for mention in member.record.mentions
        if fold(mention.name) not in told and fold(mention.text) not in told
    )
    shown = list(found.items())[:MOST_NAMES]
    wanted = dict.fromkeys(one for (_, _, authority, others), _ in shown for one in (authority, *others) if one)
    known = asked.known(wanted)
    return [
        {
            "name": name,
            "type": kind,
            "count": count,
            "authority": known.get(authority) if authority else None,
            "candidates": [known[one] for one in others if one in known],
        }
        for (kind, name, authority, others), count in shown
    ]


def _named(relation: Relation, authority: Authority) -> Name:
    """What an authority stands to, as a name to be looked up: agents to agents, others to their own kind."""
    kind: AgentType = "name" if authority.type in ("person", "family", "organisation") else authority.type
    return Name(relation.name, kind, authority=relation.authority)


def _forms(described: Sequence[tuple[str, Authority]], asked: Asked) -> Json:
    kind = described[0][1].type
    every = [form for title, authority in described for form in forms(title, authority)]
    total, used = asked.naming(list(dict.fromkeys(every))[:MOST_FORMS])
    return {
        "type": kind,
        "headings": list(dict.fromkeys(name for title, a in described for name in (title, *a.headings))),
        "variants": [
            {"name": v.name, "kind": v.kind, "language": v.language}
            for v in dict.fromkeys(variant for _, authority in described for variant in authority.variants)
        ],
        "named_in": {"headings": used, "total": total},
    }
