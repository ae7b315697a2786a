"""`make corpus`: counts over the shared corpus beside those of independent readers, and the share of unread dates.

Modules ``counts_*.py`` of this folder with ``rows(corpus)`` count. Ends with 1 when a count differs and no note says
why.
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

from tests.corpus_counts import counts_dates
from tests.corpus_counts.table import Count

HERE = Path(__file__).resolve().parent
CORPUS = Path(os.environ.get("ONESTOP_CORPUS", HERE.parents[2] / "shared" / "data"))


def modules() -> list[str]:
    """Names of the modules that count."""
    names = sorted(found.name for found in iter_modules([str(HERE)]) if found.name.startswith("counts_"))
    return [name for name in names if hasattr(import_module(f"tests.corpus_counts.{name}"), "rows")]


def counted(corpus: Path, messages: Console) -> Iterator[Count]:
    """Every row of every module, with a bar."""
    with Progress(console=messages, transient=True) as progress:
        for name in progress.track(modules(), description="Counting"):
            yield from import_module(f"tests.corpus_counts.{name}").rows(corpus)


def dates_table(corpus: Path) -> Table:
    """Of the dates in each folder, how many are read, said to be undated, and not understood."""
    table = Table("Dates of", "commonest not understood")
    for at, heading in enumerate(("written", "read", "undated", "unread", "share"), 1):
        table.add_column(heading, justify="right")
        table.columns.insert(at, table.columns.pop())
    for line in counts_dates.listing(corpus):
        common = "; ".join(f"{text[:40]} ({times})" for text, times in line.commonest[:3])
        numbers = (f"{number:,}" for number in (line.present, line.read, line.undated, line.unread))
        table.add_row(line.folder, *numbers, f"{line.share:.2%}", common)
    return table


def main() -> int:
    """Print the tables; 1 when something differs without a reason, 2 when there is no corpus."""
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
    answer = Console(width=None if sys.stdout.isatty() else 180)
    answer.print(table)
    answer.print(dates_table(CORPUS))
    differing = [row for row in rows if row.ours != row.theirs and not row.note]
    messages.print(f"{len(rows)} counts, {len(differing)} of them differ without a reason.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
