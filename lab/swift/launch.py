"""One of Swift's programs, run by the Python of its environment: `python -I launch.py NAME CONFIG`, or `rings DIR NAME=PORT …`.

Swift's daemons look for swift.conf below /etc/swift and nowhere else; told here, in their own process, they take the lab's.
The rings are built here too: in one process they take half a second, by `swift-ring-builder` twelve starts.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

PROGRAMS = {
    "proxy": "swift.proxy.server",
    "account": "swift.account.server",
    "container": "swift.container.server",
    "object": "swift.obj.server",
    "container-updater": "swift.container.updater",
    "object-updater": "swift.obj.updater",
}
PARTITION_POWER = 0
"""One partition. For each one that holds a container the updater forks a process at every sweep, and with sixteen an idle lab
kept a fifth of a processor busy."""


def run(name: str, config: Path) -> None:
    """Be that program until it is ended."""
    importlib.import_module("swift.common.utils").set_swift_dir(str(config.parent))
    sys.argv = [f"swift-{name}", str(config), "-v"]
    importlib.import_module(PROGRAMS[name]).main()


def build_rings(directory: Path, rings: dict[str, int]) -> None:
    """A ring of one device for each name (`account`, `container`, `object`, `object-1`) and the port of its server."""
    builder_class = importlib.import_module("swift.common.ring").RingBuilder
    power = partition_power(directory)
    for name, port in rings.items():
        builder = builder_class(power, 1, 0)
        device = {
            "id": 0,
            "region": 1,
            "zone": 1,
            "weight": 1.0,
            "ip": "127.0.0.1",
            "port": port,
            "device": "d1",
        }
        builder.add_dev({**device, "replication_ip": "127.0.0.1", "replication_port": port, "meta": ""})
        builder.rebalance()
        builder.get_ring().save(str(directory / f"{name}.ring.gz"))


def partition_power(directory: Path) -> int:
    """That of the rings that are there: by it everything is found that was stored with them."""
    stored = directory / "account.ring.gz"
    if not stored.exists():
        return PARTITION_POWER
    ring = importlib.import_module("swift.common.ring").RingData.load(str(stored), metadata_only=True)
    return 32 - int(ring._part_shift)


def serve_keystone(config: Path, port: int) -> None:
    """Keystone as a server of its own; it is made for a web server and brings none."""
    core = importlib.import_module("keystone.server.flask.core")
    application = core.initialize_application(name="public", config_files=[str(config)])
    importlib.import_module("werkzeug.serving").run_simple("127.0.0.1", port, application, threaded=True)


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    if what == "rings":
        build_rings(Path(where), {name: int(port) for name, port in (each.split("=") for each in rest)})
    elif what == "keystone":
        sys.argv = ["keystone"]
        serve_keystone(Path(where), int(rest[0]))
    else:
        run(what, Path(where))
