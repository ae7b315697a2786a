"""Entries of the answer library that a file of a workspace brings along, each question in the languages it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from mappings.mistakes import mistakes_in
from onestop import yaml_files
from onestop.errors import SettingsError

if TYPE_CHECKING:
    from service_desk.library.entries import EntryForm

FILE: Final = "answers.yml"


class Told(BaseModel):
    """A question with its answer, by language. `tags` are between commas."""

    model_config = ConfigDict(extra="forbid")

    question: dict[str, str]
    answer: dict[str, str]
    tags: dict[str, str] = {}
    type: str = ""
    theme: str = ""
    public: bool = False


class AnswerFile(BaseModel):
    """What the file says."""

    model_config = ConfigDict(extra="forbid")

    answers: list[Told]


def read_answers(workspace: Path) -> list[EntryForm]:
    """The entries of the file, none without it. Raises SettingsError naming what is wrong."""
    file = workspace / FILE
    if not file.exists():
        return []
    try:
        told = AnswerFile.model_validate(yaml_files.read(file, "answers: []"))
        return [form for one in told.answers for form in _forms(one)]
    except ValidationError as error:
        wrong = next(iter(mistakes_in(yaml_files.text_of(file), error, AnswerFile)))
        raise SettingsError(f"{file}: {wrong}") from error


def _forms(told: Told) -> Iterator[EntryForm]:
    from service_desk.library.entries import EntryForm

    for language, question in told.question.items():
        said: dict[str, Any] = {"question": question, "answer": told.answer.get(language, ""), "language": language}
        more = {"tags": told.tags.get(language, ""), "type": told.type, "theme": told.theme, "public": told.public}
        yield EntryForm.model_validate(said | more)
