"""Commands for the index as a whole: build it anew from the record store, go back to the one before."""

from __future__ import annotations

from typing import Any

import typer

from onestop import console, errors
from onestop.options import JsonOption, WorkspaceOption

app = typer.Typer()
SHOWN = 20
"""Resources that are not in the index which are named; `--json` names all."""


@app.command()
def reindex(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Build the index anew from the record store; the search goes on with the one there is until the new one is whole.

    Nothing is asked of the sources.
    """
    with context.obj.open(workspace) as here, console.progress() as progress:
        told = here.reindex(progress)
    if json:
        console.put_json(told)
    else:
        _put_reindexed(told)
    return errors.PARTLY if told["left_out"] else errors.DONE


@app.command()
def rollback(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show the index again that was shown before the last reindex; once more goes forward again."""
    with context.obj.open(workspace) as here:
        told = here.rollback()
    if json:
        console.put_json(told)
    else:
        console.say(_rolled_back(told))


def _put_reindexed(told: dict[str, Any]) -> None:
    left_out = told["left_out"]
    console.say(
        f"The index is built anew from version {told['version']} of the records, in {told['seconds']:.1f} seconds."
    )
    for one in left_out[:SHOWN]:
        console.say(f"{one['source']}: {one['reason']}; check its record.")
    if len(left_out) > SHOWN:
        console.say(f"And {len(left_out) - SHOWN} more like these; --json names all.")


def _rolled_back(told: dict[str, Any]) -> str:
    shown = f"The search shows {told['index']} again, as of version {told['version']} of the records"
    behind = told["store_version"] - told["version"]
    then = f"; the next `onestop sync` brings the {behind} versions since then into it" if behind > 0 else ""
    return f"{shown}{then}. `onestop rollback` goes forward again."
