"""The names in one record: which of its texts are read, and what becomes of what is found there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mappings.record import Mention, Record
from mappings.text import fold
from pipelines.enrichment.found import chosen
from pipelines.enrichment.languages import Finder
from pipelines.enrichment.resolve import Resolver, years_of

MOST_CHARACTERS = 20_000
"""Of a description that are read: an abstract of a megabyte is a book that lost its way."""
MOST_MENTIONS = 500
"""That a record keeps."""
_UNREAD = frozenset({
    "access_conditions", "reproduction_conditions", "language_note", "preferred_citation", "processing",
    "retention_period", "security_class", "carrier", "page_count",
})  # fmt: skip
"""Texts about the paper, not about what is on it: they name the archive itself, again and again."""


def texts_of(record: Record) -> Iterator[tuple[str, str]]:
    """(field, text) of what everyone who may know of the record may read. Staff notes are never among it; the title of
    an authority is a name already.
    """
    if record.authority is None and not record.supplied_title:
        yield "title", record.title[:MOST_CHARACTERS]
    for field, text in record.description.items():
        if field not in _UNREAD and field != "title":
            yield field, text[:MOST_CHARACTERS]


def mentions_of(record: Record, finder: Finder, key: str = "") -> tuple[Mention, ...]:
    """The names found in a record, in the order of its texts. `key` is its ``SOURCE:SOURCE_ID``: an authority does not
    mention itself.
    """
    texts = list(texts_of(record))
    claims = [(field, text, finder.claims(text)) for field, text in texts]
    if not any(found for _, _, found in claims):
        return ()
    said = [text for _, text in texts]
    resolver = Resolver(finder.entries, years_of(record.dates, said), said)
    held = ((field, text, one) for field, text, ones in claims for one in chosen(filter(resolver.holds, ones)))
    found = (resolver.mention(field, text, one) for field, text, one in held)
    return tuple(islice((one for one in found if not _is_itself(one, record, key)), MOST_MENTIONS))


def _is_itself(mention: Mention, record: Record, key: str) -> bool:
    return record.authority is not None and (mention.authority == key or fold(mention.text) == fold(record.title))
