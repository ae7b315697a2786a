"""What was found, as a person reads it in the terminal: hits, alone or by fonds, and records like one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from onestop.console import available, dates, new_table, say, show, styled

Json = Mapping[str, Any]


def put_hits(answer: Json) -> None:
    """The hits of a search: what each is, where it is, what can be had."""
    relaxed = " (most words, as none has them all)" if answer["interpretation"].get("relaxed") else ""
    if answer["partial"]:
        say("A part of the index did not answer: records may be missing, and counts too low; see onestop doctor.")
    _put_understood(answer["interpretation"])
    _put_advice(answer["interpretation"])
    if answer["groups"]:
        show(styled(f"{answer['total']:,} found{relaxed}, the best of {len(answer['groups'])} fonds shown"))
        for group in answer["groups"]:
            fonds = group["fonds"]
            show(styled(f"\n{fonds['title']}: {group['count']:,} found ({fonds['id']})", "bold"))
            _put_table(group["hits"])
        return
    folded = f", {answer['folded']:,} folded" if answer["folded"] else ""
    show(styled(f"{answer['total']:,} found{relaxed}, {len(answer['hits'])} shown{folded}"))
    if answer["hits"]:
        _put_table(answer["hits"])


def _put_understood(interpretation: Json) -> None:
    """What the words were read as, a line each; first the one record whose code was typed."""
    from search_ui.i18n import Translator
    from search_ui.readings import meaning

    words = Translator("en")
    if interpretation["record"]:
        show(styled(f"The record with this code: {interpretation['record']}", "bold"))
    for code in interpretation["notes"]:
        show(styled(words.term("note", code)))
    for reading in interpretation["readings"]:
        show(styled(f"{reading['text']}: {meaning(reading, words)} (--plain '{reading['key']}')", "dim"))
    for typed, others in interpretation["expanded"].items():
        show(styled(f"{typed}: also {', '.join(others)} (--no-synonyms)", "dim"))


def _put_advice(interpretation: Json) -> None:
    """What to ask instead, each with how many it finds; fewer words as one would type them."""
    for other in interpretation["did_you_mean"]:
        show(styled(f"Did you mean: {other['text']} ({other['count']:,})", "bold"))
    for step in interpretation["wider"]:
        asked, left_out = step["query"], " · ".join(step["dropped"])
        if step["kind"] == "words":
            show(styled(f"Without {left_out}: {asked['q']} ({step['count']:,})", "dim"))
        else:
            show(styled(f"{_WIDER[step['kind']].format(left_out)} ({step['count']:,})", "dim"))


_WIDER = {
    "script": "In any script",
    "years": "In wider years",
    "holder": "At other holders, too: without {}",
    "filter": "Without the filter {}",
    "within": "In all collections",
    "everywhere": "Without filters and years",
}


def put_similar(found: Json) -> None:
    """Records like one, and what they have in common."""
    show(styled(f"{len(found['items'])} similar records"))
    if found["items"]:
        table = new_table("Title", "Code", "Dates", "In common", "Id")
        for hit in found["items"]:
            common = "; ".join(f"{reason['kind']}: {', '.join(reason['values'])}" for reason in hit["reasons"])
            table.add_row(*map(styled, (hit["title"], hit["reference_code"], dates(hit), common, hit["id"])))
        show(table)


def _put_table(hits: Iterable[Json]) -> None:
    table = new_table("Title", "Code", "Dates", "Holder", "Can be had (d: working days)", "Id")
    for hit in hits:
        row = (_title(hit), hit.get("reference_code"), dates(hit), hit.get("holder"), available(hit), hit["id"])
        table.add_row(*map(styled, row))
    show(table)


def _title(hit: Json) -> str:
    """The title, and for how many others it stands."""
    others = (hit["more"]["count"] if hit["more"] else 0) + len(hit["same"])
    return f"{hit['title']} (and {others:,} alike)" if others else str(hit["title"])
