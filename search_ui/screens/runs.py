"""What the nights brought, for staff: how fresh each source is, the last runs, and one run in full."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

import structlog

from indexer.errors import SearchError
from pipelines.ledger import REASONS
from search_ui import paths
from search_ui.i18n import Translator
from search_ui.screens.blocks import block
from search_ui.screens.context import Here
from search_ui.screens.frame import Drawn
from search_ui.screens.staff import for_staff_only
from search_ui.services import Nights

log = structlog.get_logger(__name__)

SIZE: Final = 30
EXAMPLES: Final = 3
DELETES: Final = 20
FRESH: Final = {"ok": "now", "behind": "soon", "differs": "late"}
"""How the state of a source looks (screens.md, "Colour"): disc, diamond, sign."""
ENDS: Final = {
    "done": "now",
    "partly": "soon",
    "running": "cond",
    "failed": "late",
    "stopped": "soon",
    "interrupted": "late",
}
COUNTS: Final = ("read", "indexed", "unchanged", "skipped", "failed", "deleted", "pages")

Json = dict[str, Any]


def draw(context: Here) -> Drawn:
    """The ledger and the last runs, or the run that the address names."""
    if not paths.opens_to(context.viewer, paths.RUNS):
        return for_staff_only(context, paths.RUNS)
    nights = context.services.nights
    if name := context.parameter("run")[:100]:
        return _run(context, nights.report(name) if nights else None)
    known = nights.runs() if nights else []
    number = _page(context, len(known))
    shown = known[(number - 1) * SIZE : number * SIZE]
    more = number * SIZE < len(known)
    rows = _ledger(nights)
    block(
        "runs",
        context.words,
        runs=[_listed(run, context.words) for run in shown],
        ledger=None if rows is None else [_source(row, context.words) for row in rows],
        all_well=bool(rows) and all(row["state"] == "ok" for row in rows or ()),
        previous=_href(page=number - 1) if number > 1 else None,
        next=_href(page=number + 1) if more else None,
    )
    return Drawn(context.words.n("{count} run", "{count} runs", len(known)))


def _ledger(nights: Nights | None) -> list[Json] | None:
    """What needs somebody comes first; None while the index cannot be asked."""
    worst_first = ("differs", "behind", "ok")
    try:
        rows = nights.ledger() if nights else []
    except SearchError as error:
        log.warning("the ledger cannot be drawn up", reason=str(error))
        return None
    return sorted(rows, key=lambda row: worst_first.index(row["state"]))


def _source(row: Json, words: Translator) -> Json:
    proof = row["deletes"]
    return {
        "title": row["title"],
        "name": row["source"],
        "at_source": row["at_source"],
        "items": row["items_in_store"],
        "resources": row["resources_in_store"],
        "in_index": row["in_index"],
        "as_of": _moment(row["as_of"], words),
        "checked": proof["checked"],
        "found": proof["found"],
        "state": words.term("freshness", row["state"]),
        "class": FRESH[row["state"]],
        "reason": _reason(row["why"], row["values"], words) if row["why"] else "",
    }


def _reason(why: str, values: Json, words: Translator) -> str:
    said = {name: words.number(value) if isinstance(value, int) else value for name, value in values.items()}
    return words.t(REASONS[why][1], **said)


def _listed(run: Json, words: Translator) -> Json:
    """A run as a line of the list."""
    sources = run["sources"]
    is_partly = run["state"] == "done" and any(source["failed"] or source["held_back"] for source in sources)
    state = "partly" if is_partly else run["state"]
    held = [source["source"] for source in sources if source["held_back"]]
    return {
        "href": _href(run=run["run"]),
        "at": _moment(run["started"], words),
        "state": words.term("run_state", state),
        "class": ENDS[state],
        "sources": len(sources) or len(run["planned"]),
        "held": len(held),
        "seconds": _duration(run["seconds"], words),
        **{name: sum(source[name] for source in sources) for name in ("indexed", "deleted", "failed")},
    }


def _run(context: Here, run: Json | None) -> Drawn:
    """One run in full."""
    words = context.words
    if run is None:
        block("no_run", words)
        return Drawn()
    block(
        "run",
        words,
        run=_listed(run, words),
        name=run["run"],
        error=run["error"],
        interrupted={"name": before, "href": _href(run=before)} if (before := run["interrupted"]) else None,
        planned=run["planned"] if run["state"] == "interrupted" else [],
        sources=[_told(source, words) for source in run["sources"]],
        steps=[_step(step, words) for step in run["steps"]],
        problems=[code | {"source": source["source"]} for source in run["sources"] for code in source.get("codes", ())],
        deletes=[_deleted(source, words) for source in run["sources"] if source.get("deletes")],
        examples=EXAMPLES,
    )
    return Drawn()


def _told(source: Json, words: Translator) -> Json:
    return {
        "name": source["source"],
        "did": _counted({name: source[name] for name in COUNTS}, words),
        "seconds": _duration(source["seconds"], words),
        "reason": source["reason"],
        "braked": source["braked"],
        "retries": source["retries"],
        "waited": _duration(source["waited"], words),
        "failed": source["failed"],
        "steps": [_step(step, words) for step in source.get("steps", ())],
    }


def _step(step: Json, words: Translator) -> Json:
    return {
        "name": words.term("step", step["step"]),
        "did": _counted(step["counts"], words),
        "seconds": _duration(step["seconds"], words),
    }


def _counted(counts: Json, words: Translator) -> list[tuple[str, str]]:
    """What was counted: (word, number) of each that is not nothing."""
    return [(words.term("counted", name), words.number(number)) for name, number in counts.items() if number]


def _deleted(source: Json, words: Translator) -> Json:
    rows = source["deletes"]
    return {
        "source": source["source"],
        "rows": [{"key": row["key"], "why": words.term("gone", row["why"])} for row in rows[:DELETES]],
        "more": max(source["deleted"], len(rows)) - len(rows[:DELETES]),
    }


def _moment(value: str | None, words: Translator) -> str:
    """Day and time with the year, by the archive's clock; empty for never."""
    if value is None:
        return ""
    moment = dt.datetime.fromisoformat(value)
    return f"{moment.year}-{words.moment(moment)}"


def _duration(seconds: float, words: Translator) -> str:
    if seconds < 120:
        return words.t("{count} s", count=f"{seconds:.1f}")
    return words.t("{count} min", count=f"{seconds / 60:.0f}")


def _page(context: Here, total: int) -> int:
    given = context.parameter("page")
    last = max((total + SIZE - 1) // SIZE, 1)
    return min(max(int(given), 1), last) if given.isascii() and given.isdecimal() and len(given) < 6 else 1


def _href(**parameters: object) -> str:
    return f"{paths.RUNS}?{urlencode(parameters)}"
