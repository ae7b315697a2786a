"""Serving: one uvicorn process over `search_ui.asgi`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

import uvicorn

from search_ui.asgi import create_app
from search_ui.services import Services


class PortTaken(OSError):
    """Another program listens on that port; the message says so."""


def serve(
    services: Services,
    host: str = "127.0.0.1",
    port: int = 8501,
    options: Mapping[str, Any] | None = None,
    listening: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted. Raises PortTaken before anything is started.

    `listening` is called once connections are taken; the first ones wait for the application to be ready.
    """
    listener = _listen(host, port)
    listening()
    config = uvicorn.Config(
        create_app(services, options),
        log_level="warning",
        ws_max_size=32 * 1024 * 1024,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


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
