"""Serving: one uvicorn process over `search_ui.asgi`, or several behind one port (`search_ui.processes`)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.middleware import Middleware

from search_ui.asgi import create_app
from search_ui.bounded import Bounded
from search_ui.processes import READY, Command, Processes, connections
from search_ui.relay import Relay
from search_ui.services import Services

WS_BYTES: Final = 1024 * 1024
"""Of one message of a screen: all that is typed on it, some times over. Files come another way."""
LOOPBACK: Final = ("127.0.0.1", "::1")


class PortTaken(OSError):
    """Another program listens on that port; the message says so."""


def serve(
    services: Services,
    host: str = "127.0.0.1",
    port: int = 8501,
    options: Mapping[str, Any] | None = None,
    listening: Callable[[], None] = lambda: None,
    proxies: Sequence[str] = LOOPBACK,
) -> None:
    """Serve until interrupted. Raises PortTaken before anything is started.

    `listening` is called once connections are taken; the first ones wait for the application to be ready. `proxies` are
    addresses and networks whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed; anybody else could write
    there what they like.
    """
    listener = _listen(host, port)
    listening()
    uvicorn.Server(_config(services, options, proxies)).run(sockets=[listener])


def serve_by_processes(
    command: Command,
    count: int,
    host: str = "127.0.0.1",
    port: int = 8501,
    listening: Callable[[], None] = lambda: None,
) -> None:
    """The same by so many processes, each started by a command that ends in `serve_connections`.

    Raises PortTaken, and search_ui.processes.CannotStart when the processes do not get ready.
    """
    listener = _listen(host, port)
    listening()
    Processes(listener, command, count).run()


def serve_connections(
    services: Services,
    channel: int,
    door: Path,
    options: Mapping[str, Any] | None = None,
    proxies: Sequence[str] = LOOPBACK,
) -> None:
    """Serve what comes over a channel (a file descriptor) until it ends: one of several processes behind a port."""
    with socket.socket(fileno=channel) as handed:
        relay = Middleware(Relay, door=door)
        _Worker(_config(services, options, proxies, relay), handed).run(sockets=[_door(door)])


def _config(
    services: Services, options: Mapping[str, Any] | None, proxies: Sequence[str], *middleware: Middleware
) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(services, options, middleware),
        log_level="warning",
        http=Bounded,
        ws_max_size=WS_BYTES,
        timeout_graceful_shutdown=3,
        server_header=False,
        forwarded_allow_ips=list(proxies),
    )


class _Worker(uvicorn.Server):
    """A server of connections that another process took."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        super().__init__(config)
        self._channel = channel
        self._taken: set[asyncio.Task[Any]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel.fileno(), self._take)
        self._channel.send(READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().remove_reader(self._channel.fileno())
        await super().shutdown(sockets)

    def _take(self) -> None:
        taken = connections(self._channel)
        if taken is None:
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            self.should_exit = True
        for connection in taken or ():
            connection.setblocking(False)
            task = asyncio.ensure_future(asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection))
            self._taken.add(task)
            task.add_done_callback(self._taken.discard)

    def _protocol(self) -> asyncio.Protocol:
        """What uvicorn itself makes for each connection that it takes."""
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


def _door(path: Path) -> socket.socket:
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(str(path))
    door.listen()
    return door


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a taken port is a sentence and not a traceback from inside the server."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port") from None
    return listener
