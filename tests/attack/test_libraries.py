"""Libraries: each pinned, with its hashes, and from the index alone; what `make audit` says is what it found out."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PIN: Final = re.compile(r"(?m)^([a-z0-9-]+)==(\S+)")
LOCK: Final = (ROOT / "requirements.lock").read_text(encoding="utf-8")
SAFE: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
UNSAFE: dict[str, Any] = {"name": "b", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}
SKIPPED: dict[str, Any] = {"name": "c", "skip_reason": "not found"}
FOUND: Final = {
    "none": ([SAFE, SAFE], 0, "No advisory for 2"),
    "one": ([SAFE, UNSAFE], 1, "b 1: X-1, mended in 2"),
    "one, and one nobody answered for": ([UNSAFE, SKIPPED], 1, "b 1: X-1"),
    "one nobody answered for": ([SAFE, SKIPPED], 3, "Nobody answered for 1 of 2"),
    "nothing asked": ([], 3, ""),
}


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools" / "audit.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("what", FOUND)
def test_nobody_is_told_that_all_is_well_when_nobody_was_asked(audit: ModuleType, what: str) -> None:
    libraries, code, said = FOUND[what]
    told, lines = audit.judged({"dependencies": libraries})
    assert told == code and said in " ".join(lines)


def test_what_runs_is_what_is_locked() -> None:
    """The hashes of the lock say nothing of what was put beside it by hand."""
    locked = dict(PIN.findall(LOCK))
    running = {re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(): each.version for each in distributions()}
    assert {name: running[name] for name in locked if name in running} == {
        name: version for name, version in locked.items() if name in running
    }
    assert len(locked.keys() & running.keys()) > 50


def test_what_runs_fits_together() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_comes_from_elsewhere_than_the_index() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not re.search(r"""["'][\w.-]+\s*@\s*\S+["']|git\+|\.whl|\.tar\.gz""", text)
    assert not re.search(r"(?m)^-e |^--|@ |git\+|^\S+\.whl", LOCK)
