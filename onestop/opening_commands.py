"""`onestop opening ...`: what a policy of opening would change, bringing it into force, going back, and reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onestop import console, errors
from onestop.options import JsonOption, WorkspaceOption, remember, typed

if TYPE_CHECKING:
    from onestop.wiring import Workspace

app = typer.Typer(help="Opening: which records are closed for how long, and when they open.", no_args_is_help=True)
app.callback()(remember)
SHOWN = 20
"""Records that a preview names; `--json` names more."""
UserOption = Annotated[
    str | None, typer.Option("--as", metavar="USER", help="The account that does it; else whoever types the command.")
]
NoteOption = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with it.")]


@app.command()
def check(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Read policies/opening.yml, and tell what is wrong with it, where, and what to do."""
    from mappings.mistakes import Mistake

    with context.obj.open(workspace) as here:
        told = here.opening.check()
    if json:
        console.put_json(told)
        return errors.DONE if told["ok"] else errors.PARTLY
    for problem in told["problems"]:
        console.say(f"{told['file']}: {Mistake(**problem)}")
    if told["ok"]:
        console.say("The policy of opening can be followed." if told["exists"] else f"There is no {told['file']}.")
    return errors.DONE if told["ok"] else errors.PARTLY


@app.command()
def preview(
    context: typer.Context,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="As of that night, such as 2027-01-01; else today.")
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell what applying policies/opening.yml as it is now would open and close. Nothing is changed."""
    with context.obj.open(workspace) as here:
        told = here.opening.preview(_day(on))
    if json:
        console.put_json(told)
    else:
        _put_preview(told)


@app.command()
def apply(
    context: typer.Context,
    user: UserOption = None,
    note: NoteOption = "",
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Bring policies/opening.yml into force: only what it opens and closes is written into the index anew."""
    with context.obj.open(workspace) as here, console.progress() as progress:
        told = here.opening.apply(_who(here, user), typed(note), progress)
    return _put_done(told, json)


@app.command()
def undo(
    context: typer.Context,
    user: UserOption = None,
    note: NoteOption = "",
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Go back to the policy that was in force before; once more goes back further."""
    with context.obj.open(workspace) as here, console.progress() as progress:
        told = here.opening.undo(_who(here, user), typed(note), progress)
    return _put_done(told, json)


@app.command()
def history(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show every policy that was in force, the newest first: when, by whom, which rules."""
    with context.obj.open(workspace) as here:
        versions = here.opening.history()
    if json:
        console.put_json({"versions": versions})
        return
    table = console.new_table("No.", "When", "By", "", "Rules", "Note")
    for one in versions:
        rules = " ".join(rule["name"] for rule in one["rules"]) or "-"
        table.add_row(*map(console.styled, (one["number"], one["at"], one["by"], one["what"], rules, one["note"])))
    console.show(table)


@app.command()
def review(
    context: typer.Context,
    resource_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a resource, or SOURCE:SOURCE_ID.")],
    state: Annotated[
        str, typer.Argument(metavar="STATE", help="not_reviewed, under_review, open, extended, closed or partly.")
    ],
    user: Annotated[str, typer.Option("--as", metavar="USER", help="The account of a member of staff.")],
    until: Annotated[
        str, typer.Option(metavar="DATE", help="The day an extension or closure ends; with open: the day from which.")
    ] = "",
    article: Annotated[str, typer.Option(metavar="TEXT", help="The provision it rests on.")] = "",
    note: NoteOption = "",
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Say whether a record, or a unit with all below it, may be opened. The nearest review counts."""
    from service_desk.opening import Decision

    decision = Decision(typed(state), typed(until), typed(article), typed(note))
    with context.obj.open(workspace) as here, console.progress() as progress:
        kept = here.opening.review(typed(resource_id), decision, here.viewer(user))
        told = {**kept, **here.opening.refresh(progress)}
    if json:
        console.put_json(told)
    else:
        console.say(f"{', '.join(kept['records'])}: {kept['state']}. {_counts(told)}")
    return errors.PARTLY if told["left_out"] else errors.DONE


def _who(here: Workspace, user: str | None) -> str:
    """Who applies a policy: an account that may, or whoever administers the machine. Raises NotAllowed."""
    from onestop.user_commands import who

    return who() if user is None else here.desk.openings.may_apply(here.viewer(user))


def _day(text: str | None) -> dt.date | None:
    """Raises SettingsError."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise errors.SettingsError(f"--on {text!r} is no day; write it as 2027-01-01.") from None


def _put_done(told: dict[str, Any], json: bool) -> int:
    if json:
        console.put_json(told)
    elif not told["changed"]:
        console.say("This policy is in force already; nothing was changed.")
    else:
        console.say(f"Policy {told['number']} is in force ({told['what']} by {told['by']}). {_counts(told)}")
        for one in told["left_out"][:SHOWN]:
            console.say(f"{one['source']}: {one['reason']}; check its record.")
    return errors.PARTLY if told.get("left_out") else errors.DONE


def _counts(told: dict[str, Any]) -> str:
    return f"{told['opened']:,} records opened, {told['closed']:,} closed, of {told['looked_at']:,} looked at."


def _put_preview(told: dict[str, Any]) -> None:
    """Counts by rule, fonds and holder, and the first records."""
    console.show(
        console.styled(
            f"On {told['on']}, applying it would open {told['opens']:,} records, close {told['closes']:,}, and give "
            f"{told['otherwise']:,} another reason or day.",
            "bold",
        )
    )
    if told["is_in_force"]:
        console.say("It is the policy that is in force.")
    for heading, rows in (("Rule", told["rules"]), ("Fonds", told["fonds"]), ("Holder", told["holders"])):
        if rows:
            console.show(_table(heading, rows, lambda row: row["name"] or "(none)"))
    if told["records"]:
        console.show(_records(told["records"][:SHOWN]))
    if (more := told["left_off"] + max(len(told["records"]) - SHOWN, 0)) > 0:
        console.say(f"And {more:,} more records; --json names the first {len(told['records']):,}.")


def _table(heading: str, rows: Iterable[dict[str, Any]], named: Callable[[dict[str, Any]], str]) -> Any:
    table = console.new_table(heading, "Opens", "Closes", "Otherwise")
    for row in rows:
        counts = (f"{row[how]:,}" for how in ("opens", "closes", "otherwise"))
        table.add_row(*map(console.styled, (named(row), *counts)))
    return table


def _records(rows: Iterable[dict[str, Any]]) -> Any:
    table = console.new_table("Record", "Title", "From", "To", "Opens on", "Rule")
    for row in rows:
        cells = (
            f"{row['source']}:{row['source_id']}",
            row["title"],
            row["from"],
            row["to"],
            row["opens_on"],
            row["rule"],
        )
        table.add_row(*map(console.styled, cells))
    return table
