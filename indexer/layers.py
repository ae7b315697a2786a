"""Among whose words a text counts: fields are kept apart by who may read them, so that the statistics which score a
text for a viewer are those of texts this viewer may read.

BM25 scores a word by how many texts have it. Were hidden texts counted, the score of a text one may read would tell
whether others have its words, too. So a description that only staff may know of stands in fields of its own, and the
text of a page in those of its access value. What is closed opens by the day, in fields that hold what is closed still:
readers find in them, and nothing scores there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from indexer.fields import ABOUT, DESCRIPTION, PAGE, PART, TEXTS, TextField
from indexer.plan import Rights

EVERYONE, STAFF, CLOSED = "", "_s", "_c"
OF_LEVEL: Mapping[str, str] = {
    "open": EVERYONE,
    "registered": "_r",
    "onsite": "_o",
    "closed": CLOSED,
    "restricted": STAFF,
    "internal": STAFF,
}
"""The layer of a text, by the access value of who may read it."""
Fields = tuple[TextField, ...]


def of_audience(viewers: Sequence[str]) -> str:
    """The layer of a description that these audiences find."""
    return EVERYONE if "reader" in viewers else STAFF


def every_field() -> Iterator[TextField]:
    """Every field of running text in each layer it is kept in."""
    for field in TEXTS:
        layers = OF_LEVEL.values() if field in (PAGE, PART) else (EVERYONE, STAFF)
        yield from (field.within(layer) for layer in dict.fromkeys(layers))


def layered(document: dict[str, Any], layer: str) -> dict[str, Any]:
    """A document with its running texts in a layer."""
    return {_names(layer).get(key, key): value for key, value in document.items()} if layer else document


@lru_cache(maxsize=8)
def _names(layer: str) -> dict[str, str]:
    moved = [(field, field.within(layer)) for field in TEXTS]
    return {
        before: after
        for old, new in moved
        for before, after in ((old.word_layer, new.word_layer), (old.gram_layer, new.gram_layer))
    }


def descriptions(rights: Rights, field: TextField = DESCRIPTION) -> Fields:
    """What "its description" is for these rights."""
    return (field, field.within(STAFF)) if rights.scope == "staff" else (field,)


def of_copy(viewers: Sequence[str]) -> str:
    """The layer of a de-identified copy: that of everyone, since nobody but its readers may not know what is in it. A
    record that only staff may know of is found by few of them in its copy, and nothing scores there.
    """
    return EVERYONE if "reader" in viewers else CLOSED


@lru_cache(maxsize=64)
def own_pages(rights: Rights, field: TextField = PAGE) -> Fields:
    """The texts of pages that these rights may read. Where they read some of a layer, what opened by the day or what
    belongs to their places, they find in it and nothing scores.
    """
    layers = dict.fromkeys(OF_LEVEL[level] for level in sorted(rights.levels))
    partly = dict.fromkeys(OF_LEVEL.values() if rights.places else (CLOSED,))
    found = (field.within(layer, weight=0.0) for layer in partly if layer not in layers)
    return (*(field.within(layer) for layer in layers), *found)


def pages(rights: Rights) -> Fields:
    """What stands in a page document: the page's own text, and the description of its resource so that both together
    can match."""
    return (*own_pages(rights), *descriptions(rights, ABOUT))


def parts(rights: Rights, of_page: bool) -> Fields:
    """Parts of a long page, or of a long description."""
    return own_pages(rights, PART) if of_page else descriptions(rights, PART)


def are_pages(fields: Fields) -> bool:
    """Are these the texts of page documents?"""
    return any(field.name == PAGE.name for field in fields)


def are_descriptions(fields: Fields) -> bool:
    """Are these whole descriptions?"""
    return any(field.name == DESCRIPTION.name for field in fields)


def beside(fields: Fields, asked: TextField) -> Fields:
    """A field that is asked for by name, where one looks in some fields: in a description all of its own, in a page its
    text."""
    holder = PAGE.name if asked.name == PAGE.name else DESCRIPTION.name
    return tuple(asked.within(field.layer, min(field.weight, 1.0)) for field in fields if field.name == holder)
