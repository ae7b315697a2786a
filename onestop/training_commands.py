"""`onestop training ...`: a desk to learn at - made, served, begun anew."""

from __future__ import annotations

from typing import Annotated

import typer

from onestop import console
from onestop.options import WorkspaceOption, remember

app = typer.Typer(help="A training desk on sample data: nothing of it leaves the house.", no_args_is_help=True)
app.callback()(remember)
PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


@app.command()
def make(context: typer.Context, port: PortOption = 8501, workspace: WorkspaceOption = None) -> None:
    """Make a training desk from the samples, with people, requests and stacks; an existing one stays as it is."""
    from onestop import training

    with training.make(workspace or context.obj.chosen, port) as here:
        console.say(training.welcome(here.folder, port))


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: PortOption = 8501,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve a training desk, made if it is not there."""
    from onestop import training
    from onestop.logs import log_to_stderr

    log_to_stderr()
    with training.make(workspace or context.obj.chosen, port) as here:
        console.say(training.welcome(here.folder, port))
        here.serve(host, port, lambda: console.say(f"Serving {here.folder} at http://{host}:{port} - Ctrl-C stops it."))


@app.command()
def reset(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """Begin anew: what trainees did goes, and what they begin with is there again; also while it is served."""
    from onestop import training

    with training.opened(workspace or context.obj.chosen or training.FOLDER) as here:
        training.reset(here)
        console.say(f"The training desk {here.folder} begins anew; everybody signs in again.")
