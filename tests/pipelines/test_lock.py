"""One run at a time in a workspace."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.errors import WorkspaceLocked
from pipelines.lock import workspace_lock

HOLD = """
import sys, time
from pathlib import Path
from pipelines.lock import workspace_lock
with workspace_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_told_who_works(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(WorkspaceLocked, match=f"process {other.pid}"), workspace_lock(tmp_path):
            pass
        other.send_signal(signal.SIGKILL)
    with workspace_lock(tmp_path):
        pass


def test_it_is_let_go(tmp_path: Path) -> None:
    for _ in range(2):
        with workspace_lock(tmp_path):
            pass
