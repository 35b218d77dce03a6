"""Leaving a client without an answer, or with half of one: the connection is cut under uvicorn.

ASGI has no word for it, so the protocol class keeps each connection's transport where an answer can find it.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORTS: dict[tuple[str, int], asyncio.Transport] = {}


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, whose connections can be cut by the client's address."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._peer = (str(peer[0]), int(peer[1]))
        _TRANSPORTS[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _TRANSPORTS.pop(self._peer, None)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """At the server's end an idle connection is cut: its client would keep the TLS farewell waiting."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()


def cut(scope: Scope) -> None:
    """Close the connection of this request at once, without a TLS farewell."""
    client = scope.get("client")
    transport = _TRANSPORTS.get((client[0], client[1])) if client else None
    if transport is None:
        raise ConnectionResetError("The emulator cut the connection (an injected fault).")
    transport.abort()


class NoAnswer(Response):
    """An answer that never comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut, and wait until the server has noticed, or it would log a missing answer."""
        cut(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


class HalfAnswer(Response):
    """An answer that breaks off half-way through its body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the whole header, half the body, and cut."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(cast(Any, start))
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.01)  # the loop must hand the half to the socket before the cut
        cut(scope)
        while (await receive())["type"] != "http.disconnect":
            pass
