"""What a release leaves behind on a site of every kind: the state, and the systems as they were.

    python -m tests.acceptance.engine.recording tests/acceptance/engine/fixtures/every-kind-VERSION

writes it, once for each release and as root; later ones restore it. Ports are others each time: places stand for them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lab.folder import write
from lab.ports import free_port
from tests.acceptance.engine import every_kind_site
from tests.acceptance.engine.every_kind_site import EveryKind
from tests.lifecycle.glance_migration.site import CONF, DROP_IN, FOLDER, NEW, OLD

OF_THE_ACTION: Final = ("        systemVmTemplate:", "    management:")
"""An action of pulumi-command records where its host is and has to run elsewhere; a recording is of kinds."""
HOST_FILES: Final = ("/etc/fstab", CONF, DROP_IN, f"{FOLDER}/record.json")
RECORDS: Final = {"ontap": "ontap.json", "cloudstack": "cloudstack.json"}
KEYS: Final = {"": "recordedkey", "2": "recordedkey2", "_reseller": "recordedkeyreseller"}
ACLS: Final = ("x-container-read", "x-container-write")
IMAGES: Final = ("first", "second")


def of_today() -> dict[str, str]:
    """What stands for the places of a recording now."""
    return {"swift-port": str(free_port())}


def _started(site: EveryKind) -> dict[str, str]:
    return {"glance-port": str(site.host.api.port), "cloudstack-port": str(site.whole.cloudstack.port)}


@contextmanager
def systems(folder: Path, stack: str, places: Mapping[str, str]) -> Iterator[EveryKind]:
    """A site with that port and the recorded keys; it holds what lies in the folder already."""
    for name, key in KEYS.items():
        write(folder / "swift" / f"key{name}", key, secret=True)
    write(folder / "swift" / "port", places["swift-port"])
    with every_kind_site.running(folder, stack) as site:
        yield site


def record(to: Path) -> None:
    """Bring a site up and write down what is there then."""
    lines = every_kind_site.stack_text().splitlines(keepends=True)
    stack = "".join(line for line in lines if not line.startswith(OF_THE_ACTION))
    places = of_today()

    def put(name: str, text: str) -> None:
        for place, value in places.items():
            text = text.replace(value, f"<{place}>")
        (to / name).write_text(text)

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with systems(folder, stack, places) as site:
            site.project.up()
            places |= _started(site)
            to.mkdir(parents=True)
            (to / "stack.yaml").write_text(stack)
            put("state.json", _state(site))
            put("swift.json", json.dumps(_from_swift(site), indent=1))
            host = {path: site.host.path(path).read_text() for path in HOST_FILES}
            put("host.json", json.dumps(host, indent=1))
        for system, file in RECORDS.items():
            put(file, (folder / system / file).read_text())


@contextmanager
def restored(recording: Path, folder: Path) -> Iterator[EveryKind]:
    """The site as that release left it, with its state."""
    places = of_today()

    def text(name: str) -> str:
        found = (recording / name).read_text()
        for place, value in places.items():
            found = found.replace(f"<{place}>", value)
        return found

    for system, file in RECORDS.items():
        (folder / system).mkdir(parents=True)
        (folder / system / file).write_text(text(file))
    with systems(folder, (recording / "stack.yaml").read_text(), places) as site:
        places |= _started(site)
        _on_host(site, json.loads(text("host.json")))
        _to_swift(site, json.loads(text("swift.json")))
        state = folder / "state.json"
        state.write_text(text("state.json"))
        site.project.pulumi("stack", "import", "--file", str(state))
        yield site


def _state(site: EveryKind) -> str:
    """As exported, without the engine's traces of where a resource was registered."""
    exported = json.loads(site.project.pulumi("stack", "export").output)
    for one in exported["deployment"]["resources"]:
        for trace in ("sourcePosition", "stackTrace"):
            one.pop(trace, None)
    return json.dumps(exported, indent=1)


def _on_host(site: EveryKind, files: Mapping[str, str]) -> None:
    for path, content in files.items():
        site.host.path(path).parent.mkdir(parents=True, exist_ok=True)
        site.host.path(path).write_text(content)
    site.host.host.sh(
        "for path in /glance/images /mnt/staging /mnt/scratch; do mkdir -p $path; mount $path; done; "
        f"chown glance:glance {NEW}; chmod 0750 {NEW}; systemctl daemon-reload; systemctl restart -- glance-api"
    )
    with site.host.database() as database:
        database.execute("DELETE FROM images")
        database.execute("DELETE FROM image_locations")
    for image in IMAGES:
        site.host.path(f"{OLD}/{image}").unlink()
        site.host.upload(image, folder=NEW)


def _to_swift(site: EveryKind, headers: Mapping[str, Mapping[str, str]]) -> None:
    """The headers of accounts and, under `account/container`, of containers."""
    for place, given in headers.items():
        account, _, container = place.partition("/")
        if container:
            site.account(account).put_container(container, given)
        else:
            site.account(account).post_account(given)


def _from_swift(site: EveryKind) -> dict[str, dict[str, str]]:
    found = {one: _given(site.account(one).get_account()[0]) for one in ("cloudstack", "archive")}
    found["archive/backups"] = _given(site.account().get_container("backups")[0])
    return found


def _given(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that somebody has set."""
    return {name: value for name, value in headers.items() if "-meta-" in name or name in ACLS}


if __name__ == "__main__":
    record(Path(sys.argv[1]))
