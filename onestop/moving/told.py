"""What `onestop migrate` did, for people: a row a part, a row a table of the desk, and what is to be done now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from onestop.console import new_table, say, show, styled
from onestop.settings import FILE_NAME

STATES = {
    "moved": "moved, and compared",
    "there": "was there already, and is the same",
    "empty": "there is nothing to move",
    "to move": "to be moved",
    "stays": "stays where it is",
}
DIGITS = 16
"""Of a digest, in a table that is to fit a terminal; --json has all of it."""


def put(report: Mapping[str, Any]) -> None:
    """Print it."""
    table = new_table("Part", "From", "To", "What", "Count", "MiB", "SHA-256", "")
    for part in report["parts"]:
        moves = part["state"] != "stays"
        size = "" if part["bytes"] is None else f"{part['bytes'] / (1 << 20):,.1f}"
        table.add_row(
            *map(
                styled, (part["part"], part["source"], part["target"] if moves else "", part["unit"] if moves else "")
            ),
            *map(styled, (f"{part['count']:,}" if moves else "", size, _short(part["digest"]), STATES[part["state"]])),
        )
    show(table)
    if report["tables"]:
        rows = new_table("Table", "Rows", "Digest")
        for each in report["tables"]:
            rows.add_row(*map(styled, (each["table"], f"{each['rows']:,}", _short(each["digest"]))))
        show(rows)
    for message in _messages(report):
        say(message)


def _messages(report: Mapping[str, Any]) -> list[str]:
    lost = report["lost"]
    told = [f"Not in the new index: {', '.join(lost[:5])}{' and more' if len(lost) > 5 else ''}."] if lost else []
    lines = "".join(
        f"\n    {key} = {json.dumps(value, ensure_ascii=False)}" for key, value in report["settings"].items()
    )
    if report["dry_run"]:
        told.append("Nothing was written. The same command without --dry-run moves it.")
    elif report["kept"]:
        told.append(
            f"{FILE_NAME} names the new places; the old lines are kept in {report['kept']}. Start `onestop serve` anew."
        )
    else:
        told.append(
            f"Nothing uses the new places yet. Put this into {FILE_NAME}, and start `onestop serve` anew:{lines}"
        )
    return told


def _short(digest: str | None) -> str:
    return (digest or "")[:DIGITS]
