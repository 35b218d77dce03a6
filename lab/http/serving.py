"""Running an emulator's application under uvicorn on the loopback, in this process or as one of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette

from lab.http.disconnect import CuttableProtocol


def bound(port: int) -> socket.socket:
    """A listening-to-be socket on 127.0.0.1; port 0 takes a free one."""
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it each answer takes 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


def server_config(app: Starlette, **tls: Any) -> uvicorn.Config:
    """How every emulator is served; plain HTTP unless `tls` says otherwise."""
    return uvicorn.Config(
        app,
        http=CuttableProtocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        **tls,
    )


@contextlib.contextmanager
def in_this_process(server: uvicorn.Server) -> Iterator[tuple[str, int]]:
    """The server in a thread on a free port, for tests; gives its address."""
    sock = bound(0)
    sock.listen(128)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    try:
        yield sock.getsockname()
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        sock.close()
