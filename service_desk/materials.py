"""Which materials a request needs, and where each of them stands.

The checklist is computed once, when a request is filed, from its type, what the reader is to the matter (their
*relation*), the themes it lies in, and what its record's statement of access asks for (`mappings.papers`). What was
verified before and still holds is not asked for again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Protocol

from msgspec import Struct
from pydantic import Field, model_validator

from mappings import papers
from mappings.sentences import sentence
from service_desk.machine import Verdict
from service_desk.ports import FrozenHit
from service_desk.request_types import Code
from service_desk.rules import Document
from service_desk.told import Title, Told

DONE: frozenset[Verdict] = frozenset({"verified", "waived"})
ASKED_FOR: frozenset[Verdict] = frozenset({"missing", "unclear"})
RELATIONS = ("self", "agent", "heir", "lawyer", "authority")


class MaterialRule(Told):
    """A material: what it is called, how it is supplied, and for how many days one that was verified holds."""

    title: Title
    how: Title
    valid_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class When(Told):
    """What a need depends on: each key that is given must hold, by one of its values. `materials` asks for those that
    an earlier need gave.
    """

    type: tuple[Code, ...] = ()
    relation: tuple[Code, ...] = ()
    theme: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    readable: bool | None = None

    def holds(self, asked: Asked, hits: Sequence[FrozenHit]) -> bool:
        """Does all of it hold for this request?"""
        return (
            _among(self.type, (asked.type,))
            and _among(self.relation, (asked.relation or "",))
            and _among(self.theme, {theme for hit in hits for theme in hit.themes})
            and _among(self.access, {hit.access or "" for hit in hits})
            and (self.readable is None or self.readable == all(hit.readable for hit in hits))
        )


class Need(Told):
    """What is needed when something holds."""

    when: When = When()
    need: tuple[Code, ...]


class Asked(Protocol):
    """What a checklist depends on beside the record."""

    @property
    def type(self) -> str: ...
    @property
    def relation(self) -> str | None: ...


class Supposed(Struct, frozen=True):
    """A request of a type and a relation that nobody has asked, or that is looked at as if it were of that type."""

    type: str
    relation: str | None = None


class Materials(Document):
    """Every material there is, what readers can be to a matter, and what is needed when.

    `papers_for`: for these types, what the record's statement of access asks for is needed as well, unless the reader
    may read it anyway; `not_by` takes out of these what a relation makes needless.
    """

    name: ClassVar[str] = "materials"
    called: ClassVar[Title | None] = Title.of("Materials and when they are needed", "材料与所需情形", "文件與所需情形")

    relations: dict[Code, Title]
    materials: dict[Code, MaterialRule]
    papers_for: tuple[Code, ...] = ()
    not_by: dict[Code, tuple[Code, ...]] = Field(default_factory=dict)
    needs: tuple[Need, ...] = ()

    @model_validator(mode="after")
    def _all_known(self) -> Materials:
        asked = {code for need in self.needs for code in need.need} | set(papers.rules().papers)
        asked |= {code for codes in self.not_by.values() for code in codes}
        if unknown := sorted(asked - self.materials.keys()):
            raise ValueError(sentence("materials: {names} is asked for and not there; add it", names=unknown))
        relations = {one for need in self.needs for one in need.when.relation} | self.not_by.keys()
        if unknown := sorted(relations - self.relations.keys()):
            raise ValueError(sentence("relations: {names} is named and not there; add it", names=unknown))
        return self

    def checklist(self, asked: Asked, hits: Sequence[FrozenHit]) -> tuple[str, ...]:
        """The codes of what the request needs, each once, in the order of `materials`."""
        needed = {code for need in self.needs if need.when.holds(asked, hits) for code in need.need}
        if asked.type in self.papers_for:
            spared = self.not_by.get(asked.relation or "", ())
            needed |= {code for hit in hits if not hit.readable for code in hit.papers} - set(spared)
        return tuple(code for code in self.materials if code in needed)

    def how(self, code: str, language: str) -> str:
        """How a material is supplied; nothing when there is none of it any more."""
        found = self.materials.get(code)
        return found.how.in_language(language) if found else ""

    def title(self, code: str, language: str) -> str:
        """What a material is called; its code when there is none of it any more."""
        found = self.materials.get(code)
        return found.title.in_language(language) if found else code


class Happened(Protocol):
    """What is read of an event."""

    @property
    def what(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


def standing(events: Iterable[Happened]) -> dict[str, Verdict]:
    """Where each material of a request stands after these events: code to verdict, in the order of the checklist."""
    found: dict[str, Verdict] = {}
    for event in events:
        found |= event.payload.get("materials") or {}
    return found


def missing(verdicts: Mapping[str, Verdict]) -> tuple[str, ...]:
    """What the reader has to supply still."""
    return tuple(code for code, verdict in verdicts.items() if verdict in ASKED_FOR)


def is_complete(verdicts: Mapping[str, Verdict]) -> bool:
    """Is everything there and good?"""
    return all(verdict in DONE for verdict in verdicts.values())


def _among(wanted: Collection[str], there: Collection[str]) -> bool:
    return not wanted or not set(wanted).isdisjoint(there)
