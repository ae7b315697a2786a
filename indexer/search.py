"""Asking the index: the one door through which screens, API and command line search. Every question has a `Viewer`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from indexer import corner as corners
from indexer import suggest
from indexer.availability import actions, readable
from indexer.engines.base import Engine
from indexer.errors import QueryError
from indexer.exact import with_exact_forms
from indexer.feedback import telling
from indexer.fields import FACETS
from indexer.highlight import ENOUGH, Highlighter, one_line
from indexer.language import parse, relax
from indexer.names import Asked, with_authorities
from indexer.nothing import nearest, units, wider
from indexer.numbers import with_numbers
from indexer.pages import Pages
from indexer.plan import (
    Answer,
    Code,
    Every,
    Hit,
    Node,
    Or,
    Plan,
    PlanSort,
    Rights,
    rights_of,
    terms,
)
from indexer.query import Corner, Query
from indexer.ranking import lifts
from indexer.resource import Resource, mint
from indexer.similar import SHOWN, similar
from indexer.spelling import Speller
from indexer.synonyms import Synonyms
from indexer.together import shown_hits
from indexer.understanding.named import named
from indexer.understanding.question import Understood, understood
from indexer.view import resource_view
from mappings.access import Viewer

MOST = 0.4
"""Share of the words that is "most" when no record has all of them. Tried .15-.6 on Cranfield and CMRC: recall@100
.647 at .6, .684 at .4."""
SENTENCE_SHARE = 0.15
"""The same for a sentence, half of whose words say nothing of the matter. Tried 0-.4 on Cranfield (tuned half): nDCG@10
.401 at 0, .402 at .15, .398 at .25, .369 at .4; recall@100 .792, .785, .742, .539."""
ALL_MEANT = 1.0
"""What having everything that was meant adds to the score of an answer to a sentence, as a share of what it scores."""
SUMMARY = 240
TOP = "-"
"""The parent of what stands at the top."""
FEW = 3
"""Records up to which another spelling is looked for."""
NOWHERE = "-"
"""The id of no resource."""

_resource_decoder = msgspec.json.Decoder(Resource)
Json = dict[str, Any]


class Searcher:
    """Answers in the shapes of the public contract. Holds no state but the engine; safe to share between threads.

    `source_titles` names sources for people; `today` can be set by tests.
    """

    def __init__(
        self,
        engine: Engine,
        source_titles: Mapping[str, str] | None = None,
        today: Callable[[], dt.date] = dt.date.today,
        synonyms: Synonyms | None = None,
    ) -> None:
        self.engine = engine
        self.synonyms = synonyms or Synonyms(engine)
        self._titles = source_titles or {}
        self._today = today

    def search(self, query: Query, viewer: Viewer) -> Json:
        """A page of hits with facets and histogram. Raises QueryError, IndexMissing, IndexVersionMismatch,
        EngineUnavailable."""
        begun = time.perf_counter()
        today = self._today()
        rights = rights_of(viewer, today)
        above = self._looked_in(query.within, rights)
        plan, meant = self._planned(replace(query, within=above["id"] if above else None), rights)
        answer, relaxed, node, complete = self._of_form(plan, meant, query.corner)
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
                "record": self._with_code(meant.code, rights),
                "notes": list(meant.parsed.notes),
                **(
                    {"complete": complete, "did_you_mean": [], "wider": []}  # a form is no text to be put otherwise
                    if query.corner
                    else self._advice(query, meant, plan, 0 if relaxed else answer.total, relaxed)
                ),
            },
            "total": answer.total,
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
        plan, meant = self._planned(query, rights_of(viewer, self._today()))
        plan = replace(plan, facets=(name,), facet_text=text, size=0, offset=0, histogram=False, pages_per_hit=0)
        return self._values(name, self._of_form(plan, meant, query.corner).answer.facets[name])

    def listed(self, query: Query, viewer: Viewer) -> list[Json]:
        """The resources of a page of hits in full, for tables: without facets, counts of what is below, authorities.
        Raises as `search` does."""
        rights = rights_of(viewer, self._today())
        plan = replace(self._planned(query, rights)[0], facets=(), histogram=False, pages_per_hit=0)
        found = [self._in_full(hit, viewer, rights) for hit in self.engine.search(plan).hits]
        return [resource for resource in found if resource is not None]

    def _in_full(self, hit: Hit, viewer: Viewer, rights: Rights) -> Json | None:
        """The resource behind a hit, with its own names and their variants; None when a commit took it meanwhile."""
        stored = self.engine.get(hit.stored["id"], rights)
        if stored is None:
            return None
        resource = _resource_decoder.decode(stored["full"])
        shown = shown_hit(hit, Highlighter(()), viewer, rights.today)
        view = resource_view(shown, stored["hit"], resource, viewer, rights.today)
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
        rights = rights_of(viewer, self._today())
        stored = self._stored(identifier, rights, whole)
        if stored is None:
            return None
        hit = Hit(0.0, stored["hit"])
        view = shown_hit(hit, Highlighter(()), viewer, rights.today)
        view["children_total"] = self._children_count(view["id"], rights)
        view["siblings_before"] = self._siblings_before(stored["hit"], rights)
        view["redirected_from"] = identifier if ":" not in identifier and identifier != view["id"] else None
        resource = _resource_decoder.decode(stored["full"])
        view = resource_view(view, stored["hit"], resource, viewer, rights.today)
        return with_authorities(view, resource, Asked(self.engine, rights))

    def similar(self, identifier: str, viewer: Viewer, limit: int = SHOWN) -> Json | None:
        """Records like one, ``{"id", "items"}``, each item a hit with ``reasons``: ``[{"kind", "values"}]``, where a
        kind is that of a shared name, or ``word``; None when there is no such record for this viewer."""
        rights = rights_of(viewer, self._today())
        stored = self._stored(identifier, rights)
        if stored is None:
            return None
        nothing = Highlighter(())
        items = [
            {**shown_hit(found.hit, nothing, viewer, rights.today), "reasons": found.reasons}
            for found in similar(self.engine, stored["hit"], rights, limit)
        ]
        return {"id": stored["hit"]["id"], "items": items}

    def children(self, identifier: str, viewer: Viewer, offset: int = 0, limit: int = 60) -> Json:
        """Units directly below one (below nothing with ``""``), in archival order: ``{"total", "items"}``."""
        rights = rights_of(viewer, self._today())
        parent = identifier or TOP
        if identifier and self._stored(identifier, rights) is None:
            return {"total": 0, "items": []}
        order: PlanSort = "archival" if identifier else "reference_code"
        answer = self.engine.search(Plan(rights, parent=parent, sort=order, size=limit, offset=offset, pages_per_hit=0))
        items = [self._child(hit.stored, rights) for hit in answer.hits]
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
        stored = self.engine.page(self._resolved(identifier), number, rights_of(viewer, self._today()))
        image = stored["page"].get("image") if stored else None
        return (stored["source"], image, stored["page"].get("frame")) if stored and image else None

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
        rights = rights_of(viewer, self._today())
        meant = self._understood(Query(query_text), rights)
        loose = relax(meant.each, SENTENCE_SHARE) if meant.sentence else None
        plan = Plan(rights, self._checked(loose or meant.asked, rights))
        return Pages(self.engine, rights), plan, relax(meant.each, MOST)

    def _matching(self, identifier: str, plan: Plan, most: Node | None) -> tuple[list[int], Plan]:
        """Numbers of pages that match, with all words or, when none has them, with most; and what was asked in the
        end."""
        numbers = self.engine.page_numbers(identifier, plan)
        if not numbers and most:
            plan = replace(plan, node=self._checked(most, plan.rights))
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

    def _understood(self, query: Query, rights: Rights) -> Understood:
        return understood(query.text, parse(query.text), rights, self.synonyms, query.plain, query.synonyms)

    def _planned(self, query: Query, rights: Rights) -> tuple[Plan, Understood]:
        """What an engine is asked for all that was meant, exact forms checked; `within` is the id of a resource."""
        meant = self._understood(query, rights)
        plan = _plan(query, meant, rights)
        return replace(plan, node=self._checked(plan.node, rights)), meant

    def _with_code(self, code: str | None, rights: Rights) -> str | None:
        """The one resource that has the code that was typed."""
        if code is None:
            return None
        found = self.engine.search(Plan(rights, Code(code), size=1, pages_per_hit=0))
        return str(found.hits[0].stored["id"]) if found.total == 1 else None

    def _of_form(self, plan: Plan, meant: Understood, corner: Corner | None) -> corners.Found:
        """The answer to the box, or to a form and the box with the same words."""
        return corners.answered(
            plan,
            corner or Corner(),
            box=lambda asked: self._ask(asked, meant),
            engine=self.engine.search,
            checked=lambda node: self._checked(node, plan.rights),
        )

    def _shown(self, hit: Hit, highlighter: Highlighter, viewer: Viewer, plan: Plan) -> Json:
        """A hit with its pages, and a passage from wherever in a long text the words stand."""
        pages = Pages(self.engine, plan.rights)
        shown = shown_hit(hit, highlighter, viewer, plan.rights.today)
        shown["pages"] = [pages.hit(page.stored, highlighter, plan) for page in hit.pages]
        deep = hit.stored["cut"] and "text" not in shown["highlights"]
        if deep and (passage := pages.text_passage(hit.stored["id"], highlighter, plan)):
            shown["highlights"]["text"] = [passage]
        return shown

    def _ask(self, plan: Plan, meant: Understood) -> tuple[Answer, bool, Node]:
        """The answer; most words when the text is a sentence, or when no record has them all."""
        if meant.sentence and (loose := relax(meant.each, SENTENCE_SHARE)):
            loose = self._checked(loose, plan.rights)
            if meant.is_read:  # who has everything that was meant comes first
                plan = replace(plan, rank=(*plan.rank, (plan.node, ALL_MEANT)))
                loose = Or((loose, plan.node))
            plan = replace(plan, node=loose)
            return self.engine.search(replace(plan, rank=(*plan.rank, *telling(self.engine, plan)))), True, loose
        answer = self.engine.search(plan)
        share = SENTENCE_SHARE if meant.parsed.sentence else MOST
        if answer.total == 0 and (loose := relax(meant.each, share)):
            loose = self._checked(loose, plan.rights)
            relaxed = self.engine.search(replace(plan, node=loose))
            if relaxed.total:
                return relaxed, True, loose
        return answer, False, plan.node

    def _advice(self, query: Query, meant: Understood, plan: Plan, found: int, relaxed: bool) -> Json:
        """What to ask instead when hardly anything has all the words: other spellings, and what is a step wider, of an
        answer by most words how many have which.
        """
        most = 0 if _is_limited(query) else FEW  # where a limit leaves few hits, the words are not what is wrong
        is_enough = found > most or meant.sentence or isinstance(plan.node, Every)
        if not query.size or query.offset or is_enough:
            return {"did_you_mean": [], "wider": []}

        def total(other: Query, strict: bool) -> int:
            asked, read = self._planned(other, plan.rights)
            asked = replace(asked, size=0, offset=0, facets=(), histogram=False, pages_per_hit=0)
            return self.engine.search(asked).total if strict else self._ask(asked, read)[0].total

        here = replace(query, within=plan.within)
        spelt = Speller(self.engine, plan.rights).offered(
            query.text, meant.parsed.node, found, lambda text: total(replace(here, text=text), True)
        )
        if found:
            return {"did_you_mean": spelt, "wider": []}
        count_all = partial(total, strict=True)
        words = units(meant.words, (reading["text"] for reading in meant.readings))
        if relaxed:
            steps = nearest(here, words, count_all)
        else:
            steps = wider(here, words, partial(total, strict=False), count_all)
        return {"did_you_mean": spelt, "wider": [step.to_json() for step in steps]}

    def _checked(self, node: Node, rights: Rights) -> Node:
        """The tree with numbers as they may be written, and with every exact form narrowed to texts that hold it
        character by character."""
        return with_exact_forms(with_numbers(node), self.engine, rights)

    def _resolved(self, identifier: str) -> str:
        """The id behind ``SOURCE:SOURCE_ID``, which is minted from just these two."""
        source, colon, source_id = identifier.partition(":")
        return mint(source, source_id) if colon else identifier

    def _stored(self, identifier: str, rights: Rights, whole: bool = False) -> Json | None:
        """By id, else by another name: a record joined to another resource, or an id merged into another."""
        stored = self.engine.get(self._resolved(identifier), rights, whole)
        if stored is not None:
            return stored
        hits = self.engine.search(Plan(rights, member=identifier, size=1)).hits
        return self.engine.get(hits[0].stored["id"], rights, whole) if hits else None

    def _children_count(self, identifier: str, rights: Rights) -> int:
        return self.engine.search(Plan(rights, parent=identifier, size=0)).total

    def _siblings_before(self, hit: Json, rights: Rights) -> int:
        """How many units of the same parent stand before this one, for this viewer."""
        if not hit["ancestors"]:
            return 0
        plan = Plan(rights, parent=hit["ancestors"][-1]["id"], before=hit["order"], size=0)
        return self.engine.search(plan).total

    def _child(self, stored: Json, rights: Rights) -> Json:
        dates = stored["dates"]
        return {
            "id": stored["id"],
            "title": stored["title"],
            "level": stored["level"],
            "reference_code": stored["reference_code"],
            "dates_text": dates["text"] if dates else None,
            "children_total": self._children_count(stored["id"], rights),
        }

    def _values(self, facet: str, counts: list[tuple[str, int]]) -> list[Json]:
        if facet == "source":
            return [
                {"value": value, "label": self._titles.get(value, value), "count": count} for value, count in counts
            ]
        return [{"value": value, "label": value, "count": count} for value, count in counts]


def _plan(query: Query, meant: Understood, rights: Rights) -> Plan:
    if query.year_from is not None and query.year_to is not None and query.year_from > query.year_to:
        raise QueryError(f"The years run backwards: from {query.year_from} to {query.year_to}.")
    lifted = lifts(query.text, meant.parsed.node, query.year_from, query.year_to, meant.spans)
    return Plan(
        rights,
        meant.asked,
        {name: values for name, values in query.filters.items() if values},
        query.year_from,
        query.year_to,
        within=query.within,
        standing=query.corner.standing if query.corner else (),
        rank=(*meant.rank, *lifted.rank),
        bonus=lifted.bonus,
        sort=query.sort,
        size=query.size,
        offset=query.offset,
        folded=query.folded and query.sort == "relevance" and not query.group,
        grouped=query.group == "fonds",
        facets=FACETS,
        histogram=True,
    )


def _is_limited(query: Query) -> bool:
    """Is a question limited to a part of what there is?"""
    return bool(query.filters or query.within or query.year_from is not None or query.year_to is not None)


def shown_hit(hit: Hit, highlighter: Highlighter, viewer: Viewer, today: dt.date) -> Json:
    """A hit as the contract shows it to this viewer on this day."""
    stored = hit.stored
    text, copies = stored["text"], stored["copies"]
    may_see = bool(copies) and any(copy[4] and readable(copy, viewer, today) for copy in copies)
    shown = {
        **stored,
        "available": actions(stored, viewer, today),
        "score": round(hit.score, 4),
        "highlights": _highlights(stored, highlighter),
        "pages": [],
        "page_hits": hit.page_hits,
        "page_total": sum(copy[0] for copy in copies) if copies else 0,
        "copies_total": len(copies),
        "summary": summary(text),
        "thumbnail": (hit.pages[0].stored["number"] if hit.pages else 1) if may_see else None,
        "imaged": bool(copies) and any(copy[4] for copy in copies),
        "worded": bool(copies) and any(copy[5] for copy in copies),
        "children_total": None,
        "internal": stored["access"] == "internal",
        "authority": stored["authority"]["type"] if stored["authority"] else None,
    }
    del shown["text"], shown["copies"], shown["facets"], shown["order"], shown["alike"], shown["cut"]
    return shown


def summary(text: str) -> str:
    """How a description begins: its first element when that says enough, else as much as fits."""
    stop = text.find("\n", ENOUGH, SUMMARY)
    head = text if len(text) <= SUMMARY else text[:SUMMARY].rstrip() + "…"
    return one_line(text[:stop] if stop > 0 else head)


def _highlights(stored: Json, highlighter: Highlighter) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if title := highlighter.whole(stored["title"]):
        found["title"] = [title]
    if highlighter.finds_codes and stored["reference_code"] and (code := highlighter.whole(stored["reference_code"])):
        found["reference_code"] = [code]
    if text := highlighter.passage(stored["text"]):
        found["text"] = [text]
    return found
