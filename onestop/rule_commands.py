"""`onestop rules ...`: the rules of the desk at the command line - which there are, what they say, what a file would
change, bringing it into force, and the versions that were.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onestop import console, errors
from onestop.options import JsonOption, WorkspaceOption, remember, typed

if TYPE_CHECKING:
    from service_desk.rule_changes import Line
    from service_desk.rules import Document, Rules, RulesMistaken

app = typer.Typer(help="The rules of the desk: types, papers, routes, calendars, texts.", no_args_is_help=True)
app.callback()(remember)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Which rules; `onestop rules list`.")]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file, such as `show` prints.")]
MARKS = {"gone": ("-", "red"), "new": ("+", "green"), "same": (" ", ""), "gap": ("⋯", "dim")}


@app.command("list")
def rules_list(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Show every document of rules, and whose version of it is in force."""
    from service_desk import rule_documents

    with context.obj.open(workspace) as here:
        found = [(kind, here.desk.rules.standing(kind)) for kind in rule_documents.DOCUMENTS]
    told = [{"name": kind.name, "called": rule_documents.called(kind, "en"), **_since(one)} for kind, one in found]
    if json:
        console.put_json({"rules": told})
    else:
        table = console.new_table("Name", "What it is", "Version", "By", "Since (UTC)", "")
        for row in told:
            broken = "" if row["followed"] else "cannot be followed any more"
            cells = (row["name"], row["called"], row["number"] or "", row["by"] or "as delivered", row["at"] or "")
            table.add_row(*map(console.styled, (*cells, broken)))
        console.show(table)
    return errors.DONE if all(row["followed"] for row in told) else errors.PARTLY


@app.command()
def show(
    context: typer.Context,
    name: NameArgument,
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", min=0, help="That version; 0 is the text as delivered.")
    ] = None,
    pack: Annotated[
        str | None, typer.Option("--pack", metavar="PLACE", help="The text that comes for a jurisdiction, such as tw.")
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print a document as it is written, the one in force unless told otherwise; `show NAME > FILE` begins a change."""
    from service_desk.rules import BUNDLED, Version, pack_text

    if pack is not None:
        with context.obj.open(workspace) as here:
            now = here.desk.rules.version(_kind(name)).text
        found = Version(BUNDLED, pack_text(_kind(name), typed(pack), now))
    else:
        with context.obj.open(workspace) as here:
            found = here.desk.rules.version(_kind(name), version)
    if json:
        console.put_json({"name": name, "number": found.number, "text": found.text})
    else:
        _put(found.text)


@app.command("packs")
def list_packs(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[PACK]", help="One: what it would change.")] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show what comes ready for a jurisdiction; of one, what it would change and what would follow. Changes nothing."""
    from service_desk import rule_documents
    from service_desk.rules import PACKS, packs

    if name is not None:
        with context.obj.open(workspace) as here:
            told = _foreseen(here.desk.rules, typed(name))
        _put_foreseen(typed(name), told, json)
        return
    rows = [
        {
            "name": pack,
            "called": title.en,
            "documents": [one.name for one in rule_documents.DOCUMENTS if pack in packs(one)],
        }
        for pack, title in PACKS.items()
    ]
    if json:
        console.put_json({"packs": rows})
        return
    table = console.new_table("Name", "For", "Documents")
    for row in rows:
        table.add_row(*map(console.styled, (row["name"], row["called"], ", ".join(row["documents"]))))
    console.show(table)


@app.command()
def check(
    context: typer.Context,
    name: NameArgument,
    file: FileArgument,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Tell what is wrong with a file of rules, where, and what to do; else what would follow from it."""
    from service_desk.rules import RulesMistaken

    kind, text = _kind(name), _text(file)
    with context.obj.open(workspace) as here:
        try:
            follows = [said.en for said in here.desk.rules.consequences(kind, text)]
        except RulesMistaken as error:
            _put_mistakes(file, error, json)
            return errors.PARTLY
    if json:
        console.put_json({"ok": True, "problems": [], "follows": follows})
    else:
        console.say("\n".join([f"{file} can be followed.", *map(console.clean, follows)]))
    return errors.DONE


@app.command()
def apply(
    context: typer.Context,
    name: NameArgument,
    file: FileArgument,
    user: Annotated[
        str | None,
        typer.Option("--as", metavar="USER", help="The account that does it; else whoever types the command."),
    ] = None,
    seen: Annotated[
        int | None,
        typer.Option("--seen", metavar="N", min=0, help="Only if this version is in force: nobody is overwritten."),
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Bring a file of rules into force, at once and everywhere. A file with mistakes changes nothing."""
    from onestop.user_commands import who
    from service_desk.rules import RulesMistaken

    kind, text = _kind(name), _text(file)
    with context.obj.open(workspace) as here:
        rules = here.desk.rules
        before = rules.standing(kind).number
        try:
            if user is None:
                number = rules.bring_into_force(kind, text, who(), seen)
            else:
                number = rules.put(kind, text, here.viewer(typed(user)), seen)
        except RulesMistaken as error:
            _put_mistakes(file, error, json)
            return errors.NOT_DONE
    changed = number != before
    if json:
        console.put_json({"ok": True, "number": number, "changed": changed})
    else:
        console.say(f"Version {number} is in force." if changed else "This text is in force already; nothing changed.")
    return errors.DONE


@app.command()
def history(
    context: typer.Context, name: NameArgument, json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show every version that this installation wrote, the newest first: when, and by whom."""
    with context.obj.open(workspace) as here:
        versions = here.desk.rules.versions(_kind(name))
    told = [{"number": one.number, "at": _moment(one.at), "by": one.by, "digest": one.digest} for one in versions]
    if json:
        console.put_json({"name": name, "versions": told})
        return
    table = console.new_table("No.", "When (UTC)", "By", "SHA-256")
    for row in told:
        table.add_row(*map(console.styled, (row["number"], row["at"], row["by"], row["digest"][:12])))
    console.show(table)


@app.command()
def diff(
    context: typer.Context,
    name: NameArgument,
    before: Annotated[int, typer.Argument(metavar="A", min=0, help="A version; 0 is the text as delivered.")],
    after: Annotated[int, typer.Argument(metavar="B", min=0, help="Another one.")],
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show line by line what changed from one version to another."""
    from msgspec import structs

    from service_desk.rule_changes import changes

    kind = _kind(name)
    with context.obj.open(workspace) as here:
        lines = changes(*(here.desk.rules.version(kind, number).text for number in (before, after)))
    if json:
        console.put_json({"name": name, "lines": [structs.asdict(line) for line in lines]})
    elif lines:
        console.show(_changed(lines))
    else:
        console.say("Nothing: the texts are the same.")


def _foreseen(rules: Rules, pack: str) -> dict[str, tuple[list[Line], list[str]]]:
    """By document, the lines that a pack would change, and what would follow. Raises service_desk.errors.NotFound."""
    from service_desk import rule_documents
    from service_desk.errors import NotFound
    from service_desk.rule_changes import changes
    from service_desk.rules import PACKS, pack_text, packs

    if pack not in PACKS:
        raise NotFound(f"There is no pack {pack[:40]!r}; known are: {', '.join(PACKS)}.")
    told = {}
    for kind in (one for one in rule_documents.DOCUMENTS if pack in packs(one)):
        now = rules.version(kind).text
        text = pack_text(kind, pack, now)
        told[kind.name] = changes(now, text), [said.en for said in rules.consequences(kind, text)]
    return told


def _put_foreseen(pack: str, told: dict[str, tuple[list[Line], list[str]]], json: bool) -> None:
    from msgspec import structs

    if json:
        documents = {
            name: {"lines": [structs.asdict(line) for line in lines], "follows": follows}
            for name, (lines, follows) in told.items()
        }
        console.put_json({"name": pack, "documents": documents})
        return
    for name, (lines, follows) in told.items():
        console.say(f"{name}: {'nothing changes.' if not lines else 'what would change'}")
        if lines:
            console.show(_changed(lines))
        console.say("\n".join(map(console.clean, follows)))


def _put(text: str) -> None:
    """As it is written, for a file; a terminal gets nothing that it would obey."""
    sys.stdout.write(console.clean(text) if sys.stdout.isatty() else text)


def _changed(lines: list[Line]) -> Any:
    table = console.new_table("", "", "", "", show_header=False)
    for line in lines:
        mark, style = MARKS[line.what]
        cells = (line.before or "", line.after or "")
        table.add_row(*(console.styled(cell, "dim") for cell in cells), mark, console.styled(line.text, style))
    return table


def _kind(name: str) -> type[Document]:
    """Raises service_desk.errors.NotFound."""
    from service_desk import rule_documents

    return rule_documents.named(typed(name))


def _text(file: Path) -> str:
    """Raises SettingsError."""
    from service_desk.rules import TEXT_BOUND

    try:
        with file.open(encoding="utf-8-sig") as stream:
            return stream.read(TEXT_BOUND + 1)
    except UnicodeDecodeError as error:
        raise errors.SettingsError(f"{file} is not UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise errors.SettingsError(f"{file} cannot be read: {error.strerror}; name a file of rules.") from error


def _put_mistakes(file: Path, error: RulesMistaken, json: bool) -> None:
    if json:
        console.put_json({"ok": False, "problems": [one._asdict() for one in error.mistakes]})
    else:
        for one in error.mistakes:
            console.say(console.clean(f"{file}: {one}"))
        console.say("Nothing was changed.")


def _since(one: Any) -> dict[str, Any]:
    at = _moment(one.at) if one.at else None
    return {"number": one.number, "by": one.by, "at": at, "followed": one.followed}


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
