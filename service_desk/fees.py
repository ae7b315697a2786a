"""What services cost, and who is exempt, as a document of rules. Prices are in the smallest unit of the currency."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from service_desk.request_types import Code
from service_desk.rules import Document
from service_desk.told import Title, Told


class FeeRule(Told):
    """A price: for one of what, and for which types of requests; free for those relations."""

    title: Title
    price: Annotated[int, Field(ge=0, le=100_000_000)]
    types: tuple[Code, ...] = ()
    free_for: tuple[Code, ...] = ()


class Fees(Document):
    """The list of prices; empty where nothing is charged. `note` is what readers are told below it."""

    name: ClassVar[str] = "fees"
    called: ClassVar[Title | None] = Title.of("Fees and exemptions", "收费与减免", "收費與減免")

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    fees: dict[Code, FeeRule] = Field(default_factory=dict)
    note: Title | None = None

    def of(self, type_: str, relation: str | None = None) -> tuple[tuple[str, FeeRule, int], ...]:
        """The prices of a type for somebody of that relation: code, rule, and what it is for them."""
        return tuple(
            (code, rule, 0 if relation and relation in rule.free_for else rule.price)
            for code, rule in self.fees.items()
            if not rule.types or type_ in rule.types
        )
