"""What a lab is now, in the form that `strata lab status --json` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lab.addresses import DATA_LIF
from lab.cluster import AGGREGATE, SVM
from lab.folder import Folder, read, read_port
from lab.host import Host
from lab.management import Management
from lab.nfs.server import Ganesha
from lab.ports import answers
from lab.swift.server import Swift

if TYPE_CHECKING:
    from lab.environment import Lab


def status_of(lab: Lab) -> dict[str, Any]:
    """By part; "real" is true for a real server and false for an emulator; secrets are in it, for programs."""
    folder, hosts = lab.folder, lab.hosts
    return {
        "ontap": {
            "running": lab.cluster.answers(),
            "real": False,
            "url": read(folder.ontap / "url"),
            "username": read(folder.ontap / "username"),
            "password": read(folder.ontap / "password"),
            "ca": str(folder.ontap / "ca.pem"),
            "svm": SVM,
            "aggregate": AGGREGATE,
            "exports": exported(folder),
        },
        "nfs": _nfs(folder, lab.ganesha),
        "host": _host(hosts),
        "glance": _glance(hosts),
        "guests": {each.guest.name: {**_host([each]), "glance": each.glance_url} for each in hosts},
        "swift": _swift(lab.swift),
        "cloudstack": _cloudstack(lab.management),
    }


def exported(folder: Folder) -> dict[str, str]:
    """The directory behind each junction path."""
    listed = read(folder.ontap / "exports.json")
    return {each["junction_path"]: each["directory"] for each in json.loads(listed or "[]")}


def _nfs(folder: Folder, ganesha: Ganesha) -> dict[str, Any]:
    port = read_port(folder.nfs / "port")
    return {
        "running": ganesha.process is not None and port is not None and answers(port),
        "real": True,
        "address": read(folder.nfs / "address"),
        "port": port,
        "lif": DATA_LIF,
    }


def _swift(swift: Swift) -> dict[str, Any]:
    told = {name: read(swift.directory / name) for name in ("auth_url", "user", "key")}
    return {"running": swift.process is not None and swift.answers(), "real": True, **told}


def _cloudstack(management: Management) -> dict[str, Any]:
    told = {name: read(management.directory / name) for name in ("endpoint", "api_key", "secret_key", "era")}
    return {"running": management.answers(), "real": False, **told}


def _host(hosts: Sequence[Host]) -> dict[str, Any]:
    if not hosts:
        return {"running": False, "real": True}
    directory = hosts[0].directory
    return {
        "running": all(each.process is not None and each.answers() for each in hosts),
        "real": True,
        "address": read(directory / "address"),
        "port": read_port(directory / "port"),
        "user": read(directory / "user"),
        "key": str(directory / "key"),
        "host_key": read(directory / "host_key"),
    }


def _glance(hosts: Sequence[Host]) -> dict[str, Any]:
    running = bool(hosts) and all(each.process is not None and each.glance_answers() for each in hosts)
    return {"running": running, "real": True, "url": hosts[0].glance_url if hosts else None}
