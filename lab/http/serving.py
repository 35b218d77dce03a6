"""Running an emulator's application under uvicorn on the loopback, in this process or as one of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine, Iterator
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
    loop = asyncio.new_event_loop()
    over = asyncio.Event()
    thread = threading.Thread(target=_run, args=(loop, _serve(server, sock, over)), daemon=True)
    thread.start()
    try:
        yield sock.getsockname()
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=10)
        sock.close()


async def _serve(server: uvicorn.Server, sock: socket.socket, over: asyncio.Event) -> None:
    """What `Server.serve` does, but for its looking ten times a second whether it is over: by that a test lasts 0.2 s longer."""
    config = server.config
    if not config.loaded:
        config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[sock])
    await server.on_tick(0)
    await over.wait()
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    if server.server_state.tasks:
        await asyncio.wait(server.server_state.tasks, timeout=config.timeout_graceful_shutdown)
    await server.lifespan.shutdown()


def _run(loop: asyncio.AbstractEventLoop, serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(serving)
