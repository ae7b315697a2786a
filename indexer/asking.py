"""A question put to the engine: what it means, what is asked for it, the answer, and what to ask instead.

Nothing here is shown; `indexer.search` makes the contract's shapes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from indexer import corner as corners
from indexer.engines.base import Engine
from indexer.errors import QueryError
from indexer.exact import with_exact_forms
from indexer.feedback import best_of, is_left_alone, telling
from indexer.fields import FACETS
from indexer.language import parse, relax
from indexer.nothing import nearest, units, wider
from indexer.numbers import with_numbers
from indexer.plan import Answer, Code, Every, Node, Or, Plan, Rights, terms, without_hits
from indexer.query import Corner, Query
from indexer.ranking import lifts
from indexer.spelling import Speller
from indexer.synonyms import Guess, Synonyms, who_answers
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
Ahead = Callable[[Plan, Understood], Iterable[Plan]]
"""Of a plan and what was meant, what will be asked for it before all else."""


class _Guess(NamedTuple):
    """A question as it is understood while some of its names may be unknown."""

    query: Query
    names: Guess
    plan: Plan
    meant: Understood


@dataclass(frozen=True, slots=True)
class Asking:
    """An index and the other names of what may be typed. Rights come with every question."""

    engine: Engine
    synonyms: Synonyms

    def understood(self, query: Query, rights: Rights) -> Understood:
        """What the text of a question means to this viewer."""
        return _read(query, rights, self.synonyms)

    def planned(self, query: Query, rights: Rights, ahead: Ahead | None = None) -> tuple[Plan, Understood]:
        """What an engine is asked for all that was meant, exact forms checked; `within` is the id of a resource.

        `ahead` says what of it will be asked first, which then is found together with who answers to its names.
        """
        return self.all_planned([query], rights, ahead)[0]

    def all_planned(
        self, queries: Sequence[Query], rights: Rights, ahead: Ahead | None = None
    ) -> list[tuple[Plan, Understood]]:
        """As `planned`, of several questions."""
        guesses = [self._guess(query, rights) for query in queries]
        self.engine.foresee(asked for guess in guesses for asked in _foreseen(guess, rights, ahead))
        return [self._settled(guess, rights) for guess in guesses]

    def _guess(self, query: Query, rights: Rights) -> _Guess:
        names = self.synonyms.guess()
        meant = _read(query, rights, names)
        return _Guess(query, names, _plan(query, meant, rights), meant)

    def _settled(self, guess: _Guess, rights: Rights) -> tuple[Plan, Understood]:
        """What was guessed, if no authority answers to a name that was not known by then."""
        query, names, plan, meant = guess
        if any(self.synonyms.answers(unknown, rights) for unknown in names.unknown):
            meant = self.understood(query, rights)
            plan = _plan(query, meant, rights)
        return replace(plan, node=self.checked(plan.node, rights)), meant

    def first_asked(self, plan: Plan, meant: Understood) -> Iterator[Plan]:
        """What a page asks first."""
        loosely = self._loosely(plan, meant)
        if loosely is None:
            yield plan
        elif is_left_alone(loosely):
            yield loosely
        else:
            yield from (best_of(loosely), without_hits(Plan(plan.rights)))
        if meant.code is not None:
            yield _with_code(meant.code, plan.rights)

    def with_code(self, code: str | None, rights: Rights) -> str | None:
        """The one resource that has the code that was typed."""
        if code is None:
            return None
        found = self.engine.search(_with_code(code, rights))
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
        if (loosely := self._loosely(plan, meant)) is not None:
            told = telling(self.engine, loosely)
            return self.engine.search(replace(loosely, rank=(*loosely.rank, *told))), True, loosely.node
        answer = self.engine.search(plan)
        if answer.total == 0 and (relaxed := self._relaxed(plan, meant)) is not None:
            most = self.engine.search(relaxed)
            most.partial |= answer.partial
            if most.total:
                return most, True, relaxed.node
        return answer, False, plan.node

    def _relaxed(self, plan: Plan, meant: Understood) -> Plan | None:
        """What is asked when no record has all words; None when nothing can be left out."""
        loose = relax(meant.each, SENTENCE_SHARE if meant.parsed.sentence else MOST)
        return replace(plan, node=self.checked(loose, plan.rights)) if loose else None

    def _loosely(self, plan: Plan, meant: Understood) -> Plan | None:
        """What is asked for a sentence, of which most words are enough; None for what is no sentence."""
        if not (meant.sentence and (loose := relax(meant.each, SENTENCE_SHARE))):
            return None
        loose = self.checked(loose, plan.rights)
        if not meant.is_read:
            return replace(plan, node=loose)
        # Who has everything that was meant comes first.
        return replace(plan, node=Or((loose, plan.node)), rank=(*plan.rank, (plan.node, ALL_MEANT)))

    def advice(self, query: Query, meant: Understood, plan: Plan, found: int, relaxed: bool) -> Json:
        """What to ask instead when hardly anything has all the words: other spellings, and what is a step wider, of an
        answer by most words how many have which.
        """
        most = 0 if _is_limited(query) else FEW  # where a limit leaves few hits, the words are not what is wrong
        is_enough = found > most or meant.sentence or isinstance(plan.node, Every)
        if not query.size or query.offset or is_enough:
            return {"did_you_mean": [], "wider": []}
        here = replace(query, within=plan.within)
        count_all, count = partial(self._totals, plan.rights), partial(self._shown, plan.rights)
        spelt = Speller(self.engine, plan.rights).offered(
            query.text,
            meant.parsed.node,
            found,
            lambda texts: count_all([replace(here, text=text) for text in texts]),
        )
        if found:
            return {"did_you_mean": spelt, "wider": []}
        words = units(meant.words, (reading["text"] for reading in meant.readings))
        steps = nearest(here, words, count_all) if relaxed else wider(here, words, count, count_all)
        return {"did_you_mean": spelt, "wider": [step.to_json() for step in steps]}

    def _totals(self, rights: Rights, queries: Sequence[Query]) -> list[int]:
        """How many records have all that each of some questions asks for."""
        return self.engine.counts([plan for plan, _ in self.all_planned(queries, rights, _counted)])

    def _shown(self, rights: Rights, queries: Sequence[Query]) -> list[int]:
        """How many records each of some questions shows: where none has all, those that have most."""
        asked = self.all_planned(queries, rights, _counted)
        firsts = [self._loosely(plan, meant) or plan for plan, meant in asked]
        counts = dict(enumerate(self.engine.counts(firsts)))
        relaxed = {
            at: self._relaxed(*asked[at]) for at, total in counts.items() if firsts[at] is asked[at][0] and not total
        }
        others = {at: plan for at, plan in relaxed.items() if plan is not None}
        counts |= zip(others, self.engine.counts(list(others.values())), strict=True)
        return list(counts.values())

    def checked(self, node: Node, rights: Rights) -> Node:
        """The tree with numbers as they may be written, and with every exact form narrowed to texts that hold it
        character by character."""
        return with_exact_forms(with_numbers(node), self.engine, rights)


def _foreseen(guess: _Guess, rights: Rights, ahead: Ahead | None) -> Iterator[Plan]:
    """Who answers to the names of a question, and, as if nobody did, what will be asked ahead of all else."""
    yield from (who_answers(names, rights) for names in guess.names.unknown)
    is_known = not guess.query.corner and all(term.kind != "exact" for term in terms(guess.plan.node))
    if ahead and is_known:  # others ask for more before
        yield from ahead(replace(guess.plan, node=with_numbers(guess.plan.node)), guess.meant)


def _counted(plan: Plan, _: Understood) -> Iterator[Plan]:
    yield without_hits(plan)


def _read(query: Query, rights: Rights, synonyms: Synonyms) -> Understood:
    return read(query.text, parse(query.text), rights, synonyms, query.plain, query.synonyms)


def _with_code(code: str, rights: Rights) -> Plan:
    return Plan(rights, Code(code), size=1, pages_per_hit=0)


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
