"""Every searched field, declared once. Engines derive their schemas from here, the query language its field names.

Weights: a title is short, so BM25 lifts it already; names and codes stand above running text, titles of containing
units below.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from mappings.text import fold

SCHEMA_VERSION = 6
"""Changes with anything that makes older index folders unreadable or wrong; an index of another version is refused."""


@dataclass(frozen=True, slots=True)
class TextField:
    """A field of running text: its weight in the ranking, the forms it is kept in (see `mappings.text`), and among
    whose texts."""

    name: str
    weight: float
    words: bool = True
    grams: bool = True
    layer: str = ""

    @property
    def word_layer(self) -> str:
        return f"{self.name}_w{self.layer}"

    @property
    def gram_layer(self) -> str:
        return f"{self.name}_g{self.layer}"

    def within(self, layer: str, weight: float | None = None) -> TextField:
        """The field among those of one visibility (`indexer.layers`)."""
        return _within(self, layer, self.weight if weight is None else weight)


@lru_cache(maxsize=256)
def _within(field: TextField, layer: str, weight: float) -> TextField:
    return replace(field, layer=layer, weight=weight)


DESCRIPTION = TextField("all", 1.0)
"""A whole description: titles, names, codes, text and the titles above it. What is typed without a field is looked for
here, so that a word costs one list of postings and not one for each field, and is scored here as in one text."""
TITLE = TextField("title", 0.4)
"""Beside what the title counts in the whole description. Cranfield (tuned half) nDCG@10 .402 at .4 and .6, .394 at .9,
and .001 less at .2 than at .4; CMRC MRR@10 .985 at .4 and .6, .989 at .9, and .001 less at .2."""
NAMES = TextField("names", 0.3, grams=False)
CODE = TextField("code", 3.0, words=False)
TEXT = TextField("text", 1.0)
PATH = TextField("path", 0.1)
"""Low: titles above a record are few words, which BM25 lifts; at .5 every series of a fonds came before files of that
name.
"""
ABOUT = TextField("about", 0.3)
PAGE = TextField("page", 1.0)
PART = TextField("part", 1.0)
"""A part of a text too long to be read at once: found here to be shown, while what matches is the whole text."""

LIFTING_TEXTS = (TITLE, NAMES, PATH)
"""Parts of a description that lift a hit when a word stands there."""
TEXTS = (DESCRIPTION, TITLE, NAMES, CODE, TEXT, PATH, ABOUT, PAGE, PART)

HEADING_FIELDS = ("creator", "name", "subject", "person", "organisation", "place")
"""Headings that can be asked for by field (`subject:railways`); their tokens are kept in one index field,
`HEADINGS`."""
HEADINGS = "headings"
FORMS = "forms"
"""In which forms the description is written (`mappings.forms`)."""
PAGE_FORMS = "page_forms"
"""The same for the text of a page."""

VALUES = "suggest"
KEYS = "keys"
WEIGHT = "weight"
"""By what a resource and the names on it are suggested while somebody types; see `indexer.suggest_keys`."""
SUGGESTED_FACETS = ("person", "organisation", "place", "subject")

FACETS = (
    "kind",
    "level",
    "holder",
    "source",
    "access",
    "language",
    "subject",
    "person",
    "organisation",
    "place",
    "format",
    "decade",
)
FACET_VALUES = 20
WRITTEN_FACETS = frozenset({"holder", "subject", "person", "organisation", "place"})
"""Facets whose values people write: what differs only by script, variant, width or case is one value, shown in the
form that most of the hits have."""
FILTER = "filter"
"""The index field that filters ask, with a `filter_key` for each value."""
PROFILES = {
    "shape": ("kind", "level", "holder", "source", "access", "language", "format", "decade"),
    "named": ("subject", "person", "organisation", "place"),
}
"""Facets whose values, taken together, are kept as one number (`indexer.documents.profile`): resources of one shape are
many, and so are those named alike."""
FILTERS = (*FACETS, "name")
"""What hits can be limited to: the facets, and every heading as written, whatever kind of name it is."""

QUERY_FIELDS: dict[str, str] = {
    "title": "title",
    "code": "code",
    "reference_code": "code",
    "text": "text",
    "page": "page",
    "path": "path",
    **{name: name for name in (*HEADING_FIELDS, *FACETS)},
}
"""Names before the colon in `field:value`, and the field each one asks."""


def filter_key(name: str, value: str) -> str:
    """The token by which a filter finds a value, however it is written."""
    return f"{name}={fold(value) if name in WRITTEN_FACETS or name == 'name' else value}"


def facet_field(name: str) -> str:
    """The index field that holds a facet's values."""
    return f"facet_{name}"
