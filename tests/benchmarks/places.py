"""Where the opponents, the corpus and the browser are; what the machine was doing."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / ".bench" / "results.json"


class Missing(Exception):
    """Something to measure with is not there; the message says what and where it was looked for."""


def peers() -> Path:
    """The fixed opponents: `ONESTOP_PEERS`, or ``../shared/peers`` beside the repository. Raises Missing."""
    return _folder("ONESTOP_PEERS", "peers", "ead_ingest.py", "the opponents")


def finding_aids() -> Path:
    """EAD of the corpus: in `ONESTOP_CORPUS`, or ``../shared/data`` beside the repository. Raises Missing."""
    return _folder("ONESTOP_CORPUS", "data", "ead", "the corpus") / "ead"


def _folder(variable: str, beside: str, part: str, what: str) -> Path:
    folder = Path(os.environ.get(variable) or ROOT.parent / "shared" / beside)
    if not (folder / part).exists():
        raise Missing(f"{what} with {part} is not at {folder}; set {variable}")
    return folder


def chromium() -> str:
    """Debian's Chromium. Raises Missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise Missing("there is no Chromium on the path (Debian: apt-get install chromium)")
    return found


def machine() -> dict[str, Any]:
    """What the figures were taken on. Load averages over 1, 5 and 15 minutes."""
    return {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version(), "load": os.getloadavg()}
