"""Options that most commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", metavar="DIR", help="The workspace; else ONESTOP_WORKSPACE, else the current folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
