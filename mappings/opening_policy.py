"""An opening policy as data: ordered rules that say which records are closed for how long, under which article.

Read from `policies/opening.yml` of a workspace (`onestop.opening`) and from the packs of `mappings/data/opening`. The
first rule that chooses a record holds for it, those of the file before those of the packs it extends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mappings.record import Kind

Pack = Literal["cn", "tw", "uk"]
CountedFrom = Literal["end", "beginning", "birth", "death"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,59}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Words = tuple[Word, ...]
LONGEST: Final = 200
"""Years: of a person who is born when the record begins, twice a life."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(_Said):
    """A text in the languages of the interface."""

    en: Word
    zh_hans: Word = Field(alias="zh-Hans")
    zh_hant: Word = Field(alias="zh-Hant")

    def by_language(self) -> dict[str, str]:
        """The texts by the tag of their language."""
        return {"en": self.en, "zh-Hans": self.zh_hans, "zh-Hant": self.zh_hant}


class Choice(_Said):
    """What a rule is about: each key that is given must hold, by one of its values. Without any it is everything.

    `fonds` is the reference code of the topmost unit, its title where it has none; `code` the beginning of a reference
    code; `class` one of the classes of records about private persons; `title`, `security` and `retention` are words of
    the title, of 密级 and of 保管期限.
    """

    source: Words = ()
    holder: Words = ()
    fonds: Words = ()
    code: Words = ()
    level: Words = ()
    kind: tuple[Kind, ...] = ()
    form: Words = ()
    about: Words = Field(default=(), alias="class")
    title: Words = ()
    security: Words = ()
    retention: Words = ()


class Rule(_Said):
    """One rule: closed for so many years (`closed_for`), without an end (`no_end`), or as the record and its source
    state it (`leave`).

    The years are counted from the first of `counted_from` that the record says: to the day, or in whole calendar years
    after that year. `before` holds until they are over, `after` then; with `review` only when staff have said yes.
    `loosens` says what the rule may loosen: nothing, the default of a source, or what a record states, too.
    """

    name: Name
    title: Texts
    select: Choice = Choice()
    leave: bool = False
    no_end: bool = False
    closed_for: Annotated[int, Field(ge=0, le=LONGEST)] | None = None
    counted_from: tuple[CountedFrom, ...] = ("end",)
    counting: Literal["days", "calendar_years"] = "days"
    before: Literal["closed", "restricted"] = "closed"
    after: Literal["open", "registered", "onsite"] = "open"
    review: bool = False
    loosens: Literal["nothing", "default", "record"] = "default"
    article: Word | None = None
    reason: Texts | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Rule:
        if [self.leave, self.no_end, self.closed_for is not None].count(True) != 1:
            raise ValueError("say one of closed_for: YEARS, no_end: true, leave: true")
        if not self.leave and self.reason is None:
            raise ValueError("'reason' is missing, which readers are told; add it in en, zh-Hans and zh-Hant")
        if not self.counted_from:
            raise ValueError("counted_from: name what the years are counted from, such as [end]")
        return self


class OpeningPolicy(_Said):
    """All rules of a house, those of `extends` after its own. `classes` are further words of titles, forms and subjects
    that say of which class a record is.
    """

    extends: tuple[Pack, ...] = ()
    classes: dict[Name, Words] = {}
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _names_are_its_own(self) -> OpeningPolicy:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1 or name.partition(".")[0] in self.extends:
                raise ValueError(f"rules: {name!r} is the name of another rule, too, or of a pack; give it its own")
        return self

    def whole(self, classes: Mapping[str, Words] | None = None) -> OpeningPolicy:
        """The same with the rules of its packs in it, so that it stays what it was when a pack changes. `classes` are
        words that the house has elsewhere.
        """
        rules = (*self.rules, *(rule for name in self.extends for rule in pack(name).rules))
        return OpeningPolicy(rules=rules, classes={**(classes or {}), **self.classes})

    @property
    def body(self) -> str:
        """The policy as JSON, the same text for the same policy, however its file is written."""
        said = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(said, sort_keys=True, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of `body`."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    def articles(self) -> Iterator[tuple[Rule, str]]:
        """The rules that name an article."""
        yield from ((rule, rule.article) for rule in self.rules if rule.article)


def pack(name: str) -> OpeningPolicy:
    """The rules of a jurisdiction as they are shipped; `docs/opening.md` says what they rest on."""
    return OpeningPolicy.model_validate(_data(name))


def phrases() -> dict[str, Texts]:
    """What is said of a record beside the reason of its rule, by a name for it."""
    return {name: Texts.model_validate(said) for name, said in _data("phrases").items()}


def _data(name: str) -> dict[str, Any]:
    payload = resources.files("mappings").joinpath(f"data/opening/{name}.yml").read_bytes()
    return msgspec.yaml.decode(payload, type=dict[str, Any])
