"""Where a volume is mounted, by which export policy it is served, and who owns its root directory."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from lab import privileged
from lab.ontap.errors import OntapError
from lab.ontap.model import Document
from lab.ontap.named import policy_named
from lab.ontap.store import Store
from lab.ontap.unverified import JUNCTION_IN_USE, JUNCTION_PARENT_MISSING


def check_path(path: str) -> None:
    """A junction path begins with "/" and does not end with it (facts: ontap 2)."""
    good = path.startswith("/") and path != "/" and not path.endswith("/") and "//" not in path
    if not good:
        raise OntapError("918252", f'The specified "nas.path" is invalid: "{path}".', "nas.path")


def check_junction(
    store: Store, svm_uuid: str, path: str, volume_uuid: str | None, volumes_dir: Path
) -> None:
    """Nothing else is mounted there, and the directory that holds the junction exists."""
    mounted = [
        each
        for each in store.table("volumes").values()
        if each["svm.uuid"] == svm_uuid and "nas.path" in each and each["uuid"] != volume_uuid
    ]
    for volume in mounted:
        if volume["nas.path"].lower() == path.lower():
            words = f'Junction path "{path}" is already in use by volume "{volume["name"]}".'
            raise OntapError(JUNCTION_IN_USE, words, "nas.path", status=409)
    if not _parent_exists(mounted, PurePosixPath(path).parent, volumes_dir):
        words = f'The specified "nas.path" is invalid: the parent directory of "{path}" does not exist.'
        raise OntapError(JUNCTION_PARENT_MISSING, words, "nas.path")


def _parent_exists(mounted: list[Document], parent: PurePosixPath, volumes_dir: Path) -> bool:
    holders = [each for each in mounted if parent.is_relative_to(each["nas.path"])]
    if not holders:
        return False
    holder = max(holders, key=lambda each: len(each["nas.path"]))
    inside = parent.relative_to(holder["nas.path"])
    directory: Path = volumes_dir / str(holder["uuid"]) / inside
    return directory.is_dir()


def resolve_export_policy(store: Store, svm_uuid: str, body: Document) -> None:
    """The body then names the policy by id only, so that renaming a policy changes no volume."""
    name = body.pop("nas.export_policy.name", None)
    number = body.get("nas.export_policy.id")
    if name is None and number is None:
        return
    by_name = policy_named(store, svm_uuid, name) if name is not None else None
    by_number = store.table("export_policies").get(str(number)) if number is not None else None
    if (name is not None and by_name is None) or (number is not None and by_number is None):
        words = f'The specified export policy "{name if name is not None else number}" does not exist.'
        raise OntapError("918271", words, "nas.export_policy")
    if by_name and by_number and by_name is not by_number:
        words = 'The specified "nas.export_policy.id" and "nas.export_policy.name" differ.'
        raise OntapError("918271", words, "nas.export_policy")
    policy = by_name or by_number
    assert policy is not None
    body["nas.export_policy.id"] = policy["id"]


def own_directory(directory: Path, body: Document) -> None:
    """Give the volume's root directory the owner and mode that the body sets; the digits are octal."""
    owner, group = body.get("nas.uid", -1), body.get("nas.gid", -1)
    try:
        if (owner, group) != (-1, -1):
            privileged.give(directory, owner, group)
        if "nas.unix_permissions" in body:
            privileged.set_mode(directory, int(str(body["nas.unix_permissions"]), 8))
    except PermissionError:
        # Without root the record alone changes: the data plane needs root anyway, the tests do not.
        return
