"""What a person reads in the terminal: answers on stdout, messages on stderr (and `progress`, in its own module).

Catalogue text is never markup here: it goes into `rich.text.Text`, which knows no markup, and without control
characters, which a terminal would obey.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from onestop.progress import progress as progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

Json = Mapping[str, Any]
PIPE_WIDTH = 160


def say(message: str) -> None:
    """A message for the person who typed the command, on stderr."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def put_json(document: object) -> None:
    """One JSON document on stdout, in UTF-8 whatever the locale, and a newline."""
    import orjson

    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def put_suggestions(found: Json) -> None:
    """Suggestions, group by group: what each is, on how many records, and which resource it opens."""
    if not found["groups"]:
        show(styled("No suggestions."))
        return
    table = new_table("", "Suggestion", "Records", "What it is", "Id")
    for group in found["groups"]:
        for item in group["items"]:
            told = [item.get(name) for name in ("form", "kind", "title", "level", "reference_code", "dates")]
            about = " · ".join(text for text in dict.fromkeys(told) if text and text != item["text"])
            count = "" if item["count"] is None else f"{item['count']:,}"
            table.add_row(*map(styled, (group["group"], item["text"], count, about, item["id"] or "")))
    show(table)


def put_resource(resource: Json) -> None:
    """One resource in full, field by field."""
    show(styled(resource["title"], "bold"))
    context = " > ".join(ancestor["title"] for ancestor in resource.get("ancestors", ()))
    facts = {
        "id": resource["id"],
        "in": context,
        "code": resource.get("reference_code"),
        "level": resource.get("level"),
        "dates": dates(resource),
        "holder": resource.get("holder"),
        "access": resource.get("access"),
        "rights": _rights(resource["rights"]),
        "can be had": available(resource),
        **resource.get("description", {}),
        "holdings": _lines(map(_holding, resource.get("holdings", ()))),
        "copies": _lines(map(_copy, resource.get("copies", ()))),
        "entries": _lines(
            f"{entry['source_title']}: {_pairs(entry['values'])}" for entry in resource.get("entries", ())
        ),
        "joined by": _lines(f"{link['rule']} {link['value']}" for link in resource.get("links", ())),
        "sources": _lines(f"{source['source']}:{source['source_id']}" for source in resource.get("sources", ())),
        "below it": resource.get("children_total") or None,
    }
    table = new_table("", "", show_header=False)
    for name, value in facts.items():
        if value:
            table.add_row(styled(name.replace("_", " "), "dim"), styled(value))
    show(table)


def put_sync(report: Json) -> None:
    """What a run did, a row a source, and the first problems of each."""
    counts = ("read", "indexed", "unchanged", "skipped", "failed", "deleted", "pages")
    table = new_table("Source", *(count.capitalize() for count in counts), "Seconds")
    for source in report["sources"]:
        table.add_row(
            styled(source["source"]),
            *(f"{source.get(count, 0):,}" for count in counts),
            f"{source.get('seconds', 0):.1f}",
        )
    show(table)
    for source in report["sources"]:
        _putdates(source)
        _put_problems(source["source"], source.get("problems", ()), source.get("problems_total"))


def _putdates(source: Json) -> None:
    """How many dates were not understood, when some were not."""
    dates = source.get("dates") or {}
    if dates.get("unread"):
        say(clean(f"{source['source']}: {dates['unread']:,} of {dates['written']:,} dates name no time we understand"))


def put_facts(facts: Json) -> None:
    """A small report, name and value."""
    table = new_table("", "", show_header=False)
    for name, value in facts.items():
        table.add_row(
            styled(name.replace("_", " "), "dim"), styled(_pairs(value) if isinstance(value, Mapping) else value)
        )
    show(table)


def put_checks(checks: Iterable[Json]) -> None:
    """The doctor's findings, a line each."""
    table = new_table("", "", "", show_header=False)
    for check in checks:
        mark = styled("ok", "green") if check["ok"] else styled("wrong", "bold red")
        table.add_row(mark, styled(check["name"]), styled(check["detail"]))
    show(table)


def put_themes(told: Json) -> None:
    """Each theme with how many records it has, and what is wrong with it."""
    table = new_table("", "", "", show_header=False)
    for theme in told["themes"]:
        mark = styled("wrong", "bold red") if theme["problems"] else styled("ok", "green")
        records = "" if theme["records"] is None else _number(theme["records"], "record")
        table.add_row(mark, styled(theme["theme"]), styled(": ".join(filter(None, (theme["title"], records)))))
        for problem in theme["problems"]:
            line = f" (line {problem['line']})" if problem["line"] else ""
            table.add_row("", styled(f"{problem['place']}{line}"), styled(problem["what"]))
    show(table)


def put_source_check(report: Json) -> None:
    """A few items of a source, the records they give, what stays unmapped and what is wrong."""
    looked = f"{_number(report['records_seen'], 'record')} of {_number(len(report['items']), 'item')} looked at"
    show(styled(f"{report['title']}: {looked}; access: {report['access_note']}"))
    if report["proposal"]:
        _put_proposal(report["proposal"])
        show(styled("\nUntil it has columns, the records are:"))
    for record in report["records"]:
        show(styled(f"\n{record['title']}", "bold"))
        put_facts({name: record[name] for name in record if _is_fact(name, record[name])})
    if report["crosswalk"]:
        show(styled(f"\nCrosswalk: {report['crosswalk']}"))
    if report["unmapped"]:
        show(styled("\nNot mapped: " + ", ".join(report["unmapped"])))
    if report["dates_unread"]:
        show(styled("\nDates not understood: " + "; ".join(report["dates_unread"])))
    _put_problems(report["source"], report["problems"])


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _put_proposal(proposal: Json) -> None:
    """Which field each column of a sheet may be, and why."""
    show(styled(f"\nColumns of {proposal['item']}, as proposed; --write FILE makes a source file of it"))
    table = new_table("Header", "For example", "Field", "Sure", "Why")
    for column in proposal["columns"]:
        field = column["field"]
        row = (column["header"], (column["sample"] or "")[:40], field or "(a value)", f"{column['confidence']:.2f}")
        table.add_row(*map(styled, (*row, column["why"])))
    show(table)


def _is_fact(name: str, value: object) -> bool:
    return name != "title" and isinstance(value, str | int | Mapping) and bool(value)


def _put_problems(source: str, problems: Iterable[Json], total: int | None = None, shown: int = 10) -> None:
    """The first problems, and how many more there are (`total` counts those, too, that the report leaves out). What is
    said of many rows in the same words is said once.
    """
    listed = list(problems)
    alike: dict[tuple[str, ...], list[Json]] = {}
    for problem in listed:
        said = tuple(str(problem.get(key) or "") for key in ("reason", "hint", "code"))
        alike.setdefault(said, []).append(problem)
    groups = list(alike.values())
    for group in groups[:shown]:
        say(clean(_problem_line(source, group)))
    left = (total or len(listed)) - sum(map(len, groups[:shown]))
    if left > 0:
        where = "onestop report --problems lists them all" if left + shown > len(listed) else "see them all with --json"
        say(f"{source}: {left:,} more problems; {where}.")


def _problem_line(source: str, group: list[Json]) -> str:
    """The first of some problems that are told in the same words, and how many they are."""
    problem = group[0]
    places = dict.fromkeys(str(problem[key]) for key in ("item", "position") if problem.get(key))
    what = ": ".join(part for part in (source, ", ".join(places), problem["reason"]) if part)
    hint = f" -> {problem['hint']}" if problem.get("hint") else ""
    code = f" ({problem['code']})" if problem.get("code") else ""
    return what + hint + code + (f", and {len(group) - 1:,} more like it" if len(group) > 1 else "")


def dates(hit: Json) -> str | None:
    dates = hit.get("dates") or {}
    return dates.get("text")


def _rights(told: Json) -> str:
    """The four questions, each with its answer, and what they rest on."""
    answers = ", ".join(f"{name} {told[name].replace('_', ' ')}" for name in ("know", "describe", "read", "copy"))
    why = (told[name] for name in ("article", "reason", "copy_reason"))
    return "; ".join(filter(None, (answers, *why)))


def available(hit: Json) -> str:
    return ", ".join(_offer(offer) for offer in hit.get("available", ()))


def _offer(offer: Json) -> str:
    days = offer.get("working_days")
    when = f"{days} d" if days is not None else offer.get("from", "")
    return f"{offer['action'].replace('_', ' ')} {when}".rstrip()


def _holding(holding: Json) -> str:
    notes = (holding.get(key) for key in ("form", "extent", "note"))
    return ", ".join([*holding.get("containers", ()), *filter(None, notes)])


def _copy(copy: Json) -> str:
    pages = f"{copy['page_count']} pages, " if copy.get("page_count") else ""
    return pages + str(copy.get("url") or copy.get("pages_url") or copy.get("title") or "")


def _pairs(values: Json) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items() if value not in (None, "", [], {}))


def _lines(values: Iterable[str | None]) -> str:
    return "\n".join(value for value in values if value)


def clean(value: object) -> str:
    """The value as text without anything a terminal would obey."""
    return "".join(char for char in str(value) if char.isprintable() or char == "\n")


def styled(value: object, style: str = "") -> Text:
    """The value as text that is no markup."""
    from rich.text import Text

    return Text("" if value is None else clean(value), style=style)


def new_table(*headings: str, show_header: bool = True) -> Table:
    """A table whose cells take as many lines as they need."""
    from rich import box
    from rich.table import Column, Table

    columns = [Column(heading, overflow="fold") for heading in headings]
    return Table(*columns, box=box.SIMPLE if show_header else None, show_header=show_header, pad_edge=False)


def _console() -> Console:
    from rich.console import Console

    # A file or a pipe has no edge to wrap at; a terminal tells its own.
    return Console(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def show(renderable: Text | Table) -> None:
    """Text or a table on stdout."""
    _console().print(renderable)
