"""The file of a desk in which nothing has happened: its tables are made once a process, and copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from service_desk.database import make_engine, upgrade


def empty_desk(file: Path) -> str:
    """The SQLAlchemy address of the file, which has every table; one that is there stays as it is."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_made())
    return f"sqlite:///{file}"


@cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "desk.db"
        engine = make_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()  # the last connection empties the log into the file
        return file.read_bytes()
