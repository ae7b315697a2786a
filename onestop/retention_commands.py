"""`onestop forget`: readers' data whose time is over."""

from __future__ import annotations

from typing import Annotated

import typer

from onestop import console
from onestop.options import JsonOption, WorkspaceOption

app = typer.Typer()


@app.command()
def forget(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count; change nothing.")] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Delete readers' data, or make it anonymous, when the time that policies/retention.yml sets is over. The nightly
    sync does so, too.
    """
    from msgspec import to_builtins

    with context.obj.open(workspace) as here:
        found = here.forget(dry_run=dry_run)
    if json:
        console.put_json({"dry_run": dry_run, **to_builtins(found)})
        return
    told = ", ".join(f"{count:,} {name}" for name, count in to_builtins(found).items())
    console.say(f"{'Would forget' if dry_run else 'Forgot'}: {told}.")
