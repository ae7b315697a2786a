"""Commands for terminals in the reading room: `onestop terminal ...`."""

from __future__ import annotations

from typing import Annotated

import typer

from onestop import console
from onestop.options import JsonOption, WorkspaceOption, remember, typed
from onestop.user_commands import who

app = typer.Typer(help="Terminals in the reading room.", no_args_is_help=True)
app.callback()(remember)
NameArgument = Annotated[str, typer.Argument(metavar="NAME")]


@app.command("add")
def terminal_add(
    context: typer.Context, name: NameArgument, json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Make a key that turns a machine into a terminal of the reading room. It is shown this once and works once."""
    with context.obj.open(workspace) as here:
        key = here.desk.terminals.add(typed(name), who())
    if json:
        console.put_json({"name": typed(name), "key": key, "path": "/terminal"})
        return
    print(key)
    console.say(f"Open /terminal in the browser of {name} and type this key there. It works once.")


@app.command("list")
def terminal_list(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show the terminals, and which keys nobody has used yet."""
    with context.obj.open(workspace) as here:
        found = here.desk.terminals.all()
    if json:
        rows = [
            {
                "name": one.name,
                "added": one.added.isoformat(timespec="seconds"),
                "by": one.by,
                "opened": one.opened.isoformat(timespec="seconds") if one.opened else None,
            }
            for one in found
        ]
        console.put_json({"terminals": rows})
        return
    table = console.new_table("Terminal", "Key made", "By", "Used")
    for one in found:
        used = f"{one.opened:%Y-%m-%d}" if one.opened else "not yet"
        table.add_row(*map(console.styled, (one.name, f"{one.added:%Y-%m-%d}", one.by, used)))
    console.show(table)


@app.command("remove")
def terminal_remove(context: typer.Context, name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """From now on that machine is one like any other."""
    with context.obj.open(workspace) as here:
        here.desk.terminals.remove(typed(name), who())
    console.say(f"{name} is no terminal any more.")
