"""The product's server with a profiler round every run of a screen, to see where a run goes.

usage: python -m tests.benchmarks.profiled_server WORKSPACE PORT RESULT

Serves until terminated, then writes RESULT: a JSON list, the shares of functions of ours in a run of a screen, the
costliest first.
"""

from __future__ import annotations

import cProfile
import json
import signal
import sys
import threading
from pathlib import Path

import search_ui
from onestop.wiring import Workspace
from search_ui.screens import frame
from tests.benchmarks.rows import hottest

SHOWN = 25


def main(workspace: Path, port: int, result: Path) -> None:
    """Serve, then tell."""
    profile, run, one_at_a_time = cProfile.Profile(), frame.run, threading.Lock()

    def profiled(screens: tuple[frame.Screen, ...]) -> None:
        with one_at_a_time:  # scripts run in threads of their own, and a profiler follows one
            profile.runcall(run, screens)

    frame.run = profiled
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # uvicorn passes the signal on when it has shut down
    try:
        with Workspace(workspace) as here:
            here.serve("127.0.0.1", port)
    finally:
        shares = hottest(profile, SHOWN, Path(search_ui.__file__).parents[1])
        result.write_text(json.dumps(shares), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
