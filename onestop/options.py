"""Options that most commands have, and how arguments are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", metavar="DIR", help="The workspace; else ONESTOP_WORKSPACE, else the current folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def remember(context: typer.Context, workspace: WorkspaceOption = None) -> None:
    """What stands before the command of a group: the workspace."""
    context.obj.chosen = workspace or context.obj.chosen


def typed(text: str) -> str:
    """An argument as text: bytes that were not UTF-8 become replacement characters instead of surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
