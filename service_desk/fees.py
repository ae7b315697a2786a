"""What services cost, who is exempt and on which ground, as a document of rules. Sums are in the smallest unit of the
currency; `estimates.py` computes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from mappings.sentences import Sentence, sentence
from service_desk.materials import Materials
from service_desk.request_types import Code
from service_desk.rules import Document
from service_desk.told import Title, Told

Sum = Annotated[int, Field(ge=0, le=100_000_000)]
Unit = Literal["page", "copy", "record", "request"]


class When(Told):
    """For which carriers and deliveries, and whether for what is certified: all that is given has to fit."""

    carrier: tuple[Code, ...] = ()
    delivery: tuple[Code, ...] = ()
    certified: bool | None = None


class FeeRule(Told):
    """A price: for one of what, and for which types of requests; free for those relations.

    `per` says what is counted - pages times copies, copies, records, or the request once; a price without it is offered
    to the clerk and no part of an estimate by itself. The first `allowance` units are free; a line comes to `cap` at
    most.
    """

    title: Title
    price: Sum
    types: tuple[Code, ...] = ()
    free_for: tuple[Code, ...] = ()
    per: Unit | None = None
    when: When = When()
    allowance: Annotated[int, Field(ge=0, le=100_000)] = 0
    cap: Sum | None = None


class Exemption(Told):
    """Who pays less, and on which ground: `share` percent less, of these fees and types, of all where none is named. It
    holds by itself for its `relations`; without any, the reader claims it.
    """

    title: Title
    ground: Title
    share: Annotated[int, Field(ge=1, le=100)] = 100
    relations: tuple[Code, ...] = ()
    types: tuple[Code, ...] = ()
    fees: tuple[Code, ...] = ()


class Choices(Told):
    """What a reader chooses from: on what a copy is made, and how it is delivered."""

    carrier: dict[Code, Title] = Field(default_factory=dict)
    delivery: dict[Code, Title] = Field(default_factory=dict)


class Rounding(Told):
    """A total is a multiple of `to`: the next one below, above, or the nearest."""

    to: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    way: Literal["down", "up", "half"] = "half"


class Fees(Document):
    """The list of prices; empty where nothing is charged. `note` is what readers are told below it; `minimum` is what
    anything that costs at all comes to.
    """

    name: ClassVar[str] = "fees"
    called: ClassVar[Title | None] = Title.of("Fees and exemptions", "收费与减免", "收費與減免")

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    fees: dict[Code, FeeRule] = Field(default_factory=dict)
    choices: Choices = Choices()
    exemptions: dict[Code, Exemption] = Field(default_factory=dict)
    minimum: Sum = 0
    rounding: Rounding = Rounding()
    note: Title | None = None

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Fees:
        for code, rule in self.fees.items():
            for kind, there in (("carrier", self.choices.carrier), ("delivery", self.choices.delivery)):
                if unknown := [one for one in getattr(rule.when, kind) if one not in there]:
                    said = "fees: {code} names the {kind} {name!r}, which choices does not have"
                    raise ValueError(sentence(said, code=code, kind=kind, name=unknown[0]))
        for code, one in self.exemptions.items():
            if unknown := [fee for fee in one.fees if fee not in self.fees]:
                said = "exemptions: {code} names the fee {name!r}, which there is not"
                raise ValueError(sentence(said, code=code, name=unknown[0]))
        return self

    def unmet(self, other: Callable[[type[Any]], Any]) -> Iterator[Sentence]:
        """Relations that an exemption names and the materials do not have."""
        known = other(Materials).relations
        for code, one in self.exemptions.items():
            for relation in one.relations:
                if relation not in known:
                    said = "exemptions: {code} names the relation {name!r}, which materials does not have"
                    yield sentence(said, code=code, name=relation)

    def of(self, type_: str, relation: str | None = None) -> tuple[tuple[str, FeeRule, int], ...]:
        """The prices of a type for somebody of that relation: code, rule, and what it is for them."""
        return tuple(
            (code, rule, 0 if relation and relation in rule.free_for else rule.price)
            for code, rule in self.fees.items()
            if not rule.types or type_ in rule.types
        )

    def asks(self, type_: str) -> frozenset[str]:
        """What an estimate of this type depends on: some of pages, copies, carrier, delivery, certified, exemption."""
        counted = [(code, rule) for code, rule, _ in self.of(type_) if rule.per is not None]
        found = {"pages" for _, rule in counted if rule.per == "page"}
        found |= {"copies" for _, rule in counted if rule.per in ("page", "copy")}
        found |= {name for _, rule in counted for name in ("carrier", "delivery") if getattr(rule.when, name)}
        found |= {"certified" for _, rule in counted if rule.when.certified is not None}
        if counted and self.claims(type_):
            found.add("exemption")
        return frozenset(found)

    def claims(self, type_: str) -> tuple[str, ...]:
        """The exemptions that a reader may claim for this type."""
        return tuple(
            code for code, one in self.exemptions.items() if not one.relations and (not one.types or type_ in one.types)
        )

    def offered(self, type_: str, kind: Literal["carrier", "delivery"]) -> tuple[tuple[str, Title], ...]:
        """The carriers or deliveries to choose from for this type: all, once a price depends on one."""
        return tuple(getattr(self.choices, kind).items()) if kind in self.asks(type_) else ()
