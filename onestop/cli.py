"""The command line: one short function a command. Names, options and exit codes are those of docs/command-line.md.

Packages are imported inside the commands that need them, so that `onestop --help` is there at once. Answers go to
stdout, all else to stderr; errors end in one place (`run`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from typer.main import get_command

from onestop import (
    audit_commands,
    console,
    copy_commands,
    errors,
    index_commands,
    opening_commands,
    retention_commands,
    rule_commands,
    stacks_commands,
    terminal_commands,
    training_commands,
    user_commands,
)
from onestop.found import put_hits, put_similar
from onestop.logs import log_to_stderr
from onestop.options import JsonOption, WorkspaceOption, remember, typed
from onestop.wiring import Workspace

app = typer.Typer(
    name="onestop",
    help="A search-centred one-stop service for archives.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
source_app = typer.Typer(help="Look at sources.", no_args_is_help=True)
theme_app = typer.Typer(help="Look at themes.", no_args_is_help=True)
app.add_typer(index_commands.app)
app.add_typer(retention_commands.app)
app.add_typer(copy_commands.app)
app.add_typer(source_app, name="source")
app.add_typer(theme_app, name="theme")
app.add_typer(user_commands.user_app, name="user")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(opening_commands.app, name="opening")
app.add_typer(rule_commands.app, name="rules")
app.add_typer(stacks_commands.app, name="stacks")
app.add_typer(terminal_commands.app, name="terminal")
app.add_typer(training_commands.app, name="training")
app.add_typer(user_commands.role_app, name="role")

AsOption = Annotated[
    str | None, typer.Option("--as", metavar="USER", help="Look as this account; else as an anonymous reader.")
]
ResourceArgument = Annotated[str, typer.Argument(metavar="ID", help="The id of a resource, or SOURCE:SOURCE_ID.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
QUERY_HELP = 'Words, "phrase", ="exact form", field:value, AND OR NOT, -word, word*, * alone for everything.'
PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Sort = Literal["relevance", "date", "reference_code"]
Group = Literal["fonds"]
ScheduleFormat = Literal["systemd", "cron", "kubernetes", "all"]


@dataclass
class Call:
    """One call of the command line: what was said before the command."""

    chosen: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder of the workspace: what was said, else the environment's, else where we are."""
        return self.chosen or Path(os.environ.get("ONESTOP_WORKSPACE") or ".")

    def open(self, after: Path | None) -> Workspace:
        """The workspace; `after` is what was said after the command, which wins."""
        self.chosen = after or self.chosen
        log_to_stderr()
        return Workspace(self.folder)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print("onestop", version("onestop-archives"))
        raise typer.Exit


source_app.callback()(remember)
theme_app.callback()(remember)


@app.callback()
def _before(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A search-centred one-stop service for archives."""
    remember(context, workspace)


@app.command()
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made with its parents; must not be a workspace yet.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Make a workspace."""
    from onestop.scaffold import make_workspace

    base = workspace or context.obj.chosen
    made = make_workspace(base / folder if base else folder)
    console.say(
        f"Made the workspace {made}. Describe a source in {made / 'sources'}, then: onestop --workspace {made} sync"
    )


@source_app.command("check")
def source_check(
    context: typer.Context,
    name: NameArgument,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE", help="Write the source with the proposed columns into a new file."),
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Show a few items of a source, the records they give, a proposal for columns nobody described, and problems;
    write nothing unless told so.
    """
    with context.obj.open(workspace) as here:
        report = here.check_source(name)
        if write is not None:
            here.write_proposal(report, write)
    (console.put_json if json else console.put_source_check)(report)
    return errors.PARTLY if report["problems"] else errors.DONE


@app.command()
def sync(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Sources; all when none is named.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Read and map everything again, changed or not.")] = False,
    allow_deletes: Annotated[
        bool, typer.Option("--allow-deletes", help="Carry out deletes however many they are.")
    ] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Bring records and index up to date with the sources."""
    from onestop.alerts import watched

    with context.obj.open(workspace) as here, watched(here) as night:
        with console.progress() as progress:
            report = here.sync(names or [], full=full, allow_deletes=allow_deletes, progress=progress)
        tidied = _tidied(here)
        night.tell(report, tidied)
    (console.put_json if json else console.put_sync)(report.to_json())
    return errors.DONE if tidied and report.exit_code == 0 else errors.PARTLY


@app.command()
def replay(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Sources; all when none is named.")
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Map what failed or was skipped again, from what was kept of it: nothing is asked of the sources."""
    with context.obj.open(workspace) as here, console.progress() as progress:
        report = here.sync(names or [], progress=progress, replay=True)
    (console.put_json if json else console.put_sync)(report.to_json())
    return int(report.exit_code)


@app.command()
def report(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run by name or the beginning of one; else the last.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help="Of this source only.")] = None,
    problems: Annotated[
        bool, typer.Option("--problems", help="All problems that hold now, whichever run met them.")
    ] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Tell what a run did, how fresh each source is, and what is wrong now."""
    from onestop import morning

    with context.obj.open(workspace) as here:
        told = morning.problems(here, source) if problems else morning.told(here, run, source)
    (console.put_json if json else morning.put)(told)
    return errors.DONE if told["ok"] else errors.PARTLY


@app.command()
def schedule(
    context: typer.Context,
    wanted: Annotated[ScheduleFormat, typer.Option("--format", help="What is to start the run.")] = "all",
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="When, by the clock of the machine.")] = "02:00",
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="Whose run it is; else the owner of the workspace.")
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Print what makes a sync of this workspace run every night: systemd units, a line for cron, a CronJob."""
    from onestop.schedule import definitions

    with context.obj.open(workspace) as here:
        made = definitions(here.settings, wanted, at, user)
    if json:
        console.put_json(made)
    else:
        print("\n".join(made.values()), end="")


@app.command()
def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="TEXT", help=QUERY_HELP)],
    filters: Annotated[
        list[str] | None, typer.Option("--filter", metavar="FIELD:VALUE", help="May be repeated.")
    ] = None,
    year_from: Annotated[int | None, typer.Option("--from", metavar="YEAR")] = None,
    year_to: Annotated[int | None, typer.Option("--to", metavar="YEAR")] = None,
    sort: Sort = "relevance",
    size: int = 20,
    offset: int = 0,
    within: Annotated[
        str | None, typer.Option("--within", metavar="ID", help="Only this resource and what is below it.")
    ] = None,
    plain: Annotated[
        list[str] | None,
        typer.Option("--plain", metavar="READING", help="A reading of the words not wanted, or all. May be repeated."),
    ] = None,
    no_synonyms: Annotated[
        bool, typer.Option("--no-synonyms", help="Look for what was typed, not for its other names.")
    ] = False,
    fold: Annotated[bool, typer.Option("--fold", help="Show near-identical siblings as one hit.")] = False,
    group: Annotated[Group | None, typer.Option("--group", help="The best hits of each fonds.")] = None,
    user: AsOption = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Search everything."""
    from indexer.query import Query

    query = Query(
        typed(" ".join(words)),
        _filters(filters or []),
        year_from,
        year_to,
        sort,
        size,
        offset,
        within=within and typed(within),
        plain=tuple(map(typed, plain or ())),
        synonyms=not no_synonyms,
        folded=fold,
        group=group or "",
    )
    with context.obj.open(workspace) as here:
        answer = here.searcher.search(query, here.viewer(user))
    (console.put_json if json else put_hits)(answer)
    return errors.PARTLY if answer["partial"] else errors.DONE


@app.command()
def suggest(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="TEXT", help="What was typed so far.")],
    user: AsOption = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """What the beginning of a question may become: codes, names, subjects, titles."""
    with context.obj.open(workspace) as here:
        found = here.searcher.suggest(typed(" ".join(words)), here.viewer(user))
    (console.put_json if json else console.put_suggestions)(found)


@app.command()
def show(
    context: typer.Context,
    resource_id: ResourceArgument,
    user: AsOption = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show a resource in full."""
    with context.obj.open(workspace) as here:
        resource = here.searcher.resource(typed(resource_id), here.viewer(user), whole=True)
    if resource is None:
        raise _no_resource(resource_id)
    (console.put_json if json else console.put_resource)(resource)


@app.command()
def similar(
    context: typer.Context,
    resource_id: ResourceArgument,
    user: AsOption = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show records like one, each with what they have in common."""
    with context.obj.open(workspace) as here:
        found = here.searcher.similar(typed(resource_id), here.viewer(user))
    if found is None:
        raise _no_resource(resource_id)
    (console.put_json if json else put_similar)(found)


@app.command()
def evaluate(
    context: typer.Context,
    queries: Annotated[Path, typer.Option(metavar="Q.tsv", help="Questions: id, tab, text.")],
    qrels: Annotated[Path, typer.Option(metavar="Q.txt", help="TREC judgements, documents named by source_id.")],
    each: Annotated[bool, typer.Option("--each", help="The measures of every question, too (with --json).")] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Measure the ranking on judged questions."""
    from indexer.evaluate import evaluate as measure
    from indexer.evaluate import read_judgements, read_questions

    questions, judgements = read_questions(queries), read_judgements(qrels)
    with context.obj.open(workspace) as here:
        report = measure(here.searcher.search, questions, judgements, here.viewer(None), each and json)
    (console.put_json if json else console.put_facts)(report)


@theme_app.command("check")
def theme_check(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A theme; all when none is named.")] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Read theme files as the server would, and tell what is wrong with them, and what they name that is not there."""
    from onestop.themes import check

    with context.obj.open(workspace) as here:
        told = check(here, name)
    (console.put_json if json else console.put_themes)(told)
    return errors.DONE if told["ok"] else errors.PARTLY


@app.command()
def migrate(
    context: typer.Context,
    records: Annotated[
        str | None, typer.Option("--records", metavar="ADDRESS", help="Where records are to be.")
    ] = None,
    objects: Annotated[
        str | None, typer.Option("--objects", metavar="ADDRESS", help="Where the desk's files are to be.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", metavar="ADDRESS", help="Where the desk's database is to be.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="ADDRESS", help="Where the index is to be made.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE.toml", help="A file with these lines, as in onestop.toml.")
    ] = None,
    switch: Annotated[
        bool, typer.Option("--switch", help="Write the new addresses into onestop.toml; the old file is kept.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at both places and count; write nothing.")] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Move records, files, desk and index to other places, such as servers, or back; the old ones stay as they are."""
    from onestop.moving import told
    from onestop.moving.move import migrate as move
    from onestop.moving.target import wanted

    given = {"records": records, "objects": objects, "database": database, "engine": engine}
    with context.obj.open(workspace) as here, console.progress() as progress:
        report = move(here, wanted(to, given), dry_run=dry_run, switch=switch, show=progress).to_json()
    (console.put_json if json else told.put)(report)
    return errors.DONE if report["ok"] else errors.PARTLY


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: PortOption = 8501,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer, one for each core.")] = 1,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve screens and API."""
    with context.obj.open(workspace) as here:
        _serve(here, host, port, processes)


@app.command()
def demo(
    context: typer.Context,
    port: PortOption = 8501,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only make and fill the workspace.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a workspace from the samples, fill it and serve it."""
    from onestop.demo import demo_workspace

    with demo_workspace(workspace or context.obj.chosen, port) as here:
        if not no_serve:
            _serve(here, "127.0.0.1", port)


@app.command()
def doctor(context: typer.Context, json: JsonOption = False, workspace: WorkspaceOption = None) -> int:
    """Check the installation and the workspace."""
    from onestop.doctor import examine

    context.obj.chosen = workspace or context.obj.chosen
    checks = examine(context.obj.folder)
    healthy = all(check["ok"] for check in checks)
    if json:
        console.put_json({"ok": healthy, "checks": checks})
    else:
        console.put_checks(checks)
    return errors.DONE if healthy else errors.PARTLY


def main() -> NoReturn:
    """The command `onestop`."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream, as long as nobody replaced it
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return the exit code: the only place where errors become sentences."""
    call = Call()
    try:
        with get_command(app).make_context("onestop", list(arguments), obj=call) as context:
            result = context.command.invoke(context)
        sys.stdout.flush()
        return result if isinstance(result, int) else errors.DONE
    except typer.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        # Whoever read our output has what they wanted; Python must not complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return errors.DONE
    except (KeyboardInterrupt, typer.Abort):
        return errors.INTERRUPTED
    except typer.TyperException as error:
        console.say(f"{' '.join(error.format_message().split())} (onestop --help lists the commands)")
    except Exception as error:
        console.say(errors.sentence(error, call.folder) or _unforeseen(error, call))
    return errors.NOT_DONE


def _unforeseen(error: Exception, call: Call) -> str:
    kept = errors.keep_traceback(error, call.folder / "logs")
    details = f"the details are in {kept}" if kept else f"there is no room to keep the details: {error}"
    return " ".join(f"Something went wrong that should not have ({type(error).__name__}); {details}.".split())


def _tidied(here: Workspace) -> bool:
    """The desk's part of the night. What fails there is said, but the sync is done all the same."""
    try:
        here.tidy_desk()
    except Exception as error:
        said = errors.sentence(error)
        if said is None:
            raise
        console.say(said)
        return False
    return True


def _serve(here: Workspace, host: str, port: int, processes: int = 1) -> None:
    shown = f"[{host}]" if ":" in host else host
    said = f"Serving {here.folder} at http://{shown}:{port} - Ctrl-C stops it."
    here.serve(host, port, lambda: console.say(said), processes)


def _filters(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The filters by field, in the order given. Raises UnknownName for one without a colon; Query checks the fields."""
    chosen: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, colon, value = typed(text).partition(":")
        if not (name and colon and value):
            raise errors.UnknownName(f"--filter {text!r} is not FIELD:VALUE, such as level:file.")
        chosen[name] = (*chosen.get(name, ()), value)
    return chosen


def _no_resource(resource_id: str) -> errors.UnknownName:
    return errors.UnknownName(f"There is no resource {resource_id!r}; ids stand in the hits of `onestop search`.")
