"""`pulumi-resource-command ENGINE`: listens on a free port of the loopback and prints it, as the engine expects."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import grpc.aio
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from strata.provider.server import _end_with_engine
from tools.command.servicer import CommandServicer


async def serve(engine_address: str) -> None:
    """Until the engine ends this process, or is gone itself."""
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = CommandServicer(engine_address)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: asyncio.ensure_future(server.stop(1)))
    watch = asyncio.ensure_future(_end_with_engine(server, os.getppid()))
    await server.wait_for_termination()
    watch.cancel()


def main() -> int:
    addresses = [each for each in sys.argv[1:] if not each.startswith("-")]
    asyncio.run(serve(addresses[0] if addresses else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
