"""The command for de-identified copies: look, decide, release, write. For staff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from onestop import console
from onestop.options import JsonOption, WorkspaceOption

app = typer.Typer()
_STATES = {True: "masked", False: "stays", None: "?"}


@app.command()
def deidentify(
    context: typer.Context,
    resource_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a resource, or SOURCE:SOURCE_ID.")],
    user: Annotated[str, typer.Option("--as", metavar="USER", help="The account of a member of staff.")],
    accept: Annotated[
        str, typer.Option(metavar="1,4-6|all", help="Mask these spans; all: those nobody has decided.")
    ] = "",
    reject: Annotated[str, typer.Option(metavar="1,4-6|all", help="Leave these spans as they are.")] = "",
    add: Annotated[
        list[str] | None, typer.Option(metavar="PAGE:START-END:KIND", help="Mask what no rule found.")
    ] = None,
    seen: Annotated[
        int | None, typer.Option(metavar="N", help="The number you saw: refuse when something changed since.")
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="Release the copy, once every span is decided.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take a released copy back.")] = False,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the decision.")] = "",
    copy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the released copy: FILE.pdf or FILE.txt.")
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what is to be masked in a record, decide on it, release the copy and write it to a file.

    What is shown is personal data: it goes to standard output and nowhere else.
    """
    from onestop.copies import Choice, RecordCopy

    with context.obj.open(workspace) as here:
        one = RecordCopy(here, resource_id, here.viewer(user))
        if withdraw:
            one.withdraw(note)
        if decides := bool(accept or reject or add):
            one.decide(Choice(accept, reject, add or (), note, seen))
        if release:
            one.release(note, None if decides else seen)
        if copy is not None:
            one.write(copy)
        (console.put_json if json else _put)(one.told())


def _put(told: dict[str, Any]) -> None:
    """The spans as a table, and what comes next."""
    table = console.new_table("No.", "Page", "From", "Kind", "Text", "Sure", "State")
    for span in told["spans"]:
        row = (span["number"], span["page"], span["start"], span["kind"], span["text"], span["confidence"])
        table.add_row(*map(console.styled, (*row, _STATES[span["masked"]])))
    console.show(console.styled(f"{told['title']}: {told['status']} (seen {told['seen']})", "bold"))
    if told["stale"]:
        console.show(console.styled("The text has changed since a copy was released: that copy is not shown any more."))
    if told["class"] is None:
        console.show(console.styled("No title, form or subject says that it is about private persons: names stay."))
    if told["described"]:
        words = ", ".join(told["described"][:5])
        console.show(console.styled(f"In the description, which is no part of the copy, stands, too: {words}"))
    if told["spans"]:
        console.show(table)
    console.say(_next(told))


def _next(told: dict[str, Any]) -> str:
    if told["status"] == "released":
        return "Readers may be given this copy; --copy FILE.pdf writes it, --withdraw takes it back."
    if told["open"]:
        return (
            f"{told['open']} of {len(told['spans'])} spans are not decided: --accept, --reject; --add what is missing."
        )
    return "Every span is decided; --release releases the copy."
