"""A form's question: what its parts find together, and never less than the box finds with the same words.

The match set is that of the box within the corner (most words, when no record has all of them) together with that of
the form: every part, each in any of its ways. So a second name or a year by its date widens, and a sentence typed into
a field is read as in the box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from indexer.language import parse
from indexer.plan import And, Answer, Code, Either, Every, Node, Or, Plan, Span, Term
from indexer.query import Corner, Part
from mappings.reference_codes import key
from mappings.text import fold

WHOLE = 10.0
"""Weight of having everything, where others are shown for having most: above all that single words can add."""
HEADING = 1.0
"""Weight of standing in the heading a field asks for, beside the weight of the words."""

Asked = tuple[Answer, bool, Node]
"""An answer, whether most words were enough for it, and the tree it answers."""


class Found(NamedTuple):
    """An `Asked` and, where most was enough, how many of its hits have everything that was filled in."""

    answer: Answer
    relaxed: bool
    node: Node
    complete: int | None


def answered(
    plan: Plan,
    corner: Corner,
    *,
    box: Callable[[Plan], Asked],
    engine: Callable[[Plan], Answer],
    checked: Callable[[Node], Node],
) -> Found:
    """The answer to a form; `plan` holds the words of all parts as typed into the box, which `box` answers.

    `checked` narrows exact forms in a tree to what holds them.
    """
    parts = corner.parts
    plan = within_years(plan, parts)
    whole = asked(parts)
    if whole is None:
        return Found(*box(plan), None)
    whole = checked(whole)
    if corner.whole:
        return Found(engine(replace(plan, node=whole, rank=(*plan.rank, *headings(parts)))), False, whole, None)
    _, loose, node = box(replace(plan, size=0, offset=0, facets=(), histogram=False, pages_per_hit=0))
    both = whole if node == whole else Either((whole, node))
    rank = (*plan.rank, *headings(parts), *(((whole, WHOLE),) if loose else ()))
    answer = engine(replace(plan, node=both, rank=rank))
    if not loose:
        return Found(answer, False, both, None)
    complete = engine(replace(plan, node=whole, size=0, offset=0, facets=(), histogram=False, pages_per_hit=0)).total
    return Found(answer, complete < answer.total, both, complete)


def within_years(plan: Plan, parts: tuple[Part, ...]) -> Plan:
    """The plan limited to what is dated in the years of parts that are nothing but years, as the box would be.

    A resource that meets each of several spans meets what they have in common, or all that lies between them.
    """
    spans = [part.years for part in parts if part.years is not None and not part.texts]
    if not spans:
        return plan
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    if plan.year_from is not None:
        first = max(first, plan.year_from)
    if plan.year_to is not None:
        last = min(last, plan.year_to)
    return replace(plan, year_from=first, year_to=last)


def asked(parts: tuple[Part, ...]) -> Node | None:
    """What has everything; None when no words were filled in."""
    found = tuple(node for part in parts if (node := _asked(part)) is not None)
    return And(found) if len(found) > 1 else found[0] if found else None


def _asked(part: Part) -> Node | None:
    """Any of several names; any of the ways to mean one year or one code; None without words."""
    ways = [node for text in part.texts if not isinstance(node := parse(text).node, Every) and node != Or(())]
    if part.field == "code":
        ways += [Code(found) for text in part.texts if (found := key(text))]
    if part.years is not None and part.texts:
        ways.append(Span(*part.years))
    return Or(tuple(ways)) if len(ways) > 1 else ways[0] if ways else None


def headings(parts: tuple[Part, ...]) -> tuple[tuple[Node, float], ...]:
    """What lifts a hit: that a name is one of its headings and not only a word in it."""
    return tuple(
        (Term(text, fold(text), "phrase", part.field), HEADING)
        for part in parts
        if part.field not in (None, "code")
        for text in part.texts
    )
