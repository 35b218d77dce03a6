"""`python -m lab.ontap --dir DIR`: the emulator as a process of its own.

DIR then holds address, port, url, ca.pem, username and password (0600), the records, the journal and the volumes.
"""

from __future__ import annotations

import argparse
import importlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from lab.ontap.config import Config, OnChange
from lab.ontap.exports import Export
from lab.ontap.server import create_app
from lab.ontap.serving import bound, new_server
from lab.ontap.tls import stored_authority


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM."""
    options = _parser().parse_args(argv)
    directory: Path = options.dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    stored_authority(directory)
    config = Config(
        data_dir=directory,
        password=_password(directory / "password"),
        lif_address=options.lif,
        version=options.version,
        latency=options.latency,
        job_seconds=options.job_seconds,
        exports_file=options.exports_file,
        on_change=_on_change(options.on_change_module, directory),
    )
    server = new_server(create_app(config), directory)
    sock = bound(options.port)
    port = sock.getsockname()[1]
    address = "127.0.0.1"
    url = f"https://{address}:{port}"
    for name, value in (
        ("port", str(port)),
        ("address", address),
        ("url", url),
        ("username", config.username),
    ):
        (directory / name).write_text(value + "\n", encoding="utf-8")
    # The socket listens from here on, so a client that reads this line is answered.
    sock.listen(128)
    print(f"ONTAP emulator {config.version} ready at {url}", flush=True)
    server.run(sockets=[sock])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab.ontap", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--port", type=int, default=0, help="on the loopback; 0 takes a free one")
    parser.add_argument("--lif", default="10.130.208.55", help="address of the data LIF")
    parser.add_argument("--version", default="9.14.1", help="ONTAP version to be")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--job-seconds", type=float, default=0.5, help="how long a job takes")
    parser.add_argument("--exports-file", type=Path, help="write the export list there after each change")
    parser.add_argument("--on-change-module", help="MODULE:FUNCTION, called with (exports, directory)")
    return parser


def _password(path: Path) -> str:
    """The administrator's password, made at the first start."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
    return path.read_text(encoding="utf-8").strip()


def _on_change(named: str | None, directory: Path) -> OnChange | None:
    if named is None:
        return None
    module, _, function = named.partition(":")
    apply = getattr(importlib.import_module(module), function)

    def announce(exports: Sequence[Export]) -> None:
        apply(exports, directory)

    return announce


if __name__ == "__main__":
    main()
