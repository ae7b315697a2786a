"""What people may hand in, with its bounds; the HTTP API uses these models as they are, screens call `parse`.

Control characters are taken out, nothing else: text stays what was typed, and is escaped where it is shown.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictInt,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from service_desk.errors import FieldError, Invalid

FeedbackKind = Literal["relevant", "not_relevant", "wrong", "missing_page", "other"]
FeedbackState = Literal["new", "seen", "done"]
Language = Literal["en", "zh-Hans", "zh-Hant"]
FEEDBACK_KINDS: tuple[FeedbackKind, ...] = get_args(FeedbackKind)
FEEDBACK_STATES: tuple[FeedbackState, ...] = get_args(FeedbackState)
LANGUAGES: tuple[Language, ...] = get_args(Language)

EMAIL = re.compile(r"[^@\s,;<>\"()\[\]\\:]{1,64}@[^@\s,;<>\"()\[\]\\:.]+(\.[^@\s,;<>\"()\[\]\\:.]+)+")
_FORMATTING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def language_or(language: str | None, usual: Language) -> Language:
    """The language, if texts are written in it; else `usual`."""
    return next((known for known in LANGUAGES if known == language), usual)


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
CodeField = Annotated[str, BeforeValidator(one_line), Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A code of the rules; whether there is one of it is for the rules to say."""
OtherCode = Annotated[CodeField | None, BeforeValidator(blank_is_none)]
BASKET = 50
"""Records asked for at once."""


class Form(BaseModel):
    """Unknown fields are refused by name rather than dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenRequestForm(Form):
    """A request without a hit: the note has to say what is wanted.

    `relation` is what the reader is to the matter, `consent` the version of the privacy notice they agreed to,
    `concerns` the receipt code of the request it is about. Of what its price depends on (`service_desk.fees`): how many
    `pages` and `copies`, on which `carrier`, by which `delivery`, `certified` or not, the `exemption` that is claimed.
    """

    type: CodeField
    name: Line200
    contact: Line300
    note: Annotated[Text, Field(validate_default=True)] = ""
    query: Sought = None
    rank: Rank = None
    language: Language = "en"
    relation: OtherCode = None
    consent: Annotated[str, Field(max_length=64)] | None = None
    concerns: Annotated[str, BeforeValidator(one_line), Field(max_length=20)] | None = None
    pages: Annotated[Annotated[int, Field(ge=1, le=10_000)] | None, BeforeValidator(blank_is_none)] = None
    copies: Annotated[Annotated[int, Field(ge=1, le=100)] | None, BeforeValidator(blank_is_none)] = None
    carrier: OtherCode = None
    delivery: OtherCode = None
    certified: Annotated[bool, BeforeValidator(lambda given: given or False)] = False
    exemption: OtherCode = None

    always_says: ClassVar[bool] = True

    @field_validator("note")
    @classmethod
    def _note_needed(cls, note: str, info: ValidationInfo) -> str:
        if not note and (cls.always_says or info.data.get("type") in SAYS_MORE):
            raise PydanticCustomError("note_missing", "Say what you would like to know")
        return note


SAYS_MORE = frozenset({"question", "complaint", "appeal"})
"""Types that mean nothing without words."""


class RequestForm(OpenRequestForm):
    """A request on a hit: the body of ``POST /api/v1/requests``. `more` are records asked for with it."""

    always_says: ClassVar[bool] = False

    resource_id: Line300
    more: Annotated[tuple[Line300, ...], Field(max_length=BASKET - 1)] = ()


OLDEST = dt.timedelta(days=366)
"""What came in longer ago is not keyed in: the year is a slip of the pen."""


class KeyedForm(Form):
    """Where a request came from that staff key in: the channel, the person's code, when it came in, on paper or by
    voice (an instant with its zone, never in the future), and how the person agreed to the privacy notice: a code of
    `Privacy.ways`.
    """

    channel: Literal["window", "phone", "post", "email"] = "window"
    person: Annotated[str, BeforeValidator(one_line), Field(max_length=20)] = ""
    received: AwareDatetime | None = None
    consent_way: OtherCode = None


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


class MadeForm(Form):
    """Files that go with an answer. `keep`: they become a digital copy of the record, for everyone who may read it; of
    `record`, when the request is about several, and in place of the copy `instead_of`, when one is named.
    """

    keep: bool = False
    record: Annotated[str, Field(max_length=300)] = ""
    instead_of: Annotated[str, Field(max_length=20)] = ""


KEEPING = frozenset(MadeForm.model_fields)
"""Fields that no event keeps."""


class AnswerForm(MadeForm):
    """The answer of staff; with files the text may be empty."""

    text: Text = ""


class Instead(Form):
    """Something a reader can have in place of what is refused: what it is called, where it is (an address of ours or
    one on the web), and the code of why it is named (`knowledge.REASONS`).
    """

    title: Line300
    path: Annotated[str, BeforeValidator(one_line), Field(max_length=2_000, pattern=r"^(/[^/\\]|https?://)")]
    reason: CodeField


class RefusalForm(Form):
    """A refusal says why, on which ground, and what the reader can have instead: in words, and as ways to it; or, in
    `nothing_instead`, why that is nothing.
    """

    reason: Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=10_000)]
    article: Annotated[str, BeforeValidator(one_line), Field(max_length=300)] = ""
    alternative: Text = ""
    instead: Annotated[tuple[Instead, ...], Field(max_length=10)] = ()
    nothing_instead: Text = ""


def whole_refusal(form: RefusalForm) -> RefusalForm:
    """The same, when it says what the reader can have instead, or why that is nothing: whoever refuses, by page or by
    program, has to. Raises Invalid.
    """
    if not (form.alternative or form.instead or form.nothing_instead):
        raise Invalid.one(
            "alternative", "say what the reader can have instead, or in nothing_instead why that is nothing"
        )
    return form


class NotHeldForm(Form):
    """What was looked for is not here: where it was looked for, and who may have it."""

    text: Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=10_000)]
    tried: Text = ""


class MaterialsForm(Form):
    """What is said of materials: a verdict each, and words to the reader."""

    verdicts: dict[CodeField, Literal["given", "unclear", "verified", "waived", "missing"]]
    text: Text = ""


class HandOverForm(Form):
    """Into whose hands: the name of an account; nobody's when it is left out."""

    to: Annotated[Line200 | None, BeforeValidator(blank_is_none)] = None
    text: Text = ""


class ClassifyForm(Form):
    """Another type, route or department, and whom it is about."""

    type: OtherCode = None
    route: OtherCode = None
    department: OtherCode = None
    urgent: bool | None = None
    about: Annotated[Line200 | None, BeforeValidator(blank_is_none)] = None
    text: Text = ""


class ExtendForm(Form):
    """By how many days of its unit, and why: the reader is told."""

    days: Annotated[int, Field(ge=1, le=365)]
    text: Annotated[str, BeforeValidator(without_controls), Field(min_length=1, max_length=10_000)]


class ConsentForm(Form):
    """The person whose request was keyed in without it has agreed: to which privacy notice, and how."""

    consent: Annotated[str, Field(min_length=1, max_length=64)]
    consent_way: CodeField
    text: Text = ""


class QuoteForm(Form):
    """An estimate: what it is made of, in the smallest unit of the currency."""

    lines: Annotated[tuple[QuoteLine, ...], Field(min_length=1, max_length=50)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    text: Text = ""


class QuoteLine(Form):
    """A line of an estimate: so many at that price, `off` less, and why it is as it is."""

    what: Line200
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    price: Annotated[int, Field(ge=0, le=100_000_000)]
    off: Annotated[int, Field(ge=0)] = 0
    why: Annotated[str, BeforeValidator(one_line), Field(max_length=500)] = ""

    @model_serializer(mode="wrap")
    def _as_kept(self, plain: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without what it does not say."""
        return {name: value for name, value in plain(self).items() if name not in ("off", "why") or value}

    @model_validator(mode="after")
    def _off_says_why(self) -> QuoteLine:
        if self.off > self.count * self.price:
            raise PydanticCustomError("off_too_much", "A line is never less than nothing")
        if self.off and not self.why:
            raise PydanticCustomError("why_missing", "Say why a line is less")
        return self


class ReadyForm(MadeForm):
    """How it is ready: a file here, at the window, or on a seat."""

    how: Literal["file", "pickup", "seat"]
    text: Text = ""


class OptionalMessageForm(Form):
    """Words that may be left out."""

    text: Text = ""


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
