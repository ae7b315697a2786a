"""Tells whether anybody read a folder, or called a port: the kernel's own word, whatever library did it."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IN_OPEN = 0x20


class Canary:
    """A file that nobody may read, in a folder that nobody may look into."""

    CONTENT = "canary-that-must-not-sing"

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file = folder / "canary.txt"
        self.file.write_text(f"<x>{self.CONTENT}</x>\n", encoding="utf-8")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), IN_OPEN) >= 0

    def was_opened(self) -> bool:
        """Has anybody opened the folder or the file since this was last asked?"""
        try:
            return bool(os.read(self._descriptor, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def listener() -> Iterator[socket.socket]:
    """A port of this machine that takes calls; `was_called` tells of them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def was_called(server: socket.socket) -> bool:
    """Has anybody connected?"""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True
