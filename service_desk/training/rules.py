"""Exercises for new clerks, as a document of rules: what is asked, what each begins with, by which acts it is done."""

from __future__ import annotations

from typing import Annotated, ClassVar, get_args

from pydantic import Field, field_validator

from mappings.sentences import sentence
from service_desk.audit_chain import What
from service_desk.request_types import Code, TypeCode
from service_desk.rules import Document
from service_desk.told import Title, Told

KNOWN: frozenset[str] = frozenset(get_args(What))


class Beginning(Told):
    """The request that an exercise begins with: on the first of `records` that least was asked for, with a sample file
    for each of `papers`.
    """

    type: TypeCode
    note: Title
    name: Annotated[str, Field(min_length=1, max_length=200)] = "陈晓"
    relation: Code | None = None
    records: tuple[str, ...] = ()
    papers: tuple[Code, ...] = ()


class StepRule(Told):
    """A step is done when the audit log has a row of the trainee of this kind (`does`), about the exercise's request
    where it tells of one, with these details (`detail`).
    """

    says: Title
    does: str
    detail: dict[str, str] = Field(default_factory=dict)

    @field_validator("does")
    @classmethod
    def _known(cls, does: str) -> str:
        if does not in KNOWN:
            said = "{does!r} is nothing that the audit log tells of; docs/people.md lists its kinds"
            raise ValueError(sentence(said, does=does[:60]))
        return does


class ExerciseRule(Told):
    """One exercise. `where` is the address on which it is done, when it begins with no request."""

    title: Title
    task: Title
    where: Annotated[str, Field(pattern=r"^/[a-z][a-z/-]*$")] = "/staff"
    begins: Beginning | None = None
    steps: Annotated[tuple[StepRule, ...], Field(min_length=1, max_length=10)]


class Exercises(Document):
    """Every exercise, in the order in which they are done."""

    name: ClassVar[str] = "exercises"
    called: ClassVar[Title | None] = Title.of("Exercises of the training desk", "培训练习", "訓練練習")

    exercises: dict[Code, ExerciseRule] = Field(default_factory=dict)
