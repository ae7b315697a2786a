"""SIGKILL at fifty moments of a run over all transports together."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.workers import Workers
from tests.kill.test_kill import Undisturbed, changed, moments, trial, workers

__all__ = ["changed", "workers"]


@pytest.mark.parametrize("share", moments(50, 2))
def test_killed(changed: Undisturbed, share: float, tmp_path: Path, workers: Workers) -> None:
    trial(changed, share, tmp_path / "trial", workers)
