"""The gRPC server that the engine starts, on top of the SDK's own.

What it adds to SDK 3.250:
* failures with an explicit status code: UNKNOWN and INTERNAL make the engine call a resource corrupt;
* half-way creates and updates as ErrorResourceInitFailed, which the SDK does not send;
* progress lines beside the resource, through the engine's log;
* Cancel ends the running operations, which then report what is there by then.

The status message comes from the SDK's own `status_pb2`: other packages register the same symbols and collide.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from strata import __version__
from strata.errors import StrataError, TimedOut
from strata.provider import codec
from strata.provider.outcome import InitFailed
from strata.provider.provider import StrataProvider

Verb = Callable[[Any, Any], Awaitable[Any]]

LOOK_FOR_ENGINE_EVERY = 1.0
"""Seconds between looks at whether the engine still lives."""


class StrataServicer(ProviderServicer):
    """The SDK's servicer with the failures of this provider."""

    def __init__(self, provider: StrataProvider, engine_address: str) -> None:
        super().__init__([], __version__, provider, engine_address)
        self._running: set[asyncio.Task[Any]] = set()
        self._channel: grpc.aio.Channel | None = None
        provider.progress = self._progress
        provider.warn = self._warn
        provider.note = self._note

    async def Create(self, request: Any, context: Any) -> Any:
        return await self._answer(super().Create, request, context)

    async def Update(self, request: Any, context: Any) -> Any:
        return await self._answer(super().Update, request, context)

    async def Delete(self, request: Any, context: Any) -> Any:
        """The SDK drops the inputs, where the settings are (such as what a destroy may do): they go along with the state."""
        request.properties.MergeFrom(request.old_inputs)
        return await self._answer(super().Delete, request, context)

    async def Read(self, request: Any, context: Any) -> Any:
        return await self._answer(super().Read, request, context)

    async def Check(self, request: Any, context: Any) -> Any:
        return await self._answer(super().Check, request, context)

    async def Diff(self, request: Any, context: Any) -> Any:
        return await self._answer(super().Diff, request, context)

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        return await self._answer(super().CheckConfig, request, context)

    async def Configure(self, request: Any, context: Any) -> Any:
        return await self._answer(super().Configure, request, context)

    async def Attach(self, request: Any, context: Any) -> Any:
        """The engine connects to a running provider (PULUMI_DEBUG_PROVIDERS) and says where it is itself."""
        self._engine_address = request.address
        return empty_pb2.Empty()

    async def Cancel(self, request: Any, context: Any) -> Any:
        """Ends what is running; each operation then reports the state that it has reached."""
        for task in self._running:
            task.cancel()
        return empty_pb2.Empty()

    async def _answer(self, verb: Verb, request: Any, context: Any) -> Any:
        task = asyncio.ensure_future(verb(request, context))
        self._running.add(task)
        try:
            return await task
        except InitFailed as error:
            await context.abort_with_status(init_failed_status(error))
        except TimedOut as error:
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, str(error))
        except StrataError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except asyncio.CancelledError:
            await context.abort(
                grpc.StatusCode.ABORTED, "The operation was cancelled before it changed anything."
            )
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            what = f"{type(error).__name__} in {verb.__name__}"
            sentence = f"The strata provider has a defect: {what}. Please report it with its log."
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, sentence)
        finally:
            self._running.discard(task)

    async def _progress(self, urn: str, line: str) -> None:
        await self._log(
            engine_pb2.LogRequest(severity=engine_pb2.INFO, message=line, urn=urn, ephemeral=True)
        )

    async def _warn(self, urn: str, line: str) -> None:
        await self._log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=line, urn=urn))

    async def _note(self, urn: str, line: str) -> None:
        await self._log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=line, urn=urn))

    async def _log(self, request: engine_pb2.LogRequest) -> None:
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._engine_address, options=_GRPC_CHANNEL_OPTIONS)
        try:
            await engine_pb2_grpc.EngineStub(self._channel).Log(request)
        except grpc.aio.AioRpcError:
            return  # a line that can't be shown must not fail the work that it is about


class _Status(grpc.Status):  # type: ignore[misc]
    """A final status of a call; grpc asks for these three attributes."""

    def __init__(
        self, code: grpc.StatusCode, details: str, trailing_metadata: Sequence[tuple[str, bytes]]
    ) -> None:
        self.code = code
        self.details = details
        self.trailing_metadata = trailing_metadata


def init_failed_status(error: InitFailed) -> grpc.Status:
    """Status UNKNOWN with the detail that makes the engine keep id and state (facts/engine.md: seen to work)."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=PropertyValue.marshal_map(codec.from_plain_map(error.properties)),
        reasons=error.reasons,
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    return _Status(
        grpc.StatusCode.UNKNOWN, str(error), (("grpc-status-details-bin", status.SerializeToString()),)
    )


def main(provider: StrataProvider, argv: Sequence[str]) -> None:
    """Serve until the engine ends the process; prints the port as the engine expects."""
    parser = argparse.ArgumentParser(
        prog="pulumi-resource-strata", description="Pulumi provider plugin; started by the engine."
    )
    parser.add_argument("engine", nargs="?", default="", help="address of the engine; empty when it attaches")
    known, _ = parser.parse_known_args(argv)
    asyncio.run(_served(provider, known.engine))


async def _served(provider: StrataProvider, engine_address: str) -> None:
    await serve(provider, engine_address)
    # A thread that waits for a system's answer would hold the process up, and the whole run with it, for as long.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def serve(provider: StrataProvider, engine_address: str) -> None:
    """Listen on a free port of the loopback and print it."""
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(StrataServicer(provider, engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # The engine cancels by gRPC, then interrupts its plugins one after the other within 5 s in all: end at once.
        loop.add_signal_handler(number, lambda: asyncio.ensure_future(server.stop(1)))
    watch = asyncio.ensure_future(_end_with_engine(server, os.getppid())) if engine_address else None
    await server.wait_for_termination()
    if watch is not None:
        watch.cancel()


async def _end_with_engine(server: grpc.aio.Server, engine: int) -> None:
    """A killed engine ends no plugin, and nobody would learn any more what an operation comes to."""
    while os.getppid() == engine:  # noqa: ASYNC110 - the death of a parent is no event that one could await
        await asyncio.sleep(LOOK_FOR_ENGINE_EVERY)
    await server.stop(None)
