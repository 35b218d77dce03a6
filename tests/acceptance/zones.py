"""The zone path as its operator sees it: the project, CloudStack as another administrator reaches it, and what lies in Swift."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml
from cs import CloudStack
from swiftclient import Connection  # type: ignore[import-untyped]

from lab.environment import Lab
from tests.acceptance.environment import Environment, whole_stack_text, without
from tests.acceptance.project import Project
from tools.demo.order import STORE_WRITES, Asked

IMAGE_PATH = (
    ("strata:ontap", "volumes", "images"),
    ("strata:mounts", "glance-images"),
    ("strata:glance",),
)
"""What of the lab stack is about Glance."""

HYPERVISOR_PASSWORD = "canary-of-the-hypervisors"
"""Long enough to be told from other text; the lab takes any."""

Document = dict[str, Any]


def zone_text(lab: Lab, stack: str = "lab") -> str:
    """The zone path of a committed lab stack, over the files of this lab."""
    text = whole_stack_text(lab, stack)
    for path in IMAGE_PATH:
        # The stack of the older era has no image path.
        with contextlib.suppress(StopIteration):
            text = without(text, "config", *path)
    return text


def store_text(lab: Lab, stack: str = "lab") -> str:
    """Swift, CloudStack's store on it and a zone whose staging store is another server's: nothing of ONTAP or of mounts."""
    text = without(zone_text(lab, stack), "config", "strata:ontap")
    text = without(text, "config", "strata:mounts")
    return changed(text, _stand_alone)


def changed(text: str, change: Callable[[Document], object]) -> str:
    """The stack file after a change of what stands in its `config`; comments are lost."""
    document = yaml.safe_load(text)
    change(document["config"])
    return yaml.safe_dump(document, sort_keys=False)


def zones_of(config: Document) -> Document:
    """The zones of a stack file's `config`."""
    zones: Document = config["strata:cloudstack"]["zones"]
    return zones


def prepare(project: Project) -> None:
    """Give the hypervisors' hosts a password that can be looked for, and declare all of the store that can drift."""
    (project.folder / "hypervisor.password").write_text(HYPERVISOR_PASSWORD + "\n")

    def give(config: Document) -> None:
        for one in config["strata:cloudstack"]["hypervisorCredentials"].values():
            one["password"] = {"file": "hypervisor.password"}
        config["strata:cloudstack"]["objectStore"]["readOnly"] = False

    project.write(changed(project.stack_file.read_text(), give))


def second_zone(config: Document) -> None:
    """Declare zone2: addresses of its own, no hypervisor, a staging store that nobody mounts."""
    network = {"isolation": ["VLAN"], "vlans": "200-299", "traffic": _any_traffic()}
    pod = {
        "gateway": "10.131.0.1",
        "netmask": "255.255.255.0",
        "startIp": "10.131.0.200",
        "endIp": "10.131.0.219",
    }
    public = {
        "gateway": "172.16.1.1",
        "netmask": "255.255.255.0",
        "startIp": "172.16.1.100",
        "endIp": "172.16.1.199",
    }
    zones_of(config)["zone2"] = {
        "networkType": "Advanced",
        "dns": ["8.8.8.8"],
        "internalDns": ["10.131.0.2"],
        "staging": {"url": "nfs://10.130.208.55/secondary2"},
        "physicalNetworks": {"physnet2": network},
        "publicIpRanges": {"public2": public},
        "pods": {"pod2": pod},
        "waitForSystemVms": False,
    }


def _any_traffic() -> Document:
    return {"Management": {}, "Public": {}, "Guest": {}}


def _stand_alone(config: Document) -> None:
    for zone in zones_of(config).values():
        zone["staging"] = {"url": "nfs://10.130.208.55/elsewhere"}
        zone["waitForSystemVms"] = False
        zone.pop("systemVmTemplate", None)


@dataclass(frozen=True)
class Cloud:
    """CloudStack and Swift of a lab, reached as another administrator or another tool would."""

    lab: Lab

    # CloudStack's API.

    def ask(self, command: str, **params: Any) -> Any:
        """The body of one answer; a job is waited for."""
        # Not from the lab's status: that asks every part of it whether it runs, the emulated guest's Glance included.
        names = ("endpoint", "api_key", "secret_key")
        endpoint, key, secret = ((self.lab.management.directory / name).read_text().strip() for name in names)
        api = CloudStack(endpoint=endpoint, key=key, secret=secret, method="post")
        return getattr(api, command)(fetch_result=True, **params)

    def rows(self, command: str, **params: Any) -> list[Document]:
        """The objects of a list."""
        body = self.ask(command, **params)
        return next((value for value in body.values() if isinstance(value, list)), [])

    def row(self, command: str, **params: Any) -> Document:
        """The only object of a list."""
        (found,) = self.rows(command, **params)
        return found

    # The emulator's journal.

    def last(self) -> int:
        """The number of the newest request."""
        with self.lab.cloudstack() as client:
            return int(client.get("/_lab/journal").json()["last"])

    def entries(self, since: int = 0) -> list[Document]:
        """The requests after a number, as the journal has them."""
        with self.lab.cloudstack() as client:
            entries: list[Document] = client.get("/_lab/journal", params={"since": since}).json()["entries"]
        return entries

    def asked(self, since: int = 0) -> list[Asked]:
        """The requests after a number, in order."""
        return [
            Asked(one["seq"], one["query"].get("command", ""), one["write"], one["status"] == 200)
            for one in self.entries(since)
        ]

    def writes(self, since: int = 0) -> list[str]:
        """The commands after a number that change something."""
        return [one.command for one in self.asked(since) if one.write]

    def zone_calls(self, since: int = 0) -> list[str]:
        """Those that are about a zone or anything in it."""
        return [command for command in self.writes(since) if command not in STORE_WRITES]

    @contextmanager
    def no_writes(self) -> Iterator[None]:
        """Fails when anything but reads reached CloudStack or Swift in between."""
        before, stored = self.last(), self.stored()
        yield
        assert self.writes(before) == []
        assert self.stored() == stored

    @contextmanager
    def as_installed(self) -> Iterator[None]:
        """A management server without any record, in the place of this one, which comes back with all that it had."""
        records = self.lab.management.directory / (self.lab.management.era or "modern")
        aside = records.with_name(f"{records.name}.aside")
        self._exchange(lambda: records.rename(aside))
        try:
            yield
        finally:
            self._exchange(lambda: (shutil.rmtree(records), aside.rename(records)))

    def _exchange(self, rename: Callable[[], object]) -> None:
        era = self.lab.management.era or "modern"
        self.lab.management.stop()
        rename()
        self.lab.management.start(era)
        self.lab.restart_management()

    @contextmanager
    def users_template(self, name: str) -> Iterator[None]:
        """A template of a user's in the store."""
        store = self.row("listImageStores")["id"]

        def put(*names: str) -> None:
            with self.lab.cloudstack() as client:
                given = {"store": store, "names": names}
                client.post("/_lab/usertemplates", json=given).raise_for_status()

        put(name)
        try:
            yield
        finally:
            put()

    # Swift.

    def swift(self, suffix: str = "") -> Connection:
        """The account that CloudStack uses; with the suffix 2 the older era's."""
        user, key = (self._file(f"{name}{suffix}") for name in ("user", "key"))
        return Connection(self.lab.swift.auth_url, user, key, retries=1, auth_version="1")

    def _file(self, name: str) -> str:
        return (self.lab.swift.directory / name).read_text().strip()

    def stored(self, suffix: str = "") -> dict[str, list[str]]:
        """Name and MD5 of every object by container, and what the account itself says under a name of its own."""
        swift = self.swift(suffix)
        headers, containers = swift.get_account()
        found = {"": sorted(f"{key}: {value}" for key, value in headers.items() if "-meta-" in key)}
        for one in containers:
            objects = swift.get_container(one["name"])[1]
            found[one["name"]] = [f"{each['name']} {each['hash']}" for each in objects]
        swift.close()
        return found

    def templates(self, suffix: str = "") -> dict[str, list[str]]:
        """The containers of templates, with their objects."""
        return {name: objects for name, objects in self.stored(suffix).items() if name.startswith("T-")}


@dataclass(frozen=True)
class ZonePath(Environment):
    """A project with a cloud that is up in its lab."""

    cloud: Cloud
    began: int
    """The number of the last request to CloudStack before the project's first `up`."""

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Fails when anything but reads reached CloudStack, Swift or ONTAP in between."""
        with self.cloud.no_writes(), self.no_ontap_writes():
            yield


def journal_text(cloud: Cloud) -> str:
    """Everything that the journals of both emulators hold."""
    with cloud.lab.ontap() as client:
        return json.dumps(cloud.entries()) + str(client.get("/_lab/journal").text)
