"""Where a request goes once it is accepted, by rules that are tried in order, as documents of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from mappings.sentences import Sentence, sentence
from service_desk.legs.rules import Partner, Partners
from service_desk.materials import Asked
from service_desk.ports import FrozenHit
from service_desk.request_types import Code, LimitRule
from service_desk.rules import Document
from service_desk.told import Title, Told

Target = Literal["at_once", "stacks", "department", "partner", "coordinator", "window"]
"""Fulfilled by the system itself; fetched from the own stacks; a task of a department; asked of another institution; in
the hands of a coordinator; with whoever is at the window."""

_OF_DEPARTMENTS = frozenset({"department", "stacks"})
"""Where a department may be named."""


class Department(Told):
    """A part of the house that tasks go to; `limit` is how long each may take, `remind_before` how many working days
    before its end its people are reminded.
    """

    title: Title
    limit: LimitRule = LimitRule(working_days=5)
    remind_before: Annotated[int, Field(ge=0, le=60)] = 1


class Departments(Document):
    """The departments of the house, who coordinates, and who is on duty (names of accounts)."""

    name: ClassVar[str] = "departments"
    called: ClassVar[Title | None] = Title.of("Departments and who is on duty", "科室与值班", "科室與值班")

    departments: dict[Code, Department]
    on_duty: tuple[str, ...] = ()

    def title(self, code: str, language: str) -> str:
        """What a department is called; its code when there is none of it any more."""
        found = self.departments.get(code)
        return found.title.in_language(language) if found else code


class When(Told):
    """What a route depends on: each key that is given must hold, by one of its values, for every record asked for.

    `online`: has pages to look at; `readable`: this reader may read them; `words`: one of them stands in what the
    reader wrote; `note`: did they write anything; `holder`: whose records they are; `records`: are there any at all?
    """

    type: tuple[Code, ...] = ()
    online: bool | None = None
    readable: bool | None = None
    access: tuple[str, ...] = ()
    holder: tuple[str, ...] = ()
    fonds: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    note: bool | None = None
    records: bool | None = None

    def holds(self, asked: Asked, note: str, hits: Sequence[FrozenHit]) -> bool:
        """Does all of it hold?"""
        if self.type and asked.type not in self.type:
            return False
        if self.records not in (None, bool(hits)) or self.note not in (None, bool(note)):
            return False
        if self.words and not any(word.casefold() in note.casefold() for word in self.words):
            return False
        return all(self._fits(hit) for hit in hits) if hits else not self._asks_of_records

    def _fits(self, hit: FrozenHit) -> bool:
        return (
            self.online in (None, hit.online)
            and self.readable in (None, bool(hit.readable))
            and (not self.access or hit.access in self.access)
            and (not self.holder or hit.holder in self.holder)
            and (not self.fonds or hit.fonds in self.fonds)
            and (not self.theme or not set(self.theme).isdisjoint(hit.themes))
            and (not self.form or not set(self.form).isdisjoint(hit.forms))
        )

    @property
    def _asks_of_records(self) -> bool:
        said = (self.access, self.holder, self.fonds, self.theme, self.form)
        return any(said) or self.online is not None or self.readable is not None


class Route(Told):
    """A route: when it is taken, where it leads, which answer is expected from there, and `within` which time, when
    that is not the usual. `department` is whose task it becomes, or, on its way from the stacks, whose work it is;
    `partner` names one; without it, it is the one that stands for the holder of the records.
    """

    title: Title
    when: When = When()
    to: Target
    department: Code | None = None
    partner: Code | None = None
    expects: Title | None = None
    within: LimitRule | None = None

    @model_validator(mode="after")
    def _names_its_department(self) -> Route:
        if self.to == "department" and self.department is None:
            raise ValueError(sentence("`to: department` needs `department`: which one"))
        if self.department is not None and self.to not in _OF_DEPARTMENTS:
            said = "`department` goes with `to: department` and `to: stacks`, and only with these"
            raise ValueError(sentence(said))
        if self.partner is not None and self.to != "partner":
            raise ValueError(sentence("`partner` goes with `to: partner`, and only with it"))
        return self


class Routes(Document):
    """The routes in the order in which they are tried; the last one fits everything."""

    name: ClassVar[str] = "routes"
    called: ClassVar[Title | None] = Title.of("Routes of requests", "流转规则", "流轉規則")

    routes: dict[Code, Route] = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_somewhere(self) -> Routes:
        if list(self.routes.values())[-1].when != When():
            raise ValueError(sentence("the last route must fit every request: leave its `when` out"))
        return self

    def unmet(self, other: Callable[[type[Any]], Any]) -> Iterator[Sentence]:
        known = other(Departments).departments
        for name, route in self.routes.items():
            if route.department is not None and route.department not in known:
                said = "routes.{name}.department: there is no department {department!r}; add it to departments"
                yield sentence(said, name=name, department=route.department)
        yield from self._without_partner(other(Partners).partners)

    def _without_partner(self, known: Mapping[str, Partner]) -> Iterator[Sentence]:
        reached = [one for one in known.values() if one.channel is not None]
        for name, route in self.routes.items():
            if route.to == "partner" and route.partner is None and not any(one.holders for one in reached):
                said = "routes.{name}: no partner stands for any holder; give one `holders`, or name one: `partner`"
                yield sentence(said, name=name)
            named = known.get(route.partner or "")
            if route.partner is not None and (named is None or named.channel is None):
                said = "routes.{name}.partner: there is no partner {partner!r} to be reached; add it to partners"
                yield sentence(said, name=name, partner=route.partner)

    def of(self, asked: Asked, note: str, hits: Sequence[FrozenHit]) -> str:
        """The name of the route of a request."""
        return next(name for name, route in self.routes.items() if route.when.holds(asked, note, hits))

    def title(self, name: str, language: str) -> str:
        """What a route is called; its name when there is none of it any more."""
        found = self.routes.get(name)
        return found.title.in_language(language) if found else name
