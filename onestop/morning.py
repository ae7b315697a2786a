"""`onestop report`: what a run did, how fresh each source is, and which problems hold now - as data, and as text.

On a terminal these are tables; a pipe gets a line each, so that it can be searched.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from indexer.errors import SearchError
from mappings.mistakes import nearest
from onestop.console import clean, new_table, say, show, styled
from onestop.errors import UnknownName

if TYPE_CHECKING:
    from onestop.wiring import Workspace

Json = dict[str, Any]
STYLES = {"ok": "green", "behind": "yellow", "differs": "bold red", "done": "green", "running": "cyan"}
OUTCOMES = {"error": "failed", "skip": "skipped", "note": "noted"}
ENDED_WELL = ("done", "running")


# As data


def told(here: Workspace, run: str | None, source: str | None) -> Json:
    """`run`: its report, None before the first. `ledger`: how fresh each source is, when no run was named; None, with
    the reason in `ledger_error`, when the index cannot be asked. `ok`: is all well?

    Raises UnknownName for a run or source there is not.
    """
    report = here.nights.report(run)
    if report is None and run is not None:
        runs = [one["run"] for one in here.nights.runs()]
        raise UnknownName(f"There is no run {run!r}, or more than one begins so: {nearest(run, runs[:20])}")
    ledger, error = (None, None) if run is not None else _ledger(here)
    if source is not None:
        known = {one["source"] for one in [*(report["sources"] if report else ()), *(ledger or ())]}
        if source not in known:
            raise UnknownName(f"There is no source {source!r} in this report: {nearest(source, known)}")
        ledger = ledger and [row for row in ledger if row["source"] == source]
        report = report and report | {"sources": [one for one in report["sources"] if one["source"] == source]}
    is_fresh = error is None and all(row["state"] == "ok" for row in ledger or ())
    return {"ok": is_fresh and _went_well(report), "run": report, "ledger": ledger, "ledger_error": error}


def _ledger(here: Workspace) -> tuple[list[Json] | None, str | None]:
    try:
        return here.nights.ledger(), None
    except SearchError as error:
        return None, str(error)


def _went_well(report: Json | None) -> bool:
    if report is None:
        return True
    clean_sources = all(not (source["failed"] or source["held_back"]) for source in report["sources"])
    return report["state"] in ENDED_WELL and clean_sources


def problems(here: Workspace, source: str | None) -> Json:
    """The problems that hold now, and how many there are of each code. `ok`: did no record fail?

    Raises UnknownName for a source there is not.
    """
    known = set(here.store.current("source", ["source"])["source"].to_pylist()) | set(here.readable_sources())
    if source is not None and source not in known:
        raise UnknownName(f"There is no source {source!r}: {nearest(source, known)}")
    listed = list(here.nights.problems(source))
    codes: dict[str, int] = {}
    for problem in listed:
        codes[problem["code"]] = codes.get(problem["code"], 0) + 1
    return {
        "ok": all(problem["outcome"] != "error" for problem in listed),
        "total": len(listed),
        "codes": [
            {"code": code, "count": codes[code]} for code in sorted(codes, key=lambda code: (-codes[code], code))
        ],
        "problems": listed,
    }


# As text


def put(document: Json) -> None:
    """What `told` or `problems` gave, for a person."""
    if "problems" in document:
        _put_problems(document)
        return
    if document["ledger"] is not None:
        _put_ledger(document["ledger"])
    if document["ledger_error"]:
        say(clean(f"How fresh the index is cannot be told: {document['ledger_error']}"))
    if document["run"] is None:
        show(styled("No run has been recorded yet; `onestop sync` makes one."))
    else:
        _put_run(document["run"])


def _put_ledger(rows: list[Json]) -> None:
    """Items are compared between source and store, resources between store and index."""
    show(styled("How fresh each source is", "bold"))
    if not sys.stdout.isatty():
        headings = ("Source", "Items at source", "Items in store", "Resources in store", "Resources in index", "As of")
        _put_table((*headings, "Deletes", "State", "Why"), map(_ledger_line, rows))
        return
    lines = []
    for row in rows:
        items = f"{_number(row['at_source'])} / {row['items_in_store']:,}"
        resources = f"{row['resources_in_store']:,} / {row['in_index']:,}"
        state = styled(row["state"], STYLES[row["state"]])
        lines.append([row["source"], items, resources, _moment(row["as_of"]), _deletes(row), state])
    _put_table(("Source", "Items: there / stored", "Resources: stored / found", "As of", "Deletes", "State"), lines)
    for row in rows:
        if row["reason"]:
            show(styled(f"{row['source']}: {row['reason']}"))


def _ledger_line(row: Json) -> list[object]:
    counts = (row["at_source"], row["items_in_store"], row["resources_in_store"], row["in_index"])
    return [
        row["source"],
        *map(_number, counts),
        _moment(row["as_of"]),
        _deletes(row),
        row["state"],
        row["reason"],
    ]


def _deletes(row: Json) -> str:
    """Of the records deleted last, how many were looked for in the index, and how many were found there."""
    proof = row["deletes"]
    return f"{proof['checked']:,} looked for, {proof['found']:,} found" if proof["checked"] else "none"


def _put_run(run: Json) -> None:
    show(styled(f"Run {run['run']}: {run['state']}, {_seconds(run['seconds'])}", "bold"))
    if run["state"] == "interrupted":
        show(
            styled(
                "It never told its end: the next run goes on where it was stopped. It was to read: "
                + ", ".join(run["planned"])
            )
        )
    if run["interrupted"]:
        show(styled(f"The run before it, {run['interrupted']}, never told its end."))
    if run["error"]:
        show(styled(run["error"]))
    steps = [line for source in run["sources"] for line in _step_lines(source)]
    steps += _run_lines(run)
    if steps:
        _put_table(("Source", "Step", "Time", "What was done"), steps)
    for source in run["sources"]:
        _put_notes(source)
        _put_codes(source)


def _step_lines(source: Json) -> Iterator[list[object]]:
    """A line for the source as a whole, and one for each of its steps."""
    counts = ("read", "indexed", "unchanged", "skipped", "failed", "deleted", "pages")
    did = _counts({name: source[name] for name in counts})
    yield [source["source"], "", _seconds(source["seconds"]), did or "nothing"]
    for step in source.get("steps", ()):
        yield ["", step["step"], _seconds(step["seconds"]), _counts(step["counts"])]


def _run_lines(run: Json) -> Iterator[list[object]]:
    for step in run["steps"]:
        yield ["all sources", step["step"], _seconds(step["seconds"]), _counts(step["counts"])]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number)


def _put_notes(source: Json) -> None:
    """What concerns the source as a whole."""
    name = source["source"]
    if source["retries"]:
        show(styled(f'{name}: said "later" {source["retries"]:,} times, {_seconds(source["waited"])} waited in all'))
    if source["braked"]:
        show(styled(f"{name}: its deletes wait for your word; look, then onestop sync {name} --allow-deletes"))
    if deletes := source.get("deletes"):
        why: dict[str, list[str]] = {}
        for one in deletes:
            why.setdefault(one["why"], []).append(one["key"])
        for reason, keys in why.items():
            more = f" and {len(keys) - 3:,} more" if len(keys) > 3 else ""
            show(styled(f"{name}: deleted, {reason}: {', '.join(keys[:3])}{more}"))


def _put_codes(source: Json) -> None:
    """Its problems by code, with an example each."""
    lines = []
    for found in source.get("codes", ()):
        first = found["examples"][0]
        where = ", ".join(part for part in (first["item"], first["position"]) if part)
        told_first = f"{where}: {first['reason']}" if where else first["reason"]
        lines.append([source["source"], found["code"], f"{found['count']:,}", told_first, first["hint"]])
    if lines:
        _put_table(("Source", "Problem", "Times", "For example", "What to do"), lines)


def _put_problems(document: Json) -> None:
    lines = [
        [
            problem["source"],
            problem["code"],
            OUTCOMES[problem["outcome"]],
            ", ".join(part for part in (problem["item"], problem["position"]) if part),
            problem["reason"],
            problem["hint"],
        ]
        for problem in document["problems"]
    ]
    if lines:
        _put_table(("Source", "Problem", "Outcome", "Where", "What", "What to do"), lines)
    show(styled(f"{document['total']:,} problems hold now"))


def _put_table(headings: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """A table on a terminal; elsewhere a line a row, cells apart by tabs, for other programs to take apart."""
    if not sys.stdout.isatty():
        for line in (headings, *lines):
            print("\t".join(" ".join(clean("" if cell is None else cell).split()) for cell in line))
        print()
        return
    made = new_table(*headings)
    for line in lines:
        made.add_row(*(cell if isinstance(cell, Text) else styled(cell) for cell in line))
    show(made)


def _number(value: int | None) -> str:
    return "not told" if value is None else f"{value:,}"


def _moment(value: str | None) -> str:
    """To the minute, by the clock of the machine."""
    if value is None:
        return "never"
    return dt.datetime.fromisoformat(value).astimezone().strftime("%Y-%m-%d %H:%M")


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"
