"""Writes down every connection that a process asks for: one line each, into the file that GUARD_LOG names."""

import os
import sys


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        with open(os.environ["GUARD_LOG"], "a", encoding="utf-8") as log:  # noqa: PTH123  # nothing imported for it
            log.write(f"{event} {arguments[1:] if event != 'socket.getaddrinfo' else arguments}\n")


if "GUARD_LOG" in os.environ:
    sys.addaudithook(_note)
