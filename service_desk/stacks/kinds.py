"""The rules of the stacks, as administrators write them: what is lent for how long, and the stages of repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from mappings.sentences import Sentence, sentence
from service_desk.request_types import TypeCode, Types
from service_desk.rules import Document
from service_desk.told import Title, Told

Days = Annotated[int, Field(ge=1, le=3_650)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Borrower(Told):
    """Somebody who may borrow: for how many days at first, how often more, and for how many days each time."""

    title: Title
    days: Days
    renewals: Annotated[int, Field(ge=0, le=100)] = 0
    renewal_days: Days = 14


class OldText(Told):
    """A reminder as it was written into these rules once; what is said stands in `notices` now."""

    subject: Title
    body: Title


class Reminders(Told):
    """Days before and after the due day on which a borrower is reminded; the texts are in `notices`. `soon` and `late`
    are there so that documents of before that can be read.
    """

    before: tuple[Annotated[int, Field(ge=0, le=365)], ...] = ()
    after: tuple[Annotated[int, Field(ge=1, le=3_650)], ...] = ()
    soon: OldText | None = None
    late: OldText | None = None

    @property
    def offsets(self) -> Sequence[int]:
        """All of them, counted from the due day, the earliest first."""
        return sorted({*(-days for days in self.before), *self.after})


class LoanRules(Document):
    """Lending (`loans.yml`). `types` are those of requests on which something is lent."""

    name: ClassVar[str] = "loans"
    called: ClassVar[Title | None] = Title.of("Loans", "借阅", "借閱")

    voucher: Annotated[str, Field(min_length=1, max_length=10)]
    borrowers: Annotated[dict[Name, Borrower], Field(min_length=1)]
    types: tuple[TypeCode, ...] = ("borrow", "emergency")
    reminders: Reminders = Reminders()

    def unmet(self, other: Callable[[type[Any]], Any]) -> Iterator[Sentence]:
        known = other(Types).types if "types" in self.model_fields_set else self.types
        for code in self.types:
            if code not in known:
                yield sentence("types: there is no type {code!r}; add it to types", code=code)


class Stage(Told):
    """A stage that something in repair goes through."""

    name: Name
    title: Title


class RepairRules(Document):
    """Repairs and copying (`repairs.yml`): their stages in order, and how long each takes as a rule."""

    name: ClassVar[str] = "repairs"
    called: ClassVar[Title | None] = Title.of("Repair and copying", "修复与复制", "修復與複製")

    repair: Annotated[tuple[Stage, ...], Field(min_length=1)]
    copying: Annotated[tuple[Stage, ...], Field(min_length=1)]
    repair_days: Days = 30
    copying_days: Days = 5

    @model_validator(mode="after")
    def _once(self) -> Self:
        for stages in (self.repair, self.copying):
            names = [stage.name for stage in stages]
            if len(set(names)) < len(names):
                raise ValueError(sentence("every stage has a name of its own"))
        return self

    def stages(self, kind: str) -> tuple[Stage, ...]:
        """The stages of a kind of work, the first one first."""
        return self.copying if kind == "copying" else self.repair

    def days(self, kind: str) -> int:
        """How many days a kind of work takes as a rule."""
        return self.copying_days if kind == "copying" else self.repair_days

    def stage(self, kind: str, name: str) -> Title | None:
        """What a stage is called; None when the rules have it no more."""
        return next((stage.title for stage in self.stages(kind) if stage.name == name), None)
