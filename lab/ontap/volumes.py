"""Volumes: create, modify and remove, checked when asked for and applied by a job.

Source: facts: ontap 0 and 2.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace

from lab.ontap import recovery_queue
from lab.ontap.efficiency import check_efficiency, created_efficiency, modified_efficiency
from lab.ontap.errors import OntapError, invalid_value
from lab.ontap.model import Change, Document
from lab.ontap.named import policy_named, refer, svm_of
from lab.ontap.nas import check_junction, check_path, own_directory, resolve_export_policy
from lab.ontap.savings import used_bytes
from lab.ontap.store import Store
from lab.ontap.system import System
from lab.ontap.timestamps import timestamp
from lab.ontap.unverified import QOS_POLICY_MISSING, SHRINK_BELOW_USED, SIZE_MINIMUM
from lab.ontap.volume_checks import (
    check_autosize,
    check_name,
    check_name_is_free,
    check_size,
    check_space,
    one_aggregate,
)
from lab.ontap.volume_view import view_volume

_RESERVE_AT_CREATE = 90
_LONGEST_COMMENT = 1023
_ONLINE_ONLY = (
    "size",
    "nas.uid",
    "nas.gid",
    "nas.unix_permissions",
    "efficiency.dedupe",
    "efficiency.compression",
)


class Volumes:
    """The behaviour of /api/storage/volumes."""

    def view(self, system: System, document: Document, asked: Collection[str]) -> Document:
        """The record with space and savings from its directory."""
        return view_volume(system, document, asked)

    def expire(self, system: System) -> bool:
        """Purge what has been in the recovery queue for long enough."""
        return recovery_queue.expire(system)

    def check(self, system: System, change: Change) -> Change:
        """Judge the request; the change that comes back is complete."""
        if change.verb == "create":
            return self._check_create(system, change)
        volume = _volume(system, change.key)
        if change.verb == "remove":
            if volume.get("is_svm_root"):
                raise OntapError("917531", f'Volume "{volume["name"]}" is the root volume of its SVM.')
            return change
        body = dict(change.body)
        _check_values(system, body, volume["svm.uuid"], volume["nas.security_style"])
        _check_modify(system, volume, body)
        return replace(change, body=body)

    def apply(self, system: System, change: Change) -> None:
        """What the job does."""
        if change.verb == "create":
            self._create(system, change)
        elif change.verb == "remove":
            volume = _volume(system, change.key)
            recovery_queue.remove(system, volume, force=change.arguments.get("force", "").lower() == "true")
        else:
            self._modify(system, _volume(system, change.key), dict(change.body))

    def _check_create(self, system: System, change: Change) -> Change:
        body = dict(change.body)
        if "name" not in body:
            raise OntapError("2", 'The field "name" is required.', "name")
        svm = svm_of(system.store, body)
        one_aggregate(system.store, body)
        check_name(body["name"])
        key = str(uuid.uuid4())
        check_name_is_free(system.store, svm["uuid"], body["name"], key)
        if body.get("type", "rw") != "rw":
            raise OntapError("3", "The lab does not emulate data protection volumes.", "type", status=400)
        _check_values(system, body, svm["uuid"], body.get("nas.security_style", "unix"))
        if body.get("space.snapshot.reserve_percent", 0) > _RESERVE_AT_CREATE:
            words = "The maximum snapshot reserve during a volume creation is 90 percent."
            raise OntapError("917835", words, "space.snapshot.reserve_percent")
        if body.get("state", "online") != "online":
            body.pop("nas.path", None)
        body = {**_defaults(system, svm["uuid"]), "nas.security_style": "unix", **body}
        check_autosize(body)
        return replace(change, key=key, body=body)

    def _create(self, system: System, change: Change) -> None:
        volume: Document = {"uuid": change.key, "create_time": timestamp(system.clock.now()), **change.body}
        check_name_is_free(system.store, volume["svm.uuid"], volume["name"], change.key)
        if volume.get("nas.path") == "":
            del volume["nas.path"]
        _check_mount(system, volume)
        check_space(system.store, volume)
        created_efficiency(volume, system.settings.platform)
        system.store.table("volumes")[change.key] = volume
        directory = system.directory(change.key)
        directory.mkdir(parents=True, exist_ok=True)
        own_directory(directory, volume)

    def _modify(self, system: System, volume: Document, body: Document) -> None:
        after = {**volume, **body}
        _check_mount(system, after if body.get("nas.path") else {**after, "nas.path": ""})
        check_space(system.store, after)
        if "size" in body and body["size"] < used_bytes(system.directory(volume["uuid"])):
            words = f'Volume "{volume["name"]}" cannot be shrunk below its used space.'
            raise OntapError(SHRINK_BELOW_USED, words)
        modified_efficiency(volume, body)
        volume.update(body)
        if volume["state"] != "online" or volume.get("nas.path") == "":
            volume.pop("nas.path", None)
        own_directory(system.directory(volume["uuid"]), body)


def _volume(system: System, key: str) -> Document:
    volume = system.store.table("volumes").get(key)
    if volume is None:
        raise OntapError("4", f"entry doesn't exist (volume {key})", "uuid")
    return volume


def _defaults(system: System, svm_uuid: str) -> Document:
    policy = policy_named(system.store, svm_uuid, "default")
    snapshots = system.store.find("snapshot_policies", "name", "default")
    assert policy
    assert snapshots
    return {
        "size": SIZE_MINIMUM,
        "state": "online",
        "type": "rw",
        "style": "flexvol",
        "language": "c.utf_8",
        "comment": "",
        "snapshot_policy.uuid": snapshots["uuid"],
        "snapshot_directory_access_enabled": True,
        "nas.export_policy.id": policy["id"],
        "nas.uid": 0,
        "nas.gid": 0,
        "nas.unix_permissions": 755,
        "guarantee.type": "volume",
        "space.snapshot.reserve_percent": 5,
        "autosize.mode": "off",
        "autosize.grow_threshold": 85,
        "autosize.shrink_threshold": 50,
        "encryption.enabled": False,
    }


def _check_values(system: System, body: Document, svm_uuid: str, style: str) -> None:
    """What a create and a modify have in common; names of other objects become their keys."""
    if "space.size" in body:
        size = body.pop("space.size")
        if body.setdefault("size", size) != size:
            raise invalid_value("space.size", size)
    if "size" in body:
        check_size(body["size"])
    if body.get("nas.path"):
        check_path(body["nas.path"])
    if len(body.get("comment", "")) > _LONGEST_COMMENT:
        raise invalid_value("comment", f"{len(body['comment'])} characters")
    if body.get("state") == "error":
        raise OntapError("918652", 'The state "error" cannot be set.', "state")
    if body.get("nas.security_style", style) == "ntfs" and ("nas.uid" in body or "nas.gid" in body):
        words = 'Fields "nas.uid" and "nas.gid" are not allowed with security style "ntfs".'
        raise OntapError("917533", words, "nas.uid" if "nas.uid" in body else "nas.gid")
    resolve_export_policy(system.store, svm_uuid, body)
    _resolve_snapshot_policy(system.store, body)
    _resolve_qos(system.store, svm_uuid, body)
    check_efficiency(system.store, body, system.settings.platform)


def _check_modify(system: System, volume: Document, body: Document) -> None:
    if "name" in body:
        check_name(body["name"])
        check_name_is_free(system.store, volume["svm.uuid"], body["name"], volume["uuid"])
    if volume.get("is_svm_root") and body.get("state", "online") != "online":
        raise OntapError("917531", f'Volume "{volume["name"]}" is the root volume of its SVM.', "state")
    state = body.get("state", volume["state"])
    refused = [name for name in body if name in _ONLINE_ONLY or (name == "nas.path" and body[name])]
    if state != "online" and refused:
        raise OntapError("917775", f'Volume "{volume["name"]}" is not online.', refused[0])
    if any(name.startswith("autosize.") for name in body):
        check_autosize({**volume, **body})


def _check_mount(system: System, volume: Document) -> None:
    if volume.get("nas.path"):
        store, folder = system.store, system.config.volumes_dir
        check_junction(store, volume["svm.uuid"], volume["nas.path"], volume["uuid"], folder)


def _resolve_snapshot_policy(store: Store, body: Document) -> None:
    name, key = body.pop("snapshot_policy.name", None), body.get("snapshot_policy.uuid")
    if name is not None or key is not None:
        missing = OntapError("917551", f'Snapshot policy "{name or key}" does not exist.', "snapshot_policy")
        body["snapshot_policy.uuid"] = refer(store, "snapshot_policies", name, key, missing, missing)["uuid"]


def _resolve_qos(store: Store, svm_uuid: str, body: Document) -> None:
    """Empty or "none" takes the policy off."""
    name, key = body.pop("qos.policy.name", None), body.get("qos.policy.uuid")
    if name in ("", "none"):
        body["qos.policy.uuid"] = ""
    elif name is not None or key:
        missing = OntapError(QOS_POLICY_MISSING, f'QoS policy "{name or key}" does not exist.', "qos.policy")
        policy = refer(store, "qos_policies", name, key or None, missing, missing)
        if policy["svm.uuid"] != svm_uuid:
            raise missing
        body["qos.policy.uuid"] = policy["uuid"]
