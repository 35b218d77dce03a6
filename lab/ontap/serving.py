"""Running the application under uvicorn with TLS on the loopback."""

from __future__ import annotations

import socket
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from lab.ontap.disconnect import CuttableProtocol
from lab.ontap.tls import server_context


def bound(port: int) -> socket.socket:
    """A listening-to-be socket on 127.0.0.1; port 0 takes a free one."""
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it each answer takes 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


def new_server(app: Starlette, directory: Path) -> uvicorn.Server:
    """A server for the application with the certificate of that directory."""
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=str(directory / "server.pem"),
        ssl_keyfile=str(directory / "server.key"),
    )
    config.load()
    config.ssl = server_context(directory)
    return uvicorn.Server(config)
