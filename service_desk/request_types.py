"""Types of requests and the limits of their steps, as a document of rules."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from mappings.sentences import sentence
from service_desk.deadlines import UNITS, Limit
from service_desk.rules import Document
from service_desk.told import Title, Told

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
TypeCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
Channel = Literal["web", "kiosk", "window", "phone", "post", "email", "api"]
Basis = Annotated[str, StringConstraints(max_length=300)]
Days = Annotated[int, Field(ge=0, le=3650)]
QUESTION = "question"
"""The type that there always is: what is asked without a record."""
COPIES = frozenset({"copy", "paper_copy", "certified_copy"})
"""Types of the program whose answer is a copy."""


class LimitRule(Told):
    """So many working days, calendar days, months or hours: one of them. `basis` is the provision that says so."""

    working_days: Days | None = None
    calendar_days: Days | None = None
    hours: Annotated[int, Field(ge=1, le=8760)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    basis: Basis = ""

    @model_validator(mode="after")
    def _one_unit(self) -> LimitRule:
        if sum(getattr(self, unit) is not None for unit in UNITS) != 1:
            raise ValueError(sentence("say one of {names} and {last}", names=UNITS[:-1], last=UNITS[-1]))
        return self

    @property
    def limit(self) -> Limit:
        """The same as a value."""
        return Limit(self.working_days, self.calendar_days, self.hours, self.months, self.basis)


class ExtensionRule(Told):
    """By how many days of its unit (months, of a limit in months) a limit may be extended, how often, and by which
    provision.
    """

    days: Annotated[int, Field(ge=1, le=365)]
    times: Annotated[int, Field(ge=1, le=10)] = 1
    basis: Basis = ""


class TypeRule(Told):
    """A type: what it is called, where it may be asked for, and how long each step may take.

    `counts_from` says what the limit counts from. `supply_within`: how long a reader has to supply what was asked for,
    pay or agree; `collect_within`: how long what is ready waits. After them a request expires. `progress_every`: how
    often a reader hears of long work. `reopen_within`: days after the answer in which a reader may come back.
    `without_record`: it can be asked with no record at hand. `about_staff`: it may not be handled by whom it is about.
    `makes_copies`: its answer may become a digital copy of the record; when nothing is said, those of copies may.
    """

    title: Title
    limit: LimitRule
    counts_from: Literal["submission", "acceptance"] = "submission"
    extension: ExtensionRule | None = None
    supply_within: LimitRule = LimitRule(calendar_days=30)
    collect_within: LimitRule = LimitRule(calendar_days=30)
    progress_every: LimitRule | None = None
    warn_before: Annotated[int, Field(ge=0, le=60)] = 1
    reopen_within: Annotated[int, Field(ge=0, le=3650)] = 60
    offered: tuple[Channel, ...] = ("web", "kiosk", "window", "phone", "post", "email", "api")
    without_record: bool = True
    urgent: bool = False
    about_staff: bool = False
    makes_copies: bool | None = None


class Types(Document):
    """Every type of request there is, in the order in which they are offered."""

    name: ClassVar[str] = "types"
    called: ClassVar[Title | None] = Title.of("Types of requests", "申请类型", "申請類型")

    types: dict[TypeCode, TypeRule]

    @model_validator(mode="after")
    def _has_questions(self) -> Types:
        if QUESTION not in self.types:
            raise ValueError(sentence("there is no type {code!r}, which everybody may ask; add it", code=QUESTION))
        if not self.types[QUESTION].without_record:
            raise ValueError(sentence("{code!r} must be possible without a record", code=QUESTION))
        return self

    def rule(self, code: str) -> TypeRule:
        """The rule of a type; of one that there is no more, that of questions under its old code."""
        found = self.types.get(code)
        if found is not None:
            return found
        return self.types[QUESTION].model_copy(
            update={"title": Title(**dict.fromkeys(("en", "zh-Hans", "zh-Hant"), code))}
        )

    def makes_copies(self, code: str) -> bool:
        """May the answer to such a request become a digital copy of the record?"""
        said = self.rule(code).makes_copies
        return code in COPIES if said is None else said

    def offered(self, channel: Channel, *, with_record: bool) -> tuple[str, ...]:
        """The types that can be asked for there."""
        return tuple(
            code
            for code, rule in self.types.items()
            if channel in rule.offered and (with_record or rule.without_record)
        )
