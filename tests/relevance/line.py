"""The public command line, called in this process: what the cases and the judged sets are asked through."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from onestop.cli import run

EMBEDDED = "tantivy:index"


def onestop(workspace: Path, *arguments: str) -> Any:
    """The JSON answer of one command. Raises RuntimeError with what it said when it was not carried out."""
    answer, said = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with redirect_stdout(answer), redirect_stderr(said):
        code = run([*arguments, "--json", "--workspace", str(workspace)])
    if code:
        raise RuntimeError(f"onestop {' '.join(arguments)} ended with {code}: {said.getvalue()}")
    answer.seek(0)
    return json.loads(answer.read())


def make(workspace: Path, engine: str = EMBEDDED) -> Path:
    """An empty workspace, with its index where an address says."""
    with redirect_stderr(io.StringIO()) as said:
        code = run(["init", str(workspace)])
    if code:
        raise RuntimeError(said.getvalue())
    settings = workspace / "onestop.toml"
    settings.write_text(settings.read_text("utf-8").replace(f'"{EMBEDDED}"', f'"{engine}"'), "utf-8")
    return workspace
