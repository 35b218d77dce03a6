"""`python -m lab.cloudstack --dir DIR`: the emulator as a process of its own.

Starting the process is starting the management server: sessions are gone, settings that needed a restart are in force.
DIR then holds address, port, endpoint, era, api_key, secret_key, username, password (0600), the records and the journal.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from lab.cloudstack.config import Config
from lab.cloudstack.control import configure
from lab.cloudstack.server import PATH, create_app, new_server
from lab.http.process import hook, serve, stored_secret


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM."""
    options = _parser().parse_args(argv)
    directory: Path = options.dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    config = Config(
        data_dir=directory,
        era=options.era,
        api_key=stored_secret(directory / "api_key", 48),
        secret_key=stored_secret(directory / "secret_key", 48),
        password=stored_secret(directory / "password", 48),
        latency=options.latency,
        job_seconds=options.job_seconds,
        on_ssvm=hook(options.on_ssvm, directory),
        template_seeded=hook(options.template_seeded, directory),
    )
    app = create_app(config)
    configure(app.state.emulator.system, dict(each.split("=", 1) for each in options.setting))
    server = new_server(app)

    def told(where: str) -> dict[str, str]:
        return {"endpoint": f"http://{where}{PATH}", "username": config.username, "era": config.era}

    serve(server, options.port, directory, f"CloudStack emulator ({config.era})", told)


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
    parser.add_argument("--template-seeded", help="MODULE:FUNCTION, asked with (url, hypervisor, directory)")
    return parser


if __name__ == "__main__":
    main()
