"""`python -m lab.cloudstack --dir DIR`: the emulator as a process of its own.

Starting the process is starting the management server: sessions are gone, settings that needed a restart are in force.
DIR then holds address, port, endpoint, era, api_key, secret_key, username, password (0600), the records and the journal.
"""

from __future__ import annotations

import argparse
import importlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.cloudstack.config import Config
from lab.cloudstack.control import configure
from lab.cloudstack.server import PATH, create_app, new_server
from lab.ontap.serving import bound


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM."""
    options = _parser().parse_args(argv)
    directory: Path = options.dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    config = Config(
        data_dir=directory,
        era=options.era,
        api_key=_secret(directory / "api_key"),
        secret_key=_secret(directory / "secret_key"),
        password=_secret(directory / "password"),
        latency=options.latency,
        job_seconds=options.job_seconds,
        on_ssvm=_hook(options.on_ssvm, directory),
        template_seeded=_hook(options.template_seeded, directory),
    )
    app = create_app(config)
    configure(app.state.emulator.system, dict(each.split("=", 1) for each in options.setting))
    server = new_server(app)
    sock = bound(options.port)
    address, port = sock.getsockname()
    endpoint = f"http://{address}:{port}{PATH}"
    told = {
        "port": str(port),
        "address": address,
        "endpoint": endpoint,
        "username": config.username,
        "era": config.era,
    }
    for name, value in told.items():
        (directory / name).write_text(value + "\n", encoding="utf-8")
    # The socket listens from here on, so a client that reads this line is answered.
    sock.listen(128)
    print(f"CloudStack emulator ({config.era}) ready at {endpoint}", flush=True)
    server.run(sockets=[sock])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab.cloudstack", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--port", type=int, default=0, help="on the loopback; 0 takes a free one")
    parser.add_argument("--era", choices=("modern", "legacy"), default="modern", help="4.23, or 4.1")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--job-seconds", type=float, default=0.5, help="how long a job takes")
    parser.add_argument(
        "--setting", action="append", default=[], metavar="NAME=VALUE", help="as by /_lab/settings"
    )
    parser.add_argument("--on-ssvm", help="MODULE:FUNCTION, called with (work, directory)")
    parser.add_argument("--template-seeded", help="MODULE:FUNCTION, asked with (staging url, directory)")
    return parser


def _secret(path: Path) -> str:
    """A credential of the administrator, made at the first start."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
    return path.read_text(encoding="utf-8").strip()


def _hook(named: str | None, directory: Path) -> Any:
    if named is None:
        return None
    module, _, function = named.partition(":")
    apply = getattr(importlib.import_module(module), function)
    return lambda what: apply(what, directory)


if __name__ == "__main__":
    main()
