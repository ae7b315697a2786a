"""The first page of a fresh process, from its start to the printed hits.

usage: python -m tests.benchmarks.fresh WORKSPACE TEXT      prints the answer as JSON, as that process
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.programs import module, run
from tests.benchmarks.rows import Row, middle

ROUNDS = 5
TEXT = "letters"


def measure(workspace: Path, rounds: int = ROUNDS) -> Row:
    """The row."""
    runs = [run(*module("fresh", workspace, TEXT)) for _ in range(rounds)]
    return Row(
        "first page of a fresh process",
        "s",
        middle([ran.seconds for ran in runs]),
        judged="ours",
        goal=1.0,
        detail={"runs": [round(ran.seconds, 3) for ran in runs], "hits": runs[-1].document["total"]},
    )


def main(workspace: Path, text: str) -> None:
    """What the fresh process does: settings, engine, one search, the answer printed."""
    from indexer.query import Query
    from mappings.access import ANONYMOUS
    from onestop.console import put_json
    from onestop.wiring import Workspace

    with Workspace(workspace) as here:
        put_json(here.searcher.search(Query(text), ANONYMOUS))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
