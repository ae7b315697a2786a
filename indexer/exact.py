"""The exact-form switch: which texts hold a string just as it was typed - script, case, accents, what stands between.

The index knows in which forms a text is written, not where (`mappings.forms`). That is enough for nearly all texts that
hold the string when folded. Where a text has several forms of a character or word that was typed, its stored text is
read.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from indexer.documents import searched_values
from indexer.engines.base import Engine
from indexer.fields import QUERY_FIELDS
from indexer.page_documents import page_values
from indexer.plan import And, Every, Form, InOne, Node, Not, Or, Read, Rights, Term, changed
from indexer.resource import Resource
from indexer.running import running, running_page
from mappings.forms import Unit, Written, exact_pattern, written
from mappings.record import Page, decode_page

_resources = msgspec.json.Decoder(Resource)
_json = msgspec.json.Encoder()


def with_exact_forms(node: Node, engine: Engine, rights: Rights) -> Node:
    """The tree with every exact form narrowed to texts that hold it as typed."""

    def narrowed(term: Term) -> Node:
        return _narrowed(term, engine, rights) if term.kind == "exact" else term

    return changed(node, narrowed)


def _narrowed(term: Term, engine: Engine, rights: Rights) -> Node:
    asked = written(term.text)
    if not asked.units:
        return Or(())
    if asked.is_single and term.field is None:
        return InOne(And((term, _possible(asked.units[0]))))
    options: list[Node] = []
    if not (asked.is_strewn or term.field):
        options.append(And((*map(_sure, asked.units), Not(_any(map(Form, asked.loose))))))
    options.append(_read(And((term, *map(_possible, asked.units), _doubt(term, asked))), term, engine, rights))
    return InOne(And((term, _any(options))))


def _possible(unit: Unit) -> Node:
    """Texts in which the unit may stand as typed."""
    if unit.form != unit.folded:
        return Form(unit.form)
    return Or((_sure(unit), Form(unit.form))) if unit.others else Every()


def _sure(unit: Unit) -> Node:
    """Texts in which it stands in no other way."""
    only = Not(_any(map(Form, unit.others))) if unit.others else Every()
    return only if unit.form == unit.folded else And((Form(unit.form), only))


def _doubt(term: Term, asked: Written) -> Node:
    """Texts that have to be read: with other forms, too, or with something between that was not typed."""
    if asked.is_strewn or term.field:
        return Every()
    forms = [form for unit in asked.units for form in unit.others]
    return _any(map(Form, (*forms, *asked.loose)))


def _any(parts: Iterable[Node]) -> Node:
    found = tuple(parts)
    return found[0] if len(found) == 1 else Or(found)


def _read(candidates: Node, term: Term, engine: Engine, rights: Rights) -> Read:
    """Those of the candidates that hold the term."""
    reader = _Reader(term, engine, rights)
    found = [place for place in engine.texts(candidates, rights) if reader.holds(*place)]
    return Read(
        frozenset(identifier for identifier, number in found if number is None),
        frozenset((identifier, number) for identifier, number in found if number is not None),
    )


class _Reader:
    """Looks for one exact form in stored texts."""

    def __init__(self, term: Term, engine: Engine, rights: Rights) -> None:
        self._engine, self._rights = engine, rights
        self._field = QUERY_FIELDS[term.field] if term.field else None
        self._pattern = exact_pattern([term.text])
        self._stored = _json.encode(term.text)[1:-1]

    def holds(self, identifier: str, number: int | None) -> bool:
        """Does a description, or one of the pages, hold it?"""
        values = self._described(identifier) if number is None else self._on_page(identifier, number)
        return any(self._pattern.search(value) for value in values)

    def _described(self, identifier: str) -> list[str]:
        found = self._engine.get(identifier, self._rights, whole=True)
        if found is None or (self._stored not in found["full"] and b'"authority":{' not in found["full"]):
            return []
        return searched_values(_resources.decode(found["full"]), field=self._field)

    def _on_page(self, identifier: str, number: int) -> list[str]:
        """What is searched of a page; a long one is kept in parts."""
        pages: list[Page] = []
        parts = 1
        while len(pages) < parts and (sheet := self._engine.page(identifier, number, self._rights, len(pages) + 1)):
            pages.append(decode_page(_json.encode(sheet["page"])))
            parts = sheet["parts"]
        if len(pages) == 1:
            return page_values(running_page(pages[0]))
        text = ("\n" if pages and pages[0].lines else "").join(page.text for page in pages)
        return [*page_values(running(text)), *(value for page in pages for value in page_values(running_page(page)))]
