"""The rules of notices: texts, ways by contact, quiet hours, pauses between tries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypeAlias

from msgspec import Struct
from pydantic import AfterValidator, BeforeValidator, Field, create_model

from mappings.mistakes import nearest
from mappings.sentences import sentence
from service_desk.forms import Language
from service_desk.rules import Document, bundled_text, read
from service_desk.sending.events import CODES, COMMON, EVENTS, FRAMED, LATER, LETTERS
from service_desk.sending.texts import checked, drawn
from service_desk.told import Title, Told

LETTER_BOUND: Final = 20_000
"""Characters of a value of a letter to another institution: what is asked is told whole."""
Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,19}$")]
Contact = Literal["email", "phone", "account"]


class Message(Told):
    """What a notice says, in each language."""

    subject: Title
    body: Title


def _words(kind: str, names: Collection[str]) -> Any:
    """The model of a text that may use these values."""
    text = Annotated[str, AfterValidator(partial(checked, names=tuple(names)))]
    languages: dict[str, Any] = {
        "en": (text, ...),
        "zh_hans": (text, Field(alias="zh-Hans")),
        "zh_hant": (text, Field(alias="zh-Hant")),
    }
    return create_model(f"Words_{kind}", __base__=Title, **languages)


def _message(kind: str, names: Collection[str]) -> Any:
    words = _words(kind, names)
    parts: dict[str, Any] = {"subject": (words, ...), "body": (words, ...)}
    return create_model(f"Message_{kind}", __base__=Message, **parts)


if TYPE_CHECKING:
    Frame: TypeAlias = Message
    Short: TypeAlias = Title
    Events: TypeAlias = Told
    Codes: TypeAlias = Told
    Letters: TypeAlias = Told
else:
    Frame = _message("frame", (*COMMON, *FRAMED))
    Short = _words("short", (*COMMON, *FRAMED))
    _events = {name: (_message(name, (*COMMON, *more)) | None, None) for name, more in EVENTS.items()}
    Events = create_model("Events", __base__=Told, **_events)
    _codes = {f"code_{name}": (_message(name, ("archive", *more)), Field(alias=name)) for name, more in CODES.items()}
    Codes = create_model("Codes", __base__=Told, **_codes)
    _letters = {name: (_message(f"letter_{name}", ("archive", *more)) | None, None) for name, more in LETTERS.items()}
    Letters = create_model("Letters", __base__=Told, **_letters)


def _clock_time(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(sentence('must be a time of day in quotes, such as "21:30"'))
    try:
        return dt.time.fromisoformat(value)
    except ValueError:
        raise ValueError(sentence('{given!r} is no time of day; write it like "21:30"', given=value[:20])) from None


def _event(value: str) -> str:
    if value not in EVENTS:
        said = "there is no notice {name!r}; {nearest}"
        raise ValueError(sentence(said, name=value[:40], nearest=nearest(value, EVENTS)))
    return value


TimeOfDay = Annotated[dt.time, BeforeValidator(_clock_time)]
Event = Annotated[str, AfterValidator(_event)]
Pause = Annotated[int, Field(ge=1, le=10_080)]


class Quiet(Told):
    """Hours, by the clock of the archive, in which nothing leaves by these channels. Begin and end alike: none."""

    begins: TimeOfDay
    ends: TimeOfDay
    channels: tuple[Channel, ...] = ()


class Tries(Told):
    """How a notice is tried again: `pauses` in minutes, the last one over and over, for so many days."""

    pauses: tuple[Pause, ...] = Field(min_length=1, max_length=20)
    give_up_days: int = Field(ge=1, le=60)


class Said(Struct, frozen=True):
    """A notice as it is sent."""

    subject: str
    body: str


class NoticeRules(Document):
    """The document `notices`."""

    name: ClassVar[str] = "notices"
    called: ClassVar[Title | None] = Title.of("Notices to readers", "给利用者的通知", "給利用者的通知")

    channels: dict[Contact, tuple[Channel, ...]]
    without_subject: tuple[Channel, ...] = ()
    staff_language: Language = "zh-Hans"
    quiet: Quiet
    tries: Tries
    urgent: tuple[Event, ...] = ()
    screen: Title
    frame: Frame
    short: Short
    events: Events
    codes: Codes
    letters: Letters = Field(default_factory=Letters)

    def message(self, event: str) -> Message | None:
        """The texts of an event; None when readers are not told of it."""
        found: Message | None = getattr(self.events, event, None) if event in EVENTS else None
        if found is None and event in LATER - self.events.model_fields_set:
            found = getattr(_bundled().events, event, None)
        return found

    def said(self, event: str, channel: str, language: str, values: Mapping[str, str]) -> Said | None:
        """The notice of an event as it leaves by this channel; None when readers are not told of it. Values that are
        not given are empty.
        """
        message = self.message(event)
        if message is None:
            return None
        known = dict.fromkeys((*COMMON, *EVENTS[event]), "") | dict(values)
        inner = {part: drawn(text.in_language(language), known) for part, text in _parts(message)}
        framed = known | inner
        subject = drawn(self.frame.subject.in_language(language), framed)
        body = self.short if channel in self.without_subject else self.frame.body
        return Said(_one_line(subject), drawn(body.in_language(language), framed) + "\n")

    def code(self, what: str, language: str, values: Mapping[str, str]) -> Said:
        """What is told about an account."""
        message: Message = getattr(self.codes, f"code_{what}")
        known = dict.fromkeys(("archive", *CODES[what]), "") | dict(values)
        subject, body = (drawn(text.in_language(language), known) for _, text in _parts(message))
        return Said(_one_line(subject), body + "\n")

    def letter(self, name: str, language: str, values: Mapping[str, str]) -> Said:
        """A letter to another institution; where the house wrote none, that of the package."""
        message: Message = getattr(self.letters, name) or getattr(_bundled().letters, name)
        known = dict.fromkeys(("archive", *LETTERS[name]), "") | dict(values)
        subject, body = (drawn(text.in_language(language), known, LETTER_BOUND) for _, text in _parts(message))
        return Said(_one_line(subject), body + "\n")


@cache
def _bundled() -> NoticeRules:
    """What comes with the package."""
    return read(NoticeRules, bundled_text(NoticeRules))


def _parts(message: Message) -> tuple[tuple[str, Title], tuple[str, Title]]:
    return ("subject", message.subject), ("body", message.body)


def _one_line(text: str) -> str:
    return " ".join(text.split())
