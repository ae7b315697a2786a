"""Suggestions as people are shown them: headings of groups, a hint, and where each leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from search_ui import address, paths
from search_ui.i18n import Translator

Json = dict[str, Any]
LABELS: Final = {"codes": "Reference codes", "names": "Names", "subjects": "Subjects", "titles": "Titles"}
"""The heading of each group, an English msgid of the domain ``app``."""


def shown(answer: Json, words: Translator) -> Json:
    """The answer with a ``label`` for each group, and a ``hint`` and an ``href`` for each item."""
    groups = [
        {
            **group,
            "label": words.t(LABELS[group["group"]]),
            "items": [{**item, "hint": hint(item, words), "href": href(item)} for item in group["items"]],
        }
        for group in answer["groups"]
    ]
    total = sum(len(group["items"]) for group in groups)
    said = words.n("{count} suggestion", "{count} suggestions", total) if total else words.t("No suggestions")
    return {**answer, "groups": groups, "said": said}


def href(item: Json) -> str:
    """A title or a code opens its resource; a name, a subject or a title of several is searched for."""
    if item["id"]:
        return paths.record(item["id"])
    search = item["search"]
    field, colon, value = search.get("filter", "").partition(":")
    query = replace(address.NEW, filters={field: (value,)}) if colon else address.with_text(address.NEW, search["q"])
    return address.href(query)


def hint(item: Json, words: Translator) -> str:
    """What tells an item apart: of a resource code, level, dates and holder, of a name its kind and how often."""
    return " · ".join(filter(None, _told(item, words)))


def _told(item: Json, words: Translator) -> Iterator[str | None]:
    if item.get("form"):
        yield words.t("also {form}", form=item["form"])
    if item.get("kind") and item["kind"] != "subject":
        yield words.term("facet", item["kind"])
    if item["count"] is not None:
        yield words.n("{count} record", "{count} records", item["count"])
        return
    yield item.get("title")
    yield item.get("reference_code") if not item.get("title") else None
    yield words.term("level", item["level"]) if item.get("level") else None
    yield item.get("dates")
    yield item.get("holder")
