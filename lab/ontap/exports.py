"""What the SVM serves over NFS: each mounted volume with its directory and the rules of its export policy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.ontap.model import Document
from lab.ontap.store import Store


@dataclass(frozen=True)
class ExportRule:
    """One rule. `clients` are ONTAP client matches; the other lists hold security flavours (sys, krb5, any, never…).

    `anonymous` is the user that squashed clients become: a name or number, ONTAP's default is "65534" or "none".
    """

    index: int
    clients: tuple[str, ...]
    protocols: tuple[str, ...]
    ro: tuple[str, ...]
    rw: tuple[str, ...]
    superuser: tuple[str, ...]
    anonymous: str


@dataclass(frozen=True)
class Export:
    """A volume that is online and mounted in an SVM whose NFS service is enabled."""

    volume_uuid: str
    volume: str
    svm: str
    directory: str
    junction_path: str
    policy: str
    rules: tuple[ExportRule, ...]


def exports_of(store: Store, volumes_dir: Path) -> list[Export]:
    """The export list in the order of the junction paths; the SVM root volume is in it at "/"."""
    serving = {
        each["svm.uuid"] for each in store.table("nfs_services").values() if each.get("enabled") is True
    }
    exports = [
        _export(store, volume, volumes_dir)
        for volume in store.table("volumes").values()
        if "nas.path" in volume and volume["state"] == "online" and volume["svm.uuid"] in serving
    ]
    return sorted(exports, key=lambda each: each.junction_path)


def rules_of(store: Store, policy_id: int) -> list[Document]:
    """A policy's rules in the order of their index."""
    rules = (each for each in store.table("export_rules").values() if each["policy.id"] == policy_id)
    return sorted(rules, key=lambda each: int(each["index"]))


def as_json(exports: Sequence[Export]) -> list[dict[str, Any]]:
    """The list as plain data."""
    return [asdict(each) for each in exports]


def write_exports(exports: Sequence[Export], path: Path) -> None:
    """Replace the file in one step, so that its reader never sees half a list."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(as_json(exports), indent=1), encoding="utf-8")
    beside.replace(path)


def read_exports(path: Path) -> list[Export]:
    """The list that `write_exports` wrote."""
    listed = json.loads(path.read_text(encoding="utf-8"))
    return [
        Export(**{**each, "rules": tuple(_rule_from_json(rule) for rule in each["rules"])}) for each in listed
    ]


def _rule_from_json(rule: dict[str, Any]) -> ExportRule:
    parts: dict[str, Any] = {
        name: tuple(each) if isinstance(each, list) else each for name, each in rule.items()
    }
    return ExportRule(**parts)


def _export(store: Store, volume: Document, volumes_dir: Path) -> Export:
    policy_id = volume["nas.export_policy.id"]
    policy = store.table("export_policies")[str(policy_id)]
    return Export(
        volume_uuid=volume["uuid"],
        volume=volume["name"],
        svm=volume["svm.name"],
        directory=str(volumes_dir / volume["uuid"]),
        junction_path=volume["nas.path"],
        policy=policy["name"],
        rules=tuple(_rule(each) for each in rules_of(store, policy_id)),
    )


def _rule(rule: Document) -> ExportRule:
    return ExportRule(
        index=rule["index"],
        clients=tuple(each["match"] for each in rule["clients"]),
        protocols=tuple(rule["protocols"]),
        ro=tuple(rule["ro_rule"]),
        rw=tuple(rule["rw_rule"]),
        superuser=tuple(rule["superuser"]),
        anonymous=rule["anonymous_user"],
    )
