"""Partners: the institutions that requests are relayed to, how each is reached and how long it has, as a document of
rules. No secret stands in it: it names the environment variable that has one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from mappings.sentences import Sentence, sentence
from service_desk.forms import EMAIL, Language
from service_desk.request_types import Code, LimitRule, TypeCode
from service_desk.rules import Document
from service_desk.told import Title, Told

Channel = Literal["email", "webhook", "onestop"]
SecretName = Annotated[str, StringConstraints(pattern=r"^ONESTOP_RELAY_[A-Z0-9_]{1,60}$")]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FIELD = re.compile(r"\{(\w*)")


def _address(value: str) -> str:
    """An address that may be called: https, or http on this machine; without user, query and fragment."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(sentence("is no web address; write https://host/path")) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise ValueError(sentence("must begin with https://"))
    if not host or parts.username is not None or parts.query or parts.fragment:
        raise ValueError(sentence("is a host and a path, without user, question mark and hash"))
    return value.rstrip("/")


def _email(value: str) -> str:
    if not EMAIL.fullmatch(value):
        raise ValueError(sentence("is no e-mail address"))
    return value


Address = Annotated[str, Field(max_length=500), AfterValidator(_address)]


class ByEmail(Told):
    """Reached by letters with a link to answer by; `language` is theirs, the link is good for `link_days` days."""

    address: Annotated[str, Field(max_length=254), AfterValidator(_email)]
    language: Language = "zh-Hans"
    link_days: Annotated[int, Field(ge=1, le=365)] = 60


class ByWebhook(Told):
    """Reached by signed JSON at an address of theirs."""

    url: Address
    secret: SecretName


class ByOnestop(Told):
    """Reached as another installation of this: its address, and the code by which its partners know us."""

    base: Address
    known_as: Code
    secret: SecretName


class Inbound(Told):
    """They may file requests here, signed with that secret: as which type, and in which language they are answered."""

    secret: SecretName
    type: TypeCode = "query"
    language: Language = "zh-Hans"


class Partner(Told):
    """Another institution. `holders` are those it stands for, as records name them; `limit` is how long it has,
    `hand_on` how long we then take; `remind_before` how many working days before the end it is reminded; `tell` what of
    the reader it is told, nothing when left out.
    """

    title: Title
    holders: tuple[str, ...] = ()
    limit: LimitRule = LimitRule(working_days=4)
    hand_on: LimitRule = LimitRule(working_days=2)
    remind_before: Annotated[int, Field(ge=0, le=60)] = 1
    tell: tuple[Literal["name", "contact"], ...] = ()
    email: ByEmail | None = None
    webhook: ByWebhook | None = None
    onestop: ByOnestop | None = None
    files_here: Inbound | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Partner:
        ways = [way for way in (self.email, self.webhook, self.onestop) if way is not None]
        if len(ways) > 1 or (not ways and self.files_here is None):
            said = "say one of email, webhook and onestop; none only for one that has `files_here`"
            raise ValueError(sentence(said))
        return self

    @property
    def channel(self) -> Channel | None:
        """How it is reached; None for one that only files here."""
        ways: tuple[Channel, ...] = ("email", "webhook", "onestop")
        return next((way for way in ways if getattr(self, way) is not None), None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the variables that its messages to us are signed with."""
        ways = (self.webhook, self.files_here)
        return tuple(dict.fromkeys(way.secret for way in ways if way is not None))


class Defaults(Told):
    """What holds for partners that say nothing of their own."""

    limit: LimitRule = LimitRule(working_days=4)
    hand_on: LimitRule = LimitRule(working_days=2)
    remind_before: Annotated[int, Field(ge=0, le=60)] = 1


class Letter(Told):
    """Subject and text of a letter."""

    subject: Title
    text: Title


_MAY_SAY = {
    "asked": {"date"},
    "asked_more": {"date"},
    "answered": set(),
    "letter": {"archive", "asks", "expects", "records", "date", "link"},
    "reminder": {"archive", "asks", "expects", "records", "date", "link"},
    "reply": {"archive", "asks", "expects", "records", "date", "link", "text"},
    "taken_back": {"archive", "asks", "expects", "records", "text"},
}


class Words(Told):
    """What stands on the page of a reader: `asked` another archive, `asked_more`, it has `answered`. Letters to
    partners stand in `notices`; those that a house wrote here - `letter`, its `reminder`, our `reply` to what they
    asked back, that it was `taken_back` - are sent as long as they are here.
    """

    asked: Title
    asked_more: Title
    answered: Title
    letter: Letter | None = None
    reminder: Letter | None = None
    reply: Letter | None = None
    taken_back: Letter | None = None

    @model_validator(mode="after")
    def _only_known_fields(self) -> Words:
        for name, known in _MAY_SAY.items():
            for text in _texts(getattr(self, name)):
                if unknown := set(_FIELD.findall(text)) - known:
                    field, fields = f"{{{min(unknown)}}}", [f"{{{each}}}" for each in sorted(known)]
                    raise ValueError(_no_field(name, field, fields))
        return self


def _no_field(part: str, field: str, fields: list[str]) -> Sentence:
    if not fields:
        return sentence("words.{part}: there is no {field} here; there are: none", part=part, field=field)
    said = "words.{part}: there is no {field} here; there are: {fields}"
    return sentence(said, part=part, field=field, fields=fields)


def _texts(said: Title | Letter | None) -> list[str]:
    if said is None:
        return []
    titles = [said] if isinstance(said, Title) else [said.subject, said.text]
    return [text for title in titles for text in (title.en, title.zh_hans, title.zh_hant)]


class Partners(Document):
    """The partners by their codes, and what is said to them and of them."""

    name: ClassVar[str] = "partners"
    called: ClassVar[Title | None] = Title.of("Partner archives", "协作单位", "協作單位")

    partners: dict[Code, Partner] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    words: Words

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, given: object) -> object:
        """Partners with what the defaults say, where they say nothing."""
        if not isinstance(given, dict):
            return given
        defaults, partners = given.get("defaults"), given.get("partners")
        if not isinstance(defaults, dict) or not isinstance(partners, dict):
            return given
        known = {name: value for name, value in defaults.items() if name in Defaults.model_fields}
        filled = {code: {**known, **one} if isinstance(one, dict) else one for code, one in partners.items()}
        return {**given, "partners": filled}

    @model_validator(mode="after")
    def _each_holder_once(self) -> Partners:
        holders = [holder for partner in self.partners.values() for holder in partner.holders]
        if twice := {holder for holder in holders if holders.count(holder) > 1}:
            raise ValueError(sentence("partners: {names} stands with two partners; leave one", names=sorted(twice)))
        return self

    def of_holders(self, holders: Sequence[str | None]) -> str | None:
        """The code of the partner that stands for all of these holders and can be reached."""
        if not holders:
            return None
        found = (code for code, one in self.partners.items() if one.channel and set(holders) <= set(one.holders))
        return next(found, None)

    def title(self, code: str, language: str) -> str:
        """What a partner is called; its code when there is none of it any more."""
        found = self.partners.get(code)
        return found.title.in_language(language) if found else code
