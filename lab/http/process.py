"""What the emulators' own processes have in common: credentials kept in a folder, hooks named on the command line."""

from __future__ import annotations

import importlib
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn

from lab.http.serving import bound


def stored_secret(path: Path, size: int) -> str:
    """A credential of the administrator, made of so many random bytes at the first start."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(size) + "\n")
    return path.read_text(encoding="utf-8").strip()


def hook(named: str | None, directory: Path) -> Callable[..., Any] | None:
    """MODULE:FUNCTION as a function that gets the directory as its last argument."""
    if named is None:
        return None
    module, _, function = named.partition(":")
    apply = getattr(importlib.import_module(module), function)
    return lambda *what: apply(*what, directory)


def serve(
    server: uvicorn.Server, port: int, directory: Path, what: str, told: Callable[[str], Mapping[str, str]]
) -> None:
    """Serve until SIGTERM. `told` makes the files of the directory, `url` or `endpoint` first, from host:port."""
    sock = bound(port)
    address, port = sock.getsockname()
    files = {**told(f"{address}:{port}"), "port": str(port), "address": address}
    for name, value in files.items():
        (directory / name).write_text(value + "\n", encoding="utf-8")
    # The socket listens from here on, so a client that reads this line is answered.
    sock.listen(128)
    print(f"{what} ready at {next(iter(files.values()))}", flush=True)
    server.run(sockets=[sock])
