"""`python -m lab.ontap --dir DIR`: the emulator as a process of its own.

DIR then holds address, port, url, ca.pem, username and password (0600), the records, the journal and the volumes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from lab.http.process import hook, serve, stored_secret
from lab.ontap.config import Config
from lab.ontap.server import create_app
from lab.ontap.serving import new_server
from lab.ontap.tls import stored_authority


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM."""
    options = _parser().parse_args(argv)
    directory: Path = options.dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    stored_authority(directory)
    config = Config(
        data_dir=directory,
        password=stored_secret(directory / "password", 24),
        lif_address=options.lif,
        version=options.version,
        latency=options.latency,
        job_seconds=options.job_seconds,
        exports_file=options.exports_file,
        on_change=hook(options.on_change_module, directory),
    )
    server = new_server(create_app(config), directory)

    def told(where: str) -> dict[str, str]:
        return {"url": f"https://{where}", "username": config.username}

    serve(server, options.port, directory, f"ONTAP emulator {config.version}", told)


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


if __name__ == "__main__":
    main()
