"""One run at a time in a workspace: a lock the operating system takes back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import WorkspaceLocked

LOCK_FILE = ".sync.lock"


@contextmanager
def workspace_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a workspace. Raises WorkspaceLocked at once when another process holds it."""
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 64).decode("ascii", "replace").strip()
        who = f" (process {holder})" if holder else ""
        raise WorkspaceLocked(f"Another sync works in {folder}{who}; wait for it to end or stop it.") from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
