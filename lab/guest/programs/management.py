"""The service `cloudstack-management`: port 8080 of this machine, relayed to where the server's records are.

Started, it tells the other side that the management server boots, and listens when the boot has had its time; until
the other side is there it waits, as the server does for its database. Stopped, nothing answers any more.
Where the other side is, and the password for it, stand in the server's own db.properties.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import sys
import time
from typing import Any

PROPERTIES = "/etc/cloudstack/management/db.properties"
PORT = 8080
WAIT_SECONDS = 2.0
CHUNK = 65536
_CONNECTION_SECONDS = 10.0


def properties(path: str) -> dict[str, str]:
    """The file's `name=value` lines."""
    with open(path, encoding="utf-8") as file:
        pairs = (line.strip().partition("=") for line in file if not line.startswith("#"))
        return {name: value for name, separator, value in pairs if separator}


def boot(known: dict[str, str]) -> float:
    """Say that the server boots; the answer tells for how many seconds. Raises OSError while nobody is there."""
    connection = http.client.HTTPConnection(
        known["db.cloud.host"], int(known["db.cloud.port"]), timeout=_CONNECTION_SECONDS
    )
    words = f"{known['db.cloud.username']}:{known['db.cloud.password']}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(words).decode()}
    try:
        connection.request("POST", "/_lab/boot", headers=headers)
        answer = connection.getresponse()
        body: dict[str, Any] = json.loads(answer.read() or b"{}")
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"no proper answer: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise OSError(f"answered {answer.status}: {body.get('error', '')}")
    return float(body["seconds"])


async def serve(known: dict[str, str]) -> None:
    """Relay each connection to a connection of its own."""
    host, port = known["db.cloud.host"], int(known["db.cloud.port"])

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.wait_for(asyncio.open_connection(host, port), _CONNECTION_SECONDS)
        except OSError:
            writer.transport.abort()
            return
        ways = [asyncio.create_task(pass_on(reader, back)), asyncio.create_task(pass_on(there, writer))]
        # HTTP has no use for a connection with one open end.
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for each in (writer, back):
            each.close()
        for way in ways:
            way.cancel()

    server = await asyncio.start_server(relay, "0.0.0.0", PORT, backlog=128)
    async with server:
        print(f"The management server answers on port {PORT}.", flush=True)
        await server.serve_forever()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one end is closed."""
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        writer.transport.abort()


def main() -> None:
    """Boot, then serve until it is ended."""
    known = properties(PROPERTIES)
    told = ""
    while True:
        try:
            seconds = boot(known)
            break
        except OSError as error:
            if str(error) != told:
                told = str(error)
                print(
                    f"Waiting for the records at {known['db.cloud.host']}: {told}",
                    file=sys.stderr,
                    flush=True,
                )
            time.sleep(WAIT_SECONDS)
    time.sleep(seconds)
    asyncio.run(serve(known))


if __name__ == "__main__":
    main()
