"""Commands for the stacks: `onestop stacks ...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onestop import console
from onestop.errors import SettingsError
from onestop.options import JsonOption, WorkspaceOption, remember
from onestop.user_commands import who

if TYPE_CHECKING:
    from service_desk.stacks.importing import ImportReport, RowReport

app = typer.Typer(help="The stacks: where everything lies.", no_args_is_help=True)
app.callback()(remember)
SHOWN = 200
"""Rows of a report that are shown; `--json` has all."""


@app.command("import")
def stacks_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table: CSV or XLSX.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each row.")] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a table of places into the register: buildings, rooms, rows, shelves, boxes and what lies in them. What can
    be read is taken; every row that is not ends in the report, with what is wrong and what to do. Exit code 1 when
    there are such rows."""
    from service_desk.errors import Invalid

    try:
        data = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}; name a CSV or XLSX file.") from error
    with context.obj.open(workspace) as here:
        try:
            report = here.desk.stacks.register.bring_in(data, file.name, who(), dry_run=dry_run)
        except Invalid as error:
            raise SettingsError(f"{file}: {error.errors[0].message}") from error
    if json:
        console.put_json(_told(report))
    else:
        _show(report)
    if report.count("rejected"):
        raise typer.Exit(1)


def _told(report: ImportReport) -> dict[str, Any]:
    """The report as plain data."""
    counts = {outcome: report.count(outcome) for outcome in ("added", "changed", "unchanged", "rejected")}
    return {"dry_run": report.dry_run, **counts, "kept": report.kept, "rows": [_row(row) for row in report.rows]}


def _row(row: RowReport) -> dict[str, Any]:
    told: dict[str, Any] = {"row": row.row, "barcode": row.barcode, "outcome": row.outcome}
    if row.code:
        told |= {"code": row.code, "wrong": row.wrong, "advice": row.advice}
    return told | {"changes": list(row.changes), "taken_out": list(row.taken_out)}


def _show(report: ImportReport) -> None:
    """Rows that somebody has to look at, and how many there were of each."""
    rejected = [row for row in report.rows if row.code]
    if rejected:
        table = console.new_table("Row", "Barcode", "What is wrong", "What to do")
        for row in rejected[:SHOWN]:
            table.add_row(*map(console.styled, (str(row.row), row.barcode, row.wrong, row.advice)))
        console.show(table)
    for row in (row for row in report.rows if row.taken_out):
        console.say(f"{row.barcode}: no longer has {'; '.join(row.taken_out)}")
    would = "would be " if report.dry_run else ""
    console.say(
        f"{report.count('added')} {would}added, {report.count('changed')} {would}changed, "
        f"{report.count('unchanged')} as they were, {report.count('rejected')} not taken; "
        f"{report.kept} places of the register are not in the table and stay."
    )
