"""`make corpus`: every count over the shared corpus beside that of an independent reader, as one table.

Each module ``counts_*.py`` of this folder has ``rows(corpus)``. Ends with 1 when a count differs and no note says why.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.corpus_counts.table import Count

HERE = Path(__file__).resolve().parent
CORPUS = Path(os.environ.get("ONESTOP_CORPUS", HERE.parents[2] / "shared" / "data"))


def modules() -> list[str]:
    """Names of the modules that count."""
    return sorted(found.name for found in iter_modules([str(HERE)]) if found.name.startswith("counts_"))


def counted(corpus: Path, messages: Console) -> Iterator[Count]:
    """Every row of every module, with a bar."""
    with Progress(console=messages, transient=True) as progress:
        for name in progress.track(modules(), description="Counting"):
            yield from import_module(f"tests.corpus_counts.{name}").rows(corpus)


def main() -> int:
    """Print the table; 1 when something differs without a reason, 2 when there is no corpus."""
    messages = Console(stderr=True)
    if not CORPUS.is_dir():
        messages.print(f"The corpus is not at {CORPUS}; set ONESTOP_CORPUS.")
        return 2
    rows = sorted(counted(CORPUS, messages), key=lambda row: (row.format, row.what))
    table = Table("Format", "What", "Independent reader", "Note")
    for at, heading in ((2, "Ours"), (3, "Theirs")):
        table.add_column(heading, justify="right")
        table.columns.insert(at, table.columns.pop())
    for row in rows:
        style = "" if row.ours == row.theirs else "yellow" if row.note else "red"
        table.add_row(row.format, row.what, f"{row.ours:,}", f"{row.theirs:,}", row.reader, row.note, style=style)
    Console(width=None if sys.stdout.isatty() else 180).print(table)
    differing = [row for row in rows if row.ours != row.theirs and not row.note]
    messages.print(f"{len(rows)} counts, {len(differing)} of them differ without a reason.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
