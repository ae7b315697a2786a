"""What the readings of a question mean (`interpretation.readings`), in words for people."""

from __future__ import annotations

from typing import Any

from indexer.understanding.named import FIELDS
from search_ui.i18n import Translator

Json = dict[str, Any]


def meaning(reading: Json, words: Translator) -> str:
    """What a reading means, where its own words do not say it."""
    match reading["kind"]:
        case "years":
            spans = reading.get("spans") or [(reading["from"], reading["to"])]
            return " / ".join(span(first, last, words) for first, last in spans)
        case "language":
            return words.language_name(reading["value"])
        case "format":
            kind = words.term("material", reading["value"])
            return words.t("kind of material") if kind == reading["text"].lower() else kind
        case "intent":
            return words.term("intent", reading["value"])
        case "filler":
            return words.t("left out")
    title = reading["value"] if reading.get("authority") and reading["value"] != reading["text"] else None
    return " ".join(filter(None, (words.term("facet", reading["kind"] if is_name(reading) else "name"), title)))


def is_name(reading: Json) -> bool:
    """Does a reading say only what kind of heading a word is?"""
    return reading["kind"] in FIELDS


def span(first: int | None, last: int | None, words: Translator) -> str:
    """Years from one to another, or up to or from one on."""
    if first is None:
        return words.t("to {year}", year=last)
    if last is None:
        return words.t("from {year}", year=first)
    return str(first) if first == last else f"{first}–{last}"
