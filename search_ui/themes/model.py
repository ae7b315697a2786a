"""What a theme file says. Strict: nothing is guessed, and what is not known is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from indexer.fields import FACETS, FILTERS
from indexer.query import YEARS

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
"""The name of a theme, which stands in its address."""
_RESERVED = "f filter from to in q sort page group fold plain synonyms lang size offset show only theme"
RESERVED: Final = frozenset(_RESERVED.split())
"""Parameters of every theme's address: no field may be called so."""
MOST_SEVERAL: Final = 10
MOST_RESOURCES: Final = 200
"""Resources of a pack, whatever its queries find."""

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Short = Annotated[str, Field(min_length=1, max_length=300)]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Kind = Literal["text", "name", "place", "year", "years", "choice", "code"]
ColumnType = Literal["text", "integer", "number", "year", "date", "boolean"]
Filters = dict[str, Annotated[list[Short], Field(min_length=1)]]
PLAIN_COLUMNS: Final = (
    "id",
    "address",
    "source_id",
    "title",
    "reference_code",
    "dates",
    "year_from",
    "year_to",
    "creator",
    "holder",
    "level",
    "extent",
    "access",
)
COLUMN_FROM: Final = ("value", "description", "name")
"""What may stand before the colon of a column's `from`: a column of the entry, an element of the description, a type of
heading."""


class Part(BaseModel):
    """Base of all parts: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Said(Part):
    """A text in the three languages of the house; all three are needed."""

    en: Text
    zh_hans: Text = Field(alias="zh-Hans")
    zh_hant: Text = Field(alias="zh-Hant")

    def in_(self, language: str) -> str:
        """The text in a language of `search_ui.i18n.LANGUAGES`."""
        return {"zh-Hans": self.zh_hans, "zh-Hant": self.zh_hant}.get(language, self.en)


class Option(Part):
    """A value to choose: it asks for a filter (``FIELD:VALUE``) or for words, any of which are enough."""

    value: FieldName
    label: Said
    filter: Short | None = None
    words: Annotated[list[Short], Field(min_length=1, max_length=20)] | None = None

    @field_validator("filter")
    @classmethod
    def _is_filter(cls, text: str | None) -> str | None:
        if text is not None:
            field, colon, value = text.partition(":")
            if field not in FILTERS or not colon or not value:
                raise ValueError(f"write FIELD:VALUE with a field of {', '.join(FILTERS)}")
        return text

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Option:
        if (self.filter is None) == (self.words is None):
            raise ValueError("give either filter or words")
        return self


class FormField(Part):
    """A field of the search form."""

    name: FieldName
    kind: Kind
    label: Said
    hint: Said | None = None
    example: Short | None = None
    several: Annotated[int, Field(ge=1, le=MOST_SEVERAL)] = 1
    between: Annotated[list[int], Field(min_length=2, max_length=2)] | None = None
    pattern: Short | None = None
    message: Said | None = None
    options: Annotated[list[Option], Field(min_length=1, max_length=60)] = []

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in RESERVED:
            raise ValueError(f"{name!r} means something in every address; choose another name")
        return name

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, text: str | None) -> str | None:
        try:
            re.compile(text or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return text

    @field_validator("between")
    @classmethod
    def _is_span(cls, years: list[int] | None) -> list[int] | None:
        if years and not (YEARS[0] <= years[0] <= years[1] <= YEARS[-1]):
            raise ValueError("write two years, the earlier one first, such as [1912, 1990]")
        return years

    @model_validator(mode="after")
    def _fits_its_kind(self) -> FormField:
        """Each key with the kinds it means something for."""
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("a choice needs options, and nothing else has them")
        if self.several > 1 and self.kind in ("text", "year", "years"):
            raise ValueError(f"several is for name, place, code and choice, not for {self.kind}")
        if self.between and self.kind not in ("year", "years"):
            raise ValueError("between is for year and years")
        if (self.pattern is None) != (self.message is None) or (self.pattern and self.kind not in ("text", "code")):
            raise ValueError("pattern is for text and code, and needs a message that says how to write it")
        self._check_options()
        return self

    def _check_options(self) -> None:
        if len({option.value for option in self.options}) < len(self.options):
            raise ValueError("two options have the same value")
        if len({(option.filter or "").partition(":")[0] for option in self.options}) > 1:
            raise ValueError("the options of one field ask for one facet, or all for words; make two fields of them")


class PackItem(Part):
    """One thing of a pack: a resource by its id or ``SOURCE:SOURCE_ID``, or what a query finds, best first."""

    id: Short | None = None
    query: Short | None = None
    filters: Filters = {}
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    note: Said | None = None

    @field_validator("filters")
    @classmethod
    def _are_known(cls, filters: Filters) -> Filters:
        return known_filters(filters)

    @model_validator(mode="after")
    def _is_one_thing(self) -> PackItem:
        if (self.id is None) == (self.query is None):
            raise ValueError("give either id or query")
        if self.id is not None and self.filters:
            raise ValueError("filters are for a query")
        return self


class Pack(Part):
    """The ready pack: what it is for, and what is in it."""

    introduction: Said
    items: Annotated[list[PackItem], Field(min_length=1, max_length=MOST_RESOURCES)]


class Guide(Part):
    """Short Markdown: what is in it, how to read it, how to cite it, whom to ask."""

    contents: Said
    reading: Said
    citing: Said
    contact: Said


class Column(Part):
    """A column of the data: where its values come from, of which type they are, what they mean."""

    name: FieldName
    source: Short = Field(alias="from")
    type: ColumnType = "text"
    unit: Short | None = None
    description: Said

    @field_validator("source")
    @classmethod
    def _is_there(cls, text: str) -> str:
        kind, colon, rest = text.partition(":")
        if text not in PLAIN_COLUMNS and not (kind in COLUMN_FROM and colon and rest):
            raise ValueError(
                f"write one of {', '.join(PLAIN_COLUMNS)}, or value:LABEL, description:ELEMENT or name:TYPE"
            )
        return text


class Licence(Part):
    """Under which terms the data may be used."""

    name: Short
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class Data(Part):
    """The theme's records as a table to take away."""

    source: Short
    title: Said
    description: Said
    licence: Licence
    columns: Annotated[list[Column], Field(min_length=1, max_length=60)]

    @field_validator("columns")
    @classmethod
    def _are_told_apart(cls, columns: list[Column]) -> list[Column]:
        return unlike(columns, "column")


class Theme(Part):
    """A theme with everything that belongs to it. `name` is that of its file."""

    name: Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
    title: Said
    introduction: Said
    corner: Literal["livelihood", "research"]
    order: int = 100
    sources: Annotated[list[Short], Field(min_length=1, max_length=50)]
    filters: Filters = {}
    form: Annotated[list[FormField], Field(min_length=1, max_length=12)]
    facets: Annotated[list[str], Field(max_length=len(FACETS))] = ["access", "kind", "holder", "place", "subject"]
    guide: Guide
    pack: Pack | None = None
    data: Data | None = None

    @field_validator("filters")
    @classmethod
    def _are_known(cls, filters: Filters) -> Filters:
        if "source" in filters:
            raise ValueError("sources are named under sources")
        return known_filters(filters)

    @field_validator("facets")
    @classmethod
    def _are_facets(cls, facets: list[str]) -> list[str]:
        for name in facets:
            if name not in FACETS:
                raise ValueError(f"there is no facet {name!r}; facets are {', '.join(FACETS)}")
        return list(dict.fromkeys(facets))

    @field_validator("form")
    @classmethod
    def _are_told_apart(cls, fields: list[FormField]) -> list[FormField]:
        return unlike(fields, "field")

    @model_validator(mode="after")
    def _has_its_data(self) -> Theme:
        if self.data and self.data.source not in self.sources:
            raise ValueError(f"data.source {self.data.source!r} is none of the theme's sources")
        return self

    @property
    def standing(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What every hit of the theme has: facets and values, one of which is enough."""
        return (
            ("source", tuple(self.sources)),
            *((field, tuple(values)) for field, values in self.filters.items()),
        )


def known_filters(filters: Filters) -> Filters:
    """The same filters. Raises ValueError for a field that cannot be filtered by."""
    for name in filters:
        if name not in FILTERS:
            raise ValueError(f"there is no filter {name!r}; filters are {', '.join(FILTERS)}")
    return filters


def unlike(named: list[Any], what: str) -> list[Any]:
    """The same parts. Raises ValueError when two have one name."""
    seen: set[str] = set()
    for part in named:
        if part.name in seen:
            raise ValueError(f"two {what}s are called {part.name!r}")
        seen.add(part.name)
    return named


class Themes(Protocol):
    """The themes of the house, as they are now."""

    def all(self) -> Sequence[Theme]:
        """Those that can be followed, in the order of the corner."""

    def get(self, name: str) -> Theme | None:
        """The theme of that name; None when there is none, or when its file cannot be followed."""


class NoThemes:
    """A house without a thematic corner."""

    def all(self) -> Sequence[Theme]:
        return ()

    def get(self, name: str) -> Theme | None:
        return None
