"""What to ask instead: other spellings, and what is one step wider, each with its count and its address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from indexer.nothing import units
from indexer.query import Query
from search_ui import address
from search_ui.i18n import Translator
from search_ui.screens import facets

Json = dict[str, Any]


def view(query: Query, interpretation: Json, words: Translator) -> Json:
    """What the block of markup ``advice`` shows, of `interpretation.did_you_mean` and `interpretation.wider`."""
    steps = interpretation["wider"]
    return {
        "meant": [
            {**other, "href": address.href(address.with_text(query, other["text"]))}
            for other in interpretation["did_you_mean"]
        ],
        "all_words": units(tuple(interpretation["words"]), [said["text"] for said in interpretation["readings"]]),
        "nearest": [_shown(query, step, words) for step in steps if step["kind"] == "words"],
        "wider": [_shown(query, step, words) for step in steps if step["kind"] != "words"],
    }


def _shown(query: Query, step: Json, words: Translator) -> Json:
    asked = step["query"]
    wider = replace(
        query,
        text=asked["q"],
        filters=_filters(asked["filter"]),
        year_from=asked["from"],
        year_to=asked["to"],
        within=asked["in"],
        offset=0,
    )
    return {
        "text": _label(step, words),
        "href": address.href(wider),
        "count": step["count"],
        "dropped": step["dropped"],
    }


def _filters(statements: Iterable[str]) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for field, _, value in (statement.partition(":") for statement in statements):
        chosen[field] = (*chosen.get(field, ()), value)
    return chosen


def _label(step: Json, words: Translator) -> str:
    """In what a step is wider."""
    asked = step["query"]
    match step["kind"]:
        case "years" if asked["from"] is None and asked["to"] is None:
            return words.t("Whatever the years")
        case "years":
            return words.t("In wider years: {years}", years=f"{_year(asked['from'])}–{_year(asked['to'])}")
        case "holder":
            return words.t("At other holders, too")
        case "within":
            return words.t("In all collections")
        case "everywhere":
            return words.t("Without filters and years")
        case "script":
            return words.t("In any script: {text}", text=asked["q"])
        case "filter":
            dropped = _filters(step["dropped"])
            values = (
                facets.value_label(field, one, None, words) for field, chosen in dropped.items() for one in chosen
            )
            return words.t("Without “{value}”", value=" · ".join(values))
    return str(asked["q"])


def _year(year: int | None) -> str:
    return "" if year is None else str(year)
