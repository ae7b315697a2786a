"""A real mail server in a process of its own: keeps what it takes in a folder, one file a message.

usage: python mail_server.py PORT FOLDER [SECONDS]; a recipient at ``gone.example`` is refused for good, at
``later.example`` for now; that a message is taken is said after so many seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Keeper:
    """Takes messages."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder, self.seconds, self.number = folder, seconds, len(list(folder.glob("*.eml")))

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@gone.example"):
            return "550 5.1.1 no such mailbox"
        if address.endswith("@later.example"):
            return "451 4.7.1 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.number += 1
        (self.folder / f"{self.number:04d}.eml").write_bytes(envelope.original_content)
        await asyncio.sleep(self.seconds)
        return "250 taken"


async def serve(port: int, folder: Path, seconds: float) -> None:
    keeper = Keeper(folder, seconds)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, hostname="mail.example"), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


class MailServer:
    """The server, seen from a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=desk@archive.example&security=none"

    @contextlib.contextmanager
    def up(self, seconds: float = 0) -> Iterator[MailServer]:
        """While it runs."""
        process = subprocess.Popen([sys.executable, __file__, str(self.port), str(self.folder), str(seconds)])
        try:
            self._wait()
            yield self
        finally:
            process.kill()
            process.wait()

    def taken(self) -> list[EmailMessage]:
        """What it has taken, in that order."""
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def _wait(self) -> None:
        for _ in range(400):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError("the mail server did not come up")


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))
