"""Asking the index: the one door through which screens, API and command line search. Every question has a `Viewer`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from indexer import suggest
from indexer.asking import MOST, SENTENCE_SHARE, Asking
from indexer.engines.base import Engine
from indexer.errors import QueryError
from indexer.fields import FACETS
from indexer.highlight import Highlighter
from indexer.language import relax
from indexer.names import Asked, with_authorities
from indexer.pages import Copied, Pages, copied
from indexer.plan import (
    Hit,
    Node,
    Plan,
    PlanSort,
    Rights,
    rights_of,
    terms,
)
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.shown import shown_hit
from indexer.similar import SHOWN, similar
from indexer.synonyms import Synonyms
from indexer.together import shown_hits
from indexer.understanding.named import named
from indexer.view import resource_view
from mappings.access import Viewer

TOP = "-"
"""The parent of what stands at the top."""
NOWHERE = "-"
"""The id of no resource."""

_resource_decoder = msgspec.json.Decoder(Resource)
Json = dict[str, Any]


class Searcher:
    """Answers in the shapes of the public contract. Holds no state but the engine; safe to share between threads.

    `source_titles` names sources for people; `today` can be set by tests. `ended` tells at each question the ids of
    releases of de-identified copies that stand no more, None when nobody can tell.
    """

    def __init__(
        self,
        engine: Engine,
        source_titles: Mapping[str, str] | None = None,
        today: Callable[[], dt.date] = dt.date.today,
        synonyms: Synonyms | None = None,
        ended: Callable[[], frozenset[str] | None] = frozenset,
    ) -> None:
        self.engine = engine
        self._ended = ended
        self._asking = Asking(engine, synonyms or Synonyms(engine))
        self._titles = source_titles or {}
        self._today = today

    def _rights(self, viewer: Viewer) -> Rights:
        """What this viewer may see at this moment."""
        return rights_of(viewer, self._today(), self._ended())

    def search(self, query: Query, viewer: Viewer) -> Json:
        """A page of hits with facets and histogram; ``partial``: some of the servers that hold the index did not answer
        in time, so hits may be missing and counts too low. Raises QueryError, IndexMissing, IndexVersionMismatch,
        EngineUnavailable."""
        begun = time.perf_counter()
        rights = self._rights(viewer)
        above = self._looked_in(query.within, rights)
        inside = replace(query, within=above["id"] if above else None)
        plan, meant = self._asking.planned(inside, rights, self._asking.first_asked)
        answer, relaxed, node, complete = self._asking.answered(plan, meant, query.corner)
        highlighter, asked = Highlighter(terms(node)), replace(plan, node=node)
        return {
            "query": query.text,
            "interpretation": {
                "words": list(meant.words),
                "from": query.year_from,
                "to": query.year_to,
                "filters": {name: list(values) for name, values in query.filters.items()},
                "within": above,
                "relaxed": relaxed,
                "readings": [*meant.readings, *named(meant, answer.facets, query.plain)],
                "expanded": meant.expanded or {},
                "record": self._asking.with_code(meant.code, rights),
                "notes": list(meant.parsed.notes),
                **(
                    {"complete": complete, "did_you_mean": [], "wider": []}  # a form is no text to be put otherwise
                    if query.corner
                    else self._asking.advice(query, meant, plan, 0 if relaxed else answer.total, relaxed)
                ),
            },
            "total": answer.total,
            "partial": answer.partial,
            "took_ms": round((time.perf_counter() - begun) * 1e3, 2),
            "folded": answer.folded,
            **shown_hits(answer, lambda hit: self._shown(hit, highlighter, viewer, asked)),
            "facets": {name: self._values(name, answer.facets[name]) for name in FACETS},
            "histogram": [{"from": decade, "to": decade + 9, "count": count} for decade, count in answer.decades],
        }

    def facet(self, query: Query, viewer: Viewer, name: str, text: str) -> list[Json]:
        """Values of one facet that hold `text`, in any script, counted over the answer to a query: the most frequent,
        also those that the answer's own facets have no room for. Raises QueryError for a facet that is none.
        """
        if name not in FACETS:
            raise QueryError(f"There is no facet {name!r}. Facets: {', '.join(FACETS)}.")
        plan, meant = self._asking.planned(query, self._rights(viewer))
        plan = replace(plan, facets=(name,), facet_text=text, size=0, offset=0, histogram=False, pages_per_hit=0)
        return self._values(name, self._asking.answered(plan, meant, query.corner).answer.facets[name])

    def listed(self, query: Query, viewer: Viewer) -> list[Json]:
        """The resources of a page of hits in full, for tables: without facets, counts of what is below, authorities.
        Raises as `search` does."""
        rights = self._rights(viewer)
        plan = replace(self._asking.planned(query, rights)[0], facets=(), histogram=False, pages_per_hit=0)
        found = [self._in_full(hit, viewer, rights) for hit in self.engine.search(plan).whole().hits]
        return [resource for resource in found if resource is not None]

    def _in_full(self, hit: Hit, viewer: Viewer, rights: Rights) -> Json | None:
        """The resource behind a hit, with its own names and their variants; None when a commit took it meanwhile."""
        stored = self.engine.get(hit.stored["id"], rights)
        if stored is None:
            return None
        resource = _resource_decoder.decode(stored["full"])
        shown = shown_hit(hit, Highlighter(()), viewer, rights)
        view = resource_view(shown, stored["hit"], resource, viewer, rights)
        records = [member.record for member in resource.members]
        names = dict.fromkeys(name for record in records for name in record.names)
        variants = dict.fromkeys(v for record in records if record.authority for v in record.authority.variants)
        view["names"] = [
            *({"name": name.name, "type": name.type, "role": name.role} for name in names),
            *({"name": variant.name, "type": "variant", "role": variant.kind} for variant in variants),
        ]
        return view

    def suggest(self, text: str, viewer: Viewer, limit: int = suggest.LIMIT) -> Json:
        """What the beginning of a question may become; see `indexer.suggest`. Raises as `search` does."""
        return suggest.Suggester(self.engine, self._today).suggest(text, viewer, limit)

    def resource(self, identifier: str, viewer: Viewer, whole: bool = False) -> Json | None:
        """Everything of one resource this viewer may see, by id or ``SOURCE:SOURCE_ID``; None when there is none or
        it may not be known. Long texts are cut (`shortened`) unless the `whole` is asked for."""
        rights = self._rights(viewer)
        stored = self._stored(identifier, rights, whole)
        if stored is None:
            return None
        hit = Hit(0.0, stored["hit"])
        view = shown_hit(hit, Highlighter(()), viewer, rights)
        view["children_total"], view["siblings_before"] = self._around(stored["hit"], rights)
        view["from_store"] = False
        view["redirected_from"] = identifier if ":" not in identifier and identifier != view["id"] else None
        resource = _resource_decoder.decode(stored["full"])
        view = resource_view(view, stored["hit"], resource, viewer, rights)
        return with_authorities(view, resource, Asked(self.engine, rights))

    def similar(self, identifier: str, viewer: Viewer, limit: int = SHOWN) -> Json | None:
        """Records like one, ``{"id", "items"}``, each item a hit with ``reasons``: ``[{"kind", "values"}]``, where a
        kind is that of a shared name, or ``word``; None when there is no such record for this viewer."""
        rights = self._rights(viewer)
        stored = self._stored(identifier, rights)
        if stored is None:
            return None
        nothing = Highlighter(())
        items = [
            {**shown_hit(found.hit, nothing, viewer, rights), "reasons": found.reasons}
            for found in similar(self.engine, stored["hit"], rights, limit)
        ]
        return {"id": stored["hit"]["id"], "items": items}

    def children(self, identifier: str, viewer: Viewer, offset: int = 0, limit: int = 60) -> Json:
        """Units directly below one (below nothing with ``""``), in archival order: ``{"total", "items"}``."""
        rights = self._rights(viewer)
        parent = identifier or TOP
        if identifier and self._stored(identifier, rights) is None:
            return {"total": 0, "items": []}
        order: PlanSort = "archival" if identifier else "reference_code"
        plan = Plan(rights, parent=parent, sort=order, size=limit, offset=offset, pages_per_hit=0)
        answer = self.engine.search(plan).whole()
        below = self.engine.counts([Plan(rights, parent=hit.stored["id"]) for hit in answer.hits])
        items = [_child(hit.stored, total) for hit, total in zip(answer.hits, below, strict=True)]
        return {"total": answer.total, "items": items}

    def page(
        self, identifier: str, number: int, viewer: Viewer, query_text: str = "", part: int | None = None
    ) -> Json | None:
        """One page of a resource with its words and boxes, those of the query marked; of a page too long to be shown
        at once a part (from 1), the first with a match when none is asked for. None when it may not be read."""
        pages, plan, _ = self._pages(viewer, query_text)
        return pages.opened(self._resolved(identifier), number, Highlighter(terms(plan.node)), plan, part)

    def page_image(self, identifier: str, number: int, viewer: Viewer) -> tuple[str, str, int | None] | None:
        """(source, item key, which picture of it) of a page's image when this viewer may read it, else None."""
        stored = self.engine.page(self._resolved(identifier), number, self._rights(viewer))
        image = stored["page"].get("image") if stored else None
        return (stored["source"], image, stored["page"].get("frame")) if stored and image else None

    def copied_page(self, identifier: str, number: int, viewer: Viewer) -> Copied | None:
        """The page of a released copy that this viewer reads in place of a page of the text, else None."""
        return copied(self.engine.page(self._resolved(identifier), number, self._rights(viewer)))

    def matching_pages(self, identifier: str, query_text: str, viewer: Viewer) -> list[int]:
        """Numbers of the resource's pages that match the query, for this viewer, in order."""
        _, plan, most = self._pages(viewer, query_text)
        return self._matching(self._resolved(identifier), plan, most)[0]

    def pages(self, identifier: str, query_text: str, viewer: Viewer, offset: int = 0, limit: int = 20) -> Json:
        """Pages of one resource that match, in order: ``{"total", "items"}``, each item as a page of a hit."""
        pages, plan, most = self._pages(viewer, query_text)
        numbers, plan = self._matching(self._resolved(identifier), plan, most)
        some = numbers[offset : offset + limit]
        items = pages.found(self._resolved(identifier), some, Highlighter(terms(plan.node)), plan)
        return {"total": len(numbers), "items": items}

    def _pages(self, viewer: Viewer, query_text: str) -> tuple[Pages, Plan, Node | None]:
        """The pages this viewer may read, what is looked for in them, and most of it for when none has it all."""
        rights = self._rights(viewer)
        meant = self._asking.understood(Query(query_text), rights)
        loose = relax(meant.each, SENTENCE_SHARE) if meant.sentence else None
        plan = Plan(rights, self._asking.checked(loose or meant.asked, rights))
        return Pages(self.engine, rights), plan, relax(meant.each, MOST)

    def _matching(self, identifier: str, plan: Plan, most: Node | None) -> tuple[list[int], Plan]:
        """Numbers of pages that match, with all words or, when none has them, with most; and what was asked in the
        end."""
        numbers = self.engine.page_numbers(identifier, plan)
        if not numbers and most:
            plan = replace(plan, node=self._asking.checked(most, plan.rights))
            numbers = self.engine.page_numbers(identifier, plan)
        return numbers, plan

    def _looked_in(self, identifier: str | None, rights: Rights) -> Json | None:
        """The resource a search is limited to, ``{"id", "title"}``; what is unknown or not for this viewer has nothing
        below it."""
        if identifier is None:
            return None
        stored = self._stored(identifier, rights)
        return (
            {"id": stored["hit"]["id"], "title": stored["hit"]["title"]} if stored else {"id": NOWHERE, "title": None}
        )

    def _shown(self, hit: Hit, highlighter: Highlighter, viewer: Viewer, plan: Plan) -> Json:
        """A hit with its pages, and a passage from wherever in a long text the words stand."""
        pages = Pages(self.engine, plan.rights)
        shown = shown_hit(hit, highlighter, viewer, plan.rights)
        shown["pages"] = [pages.hit(page.stored, highlighter, plan) for page in hit.pages]
        deep = hit.stored["cut"] and "text" not in shown["highlights"]
        if deep and (passage := pages.text_passage(hit.stored["id"], highlighter, plan)):
            shown["highlights"]["text"] = [passage]
        return shown

    def _resolved(self, identifier: str) -> str:
        """The id behind ``SOURCE:SOURCE_ID``, which is minted from just these two."""
        source, colon, source_id = identifier.partition(":")
        return mint(source, source_id) if colon else identifier

    def _stored(self, identifier: str, rights: Rights, whole: bool = False) -> Json | None:
        """By id, else by another name: a record joined to another resource, or an id merged into another."""
        stored = self.engine.get(self._resolved(identifier), rights, whole)
        if stored is not None:
            return stored
        answer = self.engine.search(Plan(rights, member=identifier, size=1))
        hits = answer.hits or answer.whole().hits
        return self.engine.get(hits[0].stored["id"], rights, whole) if hits else None

    def _around(self, hit: Json, rights: Rights) -> list[int]:
        """How many units are directly below one, and how many of the same parent stand before it, for this viewer."""
        below = Plan(rights, parent=hit["id"])
        if not hit["ancestors"]:
            return [*self.engine.counts([below]), 0]
        return self.engine.counts([below, Plan(rights, parent=hit["ancestors"][-1]["id"], before=hit["order"])])

    def _values(self, facet: str, counts: list[tuple[str, int]]) -> list[Json]:
        if facet == "source":
            return [
                {"value": value, "label": self._titles.get(value, value), "count": count} for value, count in counts
            ]
        return [{"value": value, "label": value, "count": count} for value, count in counts]


def _child(stored: Json, below: int) -> Json:
    """A unit as a tree shows it, with how many are directly below it."""
    dates = stored["dates"]
    return {
        "id": stored["id"],
        "title": stored["title"],
        "described": stored["described"],
        "level": stored["level"],
        "reference_code": stored["reference_code"],
        "dates_text": dates["text"] if dates else None,
        "children_total": below,
    }
