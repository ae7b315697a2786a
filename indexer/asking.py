"""A question put to the engine: what it means, what is asked for it, the answer, and what to ask instead.

Nothing here is shown; `indexer.search` makes the contract's shapes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from indexer import corner as corners
from indexer.engines.base import Engine
from indexer.errors import QueryError
from indexer.exact import with_exact_forms
from indexer.feedback import telling
from indexer.fields import FACETS
from indexer.language import parse, relax
from indexer.nothing import nearest, units, wider
from indexer.numbers import with_numbers
from indexer.plan import Answer, Code, Every, Node, Or, Plan, Rights
from indexer.query import Corner, Query
from indexer.ranking import lifts
from indexer.spelling import Speller
from indexer.synonyms import Synonyms
from indexer.understanding.question import Understood
from indexer.understanding.question import understood as read

MOST = 0.4
"""Share of the words that is "most" when no record has all of them. Tried .15-.6 on Cranfield and CMRC: recall@100
.647 at .6, .684 at .4."""
SENTENCE_SHARE = 0.15
"""The same for a sentence, half of whose words say nothing of the matter. Tried 0-.4 on Cranfield (tuned half): nDCG@10
.401 at 0, .402 at .15, .398 at .25, .369 at .4; recall@100 .792, .785, .742, .539."""
ALL_MEANT = 1.0
"""What having everything that was meant adds to the score of an answer to a sentence, as a share of what it scores."""
FEW = 3
"""Records up to which another spelling is looked for."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """An index and the other names of what may be typed. Rights come with every question."""

    engine: Engine
    synonyms: Synonyms

    def understood(self, query: Query, rights: Rights) -> Understood:
        """What the text of a question means to this viewer."""
        return read(query.text, parse(query.text), rights, self.synonyms, query.plain, query.synonyms)

    def planned(self, query: Query, rights: Rights) -> tuple[Plan, Understood]:
        """What an engine is asked for all that was meant, exact forms checked; `within` is the id of a resource."""
        meant = self.understood(query, rights)
        plan = _plan(query, meant, rights)
        return replace(plan, node=self.checked(plan.node, rights)), meant

    def with_code(self, code: str | None, rights: Rights) -> str | None:
        """The one resource that has the code that was typed."""
        if code is None:
            return None
        found = self.engine.search(Plan(rights, Code(code), size=1, pages_per_hit=0))
        return str(found.hits[0].stored["id"]) if found.total == 1 else None

    def answered(self, plan: Plan, meant: Understood, corner: Corner | None) -> corners.Found:
        """The answer to the box, or to a form and the box with the same words."""
        return corners.answered(
            plan,
            corner or Corner(),
            box=lambda asked: self.most_or_all(asked, meant),
            engine=self.engine.search,
            checked=lambda node: self.checked(node, plan.rights),
        )

    def most_or_all(self, plan: Plan, meant: Understood) -> tuple[Answer, bool, Node]:
        """The answer; most words when the text is a sentence, or when no record has them all."""
        if meant.sentence and (loose := relax(meant.each, SENTENCE_SHARE)):
            loose = self.checked(loose, plan.rights)
            if meant.is_read:  # who has everything that was meant comes first
                plan = replace(plan, rank=(*plan.rank, (plan.node, ALL_MEANT)))
                loose = Or((loose, plan.node))
            plan = replace(plan, node=loose)
            return self.engine.search(replace(plan, rank=(*plan.rank, *telling(self.engine, plan)))), True, loose
        answer = self.engine.search(plan)
        share = SENTENCE_SHARE if meant.parsed.sentence else MOST
        if answer.total == 0 and (loose := relax(meant.each, share)):
            loose = self.checked(loose, plan.rights)
            relaxed = self.engine.search(replace(plan, node=loose))
            relaxed.partial |= answer.partial
            if relaxed.total:
                return relaxed, True, loose
        return answer, False, plan.node

    def advice(self, query: Query, meant: Understood, plan: Plan, found: int, relaxed: bool) -> Json:
        """What to ask instead when hardly anything has all the words: other spellings, and what is a step wider, of an
        answer by most words how many have which.
        """
        most = 0 if _is_limited(query) else FEW  # where a limit leaves few hits, the words are not what is wrong
        is_enough = found > most or meant.sentence or isinstance(plan.node, Every)
        if not query.size or query.offset or is_enough:
            return {"did_you_mean": [], "wider": []}

        def total(other: Query, strict: bool) -> int:
            asked, meaning = self.planned(other, plan.rights)
            asked = replace(asked, size=0, offset=0, facets=(), histogram=False, pages_per_hit=0)
            return self.engine.search(asked).total if strict else self.most_or_all(asked, meaning)[0].total

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

    def checked(self, node: Node, rights: Rights) -> Node:
        """The tree with numbers as they may be written, and with every exact form narrowed to texts that hold it
        character by character."""
        return with_exact_forms(with_numbers(node), self.engine, rights)


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
