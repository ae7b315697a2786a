"""The public command line, called in this process: what the cases and the judged sets are asked through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.in_process import asked

EMBEDDED = "tantivy:index"


def onestop(workspace: Path, *arguments: str) -> Any:
    """The JSON answer of one command. Raises RuntimeError with what it said when it was not carried out."""
    code, answer, said = asked([*arguments, "--json", "--workspace", str(workspace)])
    if code:
        raise RuntimeError(f"onestop {' '.join(arguments)} ended with {code}: {said}")
    return json.loads(answer)


def make(workspace: Path, engine: str = EMBEDDED) -> Path:
    """An empty workspace, with its index where an address says."""
    code, _, said = asked(["init", str(workspace)])
    if code:
        raise RuntimeError(said)
    settle(workspace, engine)
    return workspace


def settle(workspace: Path, engine: str) -> None:
    """From now on its index is where an address says."""
    settings = workspace / "onestop.toml"
    settings.write_text(settings.read_text("utf-8").replace(f'"{EMBEDDED}"', f'"{engine}"'), "utf-8")
