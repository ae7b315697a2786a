"""Commands for the audit log: `onestop audit list`, `onestop audit verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from onestop import console, errors
from onestop.options import JsonOption, WorkspaceOption, remember, typed

if TYPE_CHECKING:
    from service_desk.views import AuditView, Verified

app = typer.Typer(help="The audit log: who saw, changed, exported and decided what.", no_args_is_help=True)
app.callback()(remember)


@app.command("list")
def audit_list(
    context: typer.Context,
    actor: Annotated[str | None, typer.Option("--actor", metavar="NAME", help="Only of this account.")] = None,
    what: Annotated[str | None, typer.Option("--what", metavar="KIND", help="Only this, such as role.give.")] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="TEXT", help="Only on this account, receipt code or resource.")
    ] = None,
    size: Annotated[int, typer.Option(min=1, max=500)] = 50,
    offset: Annotated[int, typer.Option(min=0)] = 0,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show the audit log, the newest first."""
    named = {"actor": actor and typed(actor), "what": what, "subject": subject and typed(subject)}
    with context.obj.open(workspace) as here:
        found = here.desk.audit.rows(**named, size=size, offset=offset)
    if json:
        console.put_json({"total": found.total, "rows": [_row(row) for row in found.rows]})
        return
    table = console.new_table("", "When (UTC)", "Who", "What", "On", "")
    for row in found.rows:
        detail = ", ".join(f"{name} {value}" for name, value in row.detail.items() if value is not None)
        cells = (str(row.number), f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor or "", row.what, row.subject, detail)
        table.add_row(*map(console.styled, cells))
    console.show(table)


@app.command("verify")
def audit_verify(
    context: typer.Context,
    known: Annotated[
        str | None, typer.Option("--known", metavar="DIGEST", help="A digest noted earlier, which must be in it.")
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Follow the chain of the audit log from its first row, and tell the first that does not hold."""
    with context.obj.open(workspace) as here:
        found = here.desk.audit.verify(known)
    if json:
        told = {"rows": found.rows, "head": found.head, "broken": found.broken, "why": found.why}
        console.put_json({"ok": found.broken is None, **told})
    else:
        console.say(_said(found))
    return errors.DONE if found.broken is None else errors.PARTLY


def _said(found: Verified) -> str:
    if found.broken is not None:
        return (
            f"The audit log is broken at row {found.broken}: {found.why}. The {found.rows:,} rows before it hold; "
            "compare the rest with a backup."
        )
    return f"The audit log holds: {found.rows:,} rows, the last with the digest {found.head}."


def _row(row: AuditView) -> dict[str, Any]:
    return {
        "number": row.number,
        "at": row.at.isoformat(timespec="microseconds"),
        "actor": row.actor,
        "what": row.what,
        "subject": row.subject,
        "detail": row.detail,
        "digest": row.digest,
    }
