"""What people may hand in, with its bounds; the HTTP API uses these models as they are, screens call `parse`.

Control characters are taken out, nothing else: text stays what was typed, and is escaped where it is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from service_desk.errors import FieldError, Invalid
from service_desk.machine import TYPES, RequestType

FeedbackKind = Literal["relevant", "not_relevant", "wrong", "missing_page", "other"]
FeedbackState = Literal["new", "seen", "done"]
Language = Literal["en", "zh-Hans", "zh-Hant"]
FEEDBACK_KINDS: tuple[FeedbackKind, ...] = get_args(FeedbackKind)
FEEDBACK_STATES: tuple[FeedbackState, ...] = get_args(FeedbackState)

EMAIL = re.compile(r"[^@\s,;<>\"()\[\]\\:]{1,64}@[^@\s,;<>\"()\[\]\\:.]+(\.[^@\s,;<>\"()\[\]\\:.]+)+")
_FORMATTING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def without_controls(value: object) -> object:
    """Text without control characters (line ends and tabs stay), lone surrogates and overrides of writing direction,
    trimmed.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or not _unwanted(char)).strip()


def one_line(value: object) -> object:
    """The same on a single line."""
    text = without_controls(value)
    return " ".join(text.split()) if isinstance(text, str) else text


def blank_is_none(value: object) -> object:
    """An empty field is an absent one."""
    return None if value == "" else value


def as_email(contact: str) -> str | None:
    """The contact when it is one e-mail address."""
    return contact if len(contact) <= 254 and EMAIL.fullmatch(contact) else None


def _unwanted(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in _FORMATTING


Line200 = Annotated[str, BeforeValidator(one_line), Field(min_length=1, max_length=200)]
Line300 = Annotated[str, BeforeValidator(one_line), Field(min_length=1, max_length=300)]
Text = Annotated[str, BeforeValidator(without_controls), Field(max_length=10_000)]
Sought = Annotated[
    Annotated[str, Field(max_length=1_000)] | None, AfterValidator(blank_is_none), BeforeValidator(one_line)
]
Rank = Annotated[StrictInt, Field(ge=1, le=100_000)] | None


Address = Annotated[str, BeforeValidator(one_line), Field(max_length=4_000)]


class Form(BaseModel):
    """Unknown fields are refused by name rather than dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenRequestForm(Form):
    """A request without a hit: the note has to say what is wanted."""

    type: RequestType
    name: Line200
    contact: Line300
    note: Annotated[Text, Field(validate_default=True)] = ""
    query: Sought = None
    rank: Rank = None
    language: Language = "en"

    empty_without_note: ClassVar[frozenset[str]] = frozenset(TYPES)

    @field_validator("note")
    @classmethod
    def _note_needed(cls, note: str, info: ValidationInfo) -> str:
        if not note and info.data.get("type") in cls.empty_without_note:
            raise PydanticCustomError("note_missing", "Say what you would like to know")
        return note


class RequestForm(OpenRequestForm):
    """A request on a hit: the body of ``POST /api/v1/requests``."""

    empty_without_note: ClassVar[frozenset[str]] = frozenset({"question"})

    resource_id: Line300


class RegisterForm(Form):
    """Who wants an account: what to be called, how to be reached, by which password."""

    name: Line200
    contact: Line300
    password: Annotated[str, Field(max_length=1_000)]
    language: Language = "en"


class DocumentForm(Form):
    """An identity document that was shown; its number is digested and not kept."""

    kind: Annotated[str, BeforeValidator(one_line), Field(max_length=20)]
    number: Annotated[str, BeforeValidator(one_line), Field(min_length=1, max_length=200)]


class PersonForm(Form):
    """Somebody at the window. Contact and document may be left out."""

    name: Line200
    contact: Annotated[str, BeforeValidator(one_line), Field(max_length=300)] = ""
    kind: Annotated[str, BeforeValidator(one_line), Field(max_length=20)] = ""
    number: Annotated[str, BeforeValidator(one_line), Field(max_length=200)] = ""


class NameForm(Form):
    """What a saved search is called."""

    name: Line200


class SearchForm(NameForm):
    """A search to be kept: the part of its address behind the question mark."""

    address: Address = ""


class FeedbackForm(Form):
    """A word on a hit: the body of ``POST /api/v1/feedback``."""

    resource_id: Line300
    kind: FeedbackKind
    note: Text = ""
    query: Sought = None
    rank: Rank = None


class AnswerForm(Form):
    """The answer of staff; with files the text may be empty."""

    text: Text = ""


class RefusalForm(Form):
    """A refusal says why, and better also what the reader can have instead."""

    reason: Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=10_000)]
    alternative: Text = ""


class MessageForm(Form):
    """A message or a note: never empty."""

    text: Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=10_000)]


Parsed = TypeVar("Parsed", bound=Form)


def parse(form: type[Parsed], values: Mapping[str, object]) -> Parsed:
    """The form with these values. Raises Invalid naming every field that is wrong."""
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        raise Invalid([FieldError(str(each["loc"][0]), each["msg"], each["type"]) for each in error.errors()]) from None
