"""The work of a secondary storage VM, done for real: templates come to the staging store and go from there into Swift.

`python -m lab.cloudstack --on-ssvm lab.cloudstack.ssvm:deliver --template-seeded lab.cloudstack.ssvm:seeded`.
The VM itself is what no lab can run here; its files are small, all else is as CloudStack does it (facts: cloudstack 5):
the container T-<database number>, version 1 credentials `account:username`, and by era the file with four lines about
it, or every file of the template's folder. What is there already is left alone, what fails raises and is tried again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from swiftclient import Connection  # type: ignore[import-untyped]
from swiftclient.exceptions import ClientException  # type: ignore[import-untyped]

from lab.cloudstack.config import SsvmWork, SwiftAccess, TemplateOnStaging
from lab.cloudstack.ssvm_staging import Folder, directory_of, exported, template_folder
from lab.cloudstack.templates import KNOWN
from lab.failures import LabFailure

PROPERTIES = "template.properties"
VIRTUAL_SIZE = 2147483648
BLOCK = 128 * 1024
MAGIC = {"QCOW2": b"QFI\xfb", "VHD": b"conectix", "OVA": b"systemvm.ovf\0"}


def deliver(work: SsvmWork, emulator: Path) -> None:
    """Bring every template to each staging store of the zone, and from the first one into each Swift."""
    exports = exported(emulator)
    stores = [directory_of(url, exports) for url in work.staging_urls]
    if not stores:
        raise LabFailure(
            f"Zone {work.zone_name} has no staging store, so its secondary storage VM has nowhere to work."
        )
    for template in work.templates:
        for store in stores:
            stage(template_folder(store, template.number), template)
    for swift in work.swifts:
        with _account(swift) as account:
            for template in work.templates:
                folder = template_folder(stores[0], template.number)
                _upload(account, swift, template.number, objects_of(folder, work.era))


def seeded(url: str, hypervisor: str, emulator: Path) -> bool:
    """Whether the installer script put that hypervisor's system VM template there; another's starts nothing."""
    if hypervisor not in KNOWN:
        return False
    try:
        store = directory_of(url, exported(emulator))
    except LabFailure:
        return False
    return PROPERTIES in template_folder(store, KNOWN[hypervisor][0]).names()


def stage(folder: Folder, template: TemplateOnStaging) -> None:
    """The template's file and what CloudStack notes about it; one that the installer script put there stays."""
    if PROPERTIES in folder.names():
        return
    content, name = image_of(template), f"{template.uuid}.{template.file_format.lower()}"
    folder.write(name, content)
    folder.write(PROPERTIES, full_properties(template, name, len(content)).encode())


def image_of(template: TemplateOnStaging) -> bytes:
    """A file of some hundred KiB, always the same for the same template, that begins as its format does."""
    size = BLOCK * (1 + template.number % 6)
    body = hashlib.shake_256(template.uuid.encode()).digest(size)
    magic = MAGIC.get(template.file_format, b"")
    return magic + body[len(magic) :]


def full_properties(template: TemplateOnStaging, name: str, size: int) -> str:
    """template.properties as it stands on an NFS store."""
    kind = template.file_format.lower()
    lines = {
        "filename": name,
        "description": template.name,
        "id": template.number,
        "public": "true",
        "hvm": "false",
        "uniquename": template.unique_name,
        "size": size,
        "virtualsize": VIRTUAL_SIZE,
        kind: "true",
        f"{kind}.filename": name,
        f"{kind}.size": size,
        f"{kind}.virtualsize": VIRTUAL_SIZE,
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def parse_properties(text: str) -> dict[str, str]:
    """The values of a template.properties."""
    rows = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {key.strip(): value.strip() for key, equals, value in rows if equals}


def objects_of(folder: Folder, era: str) -> dict[str, bytes]:
    """Object name to content for one template's container.

    Modern: the file, and four lines about it. Legacy: every file of the folder, the whole template.properties with them.
    """
    if PROPERTIES not in folder.names():
        raise LabFailure(f"{folder.path} has no {PROPERTIES}, so there is no template to upload.")
    if era == "legacy":
        return {name: folder.read(name) for name in folder.names()}
    known = parse_properties(folder.read(PROPERTIES).decode())
    told = ("uniquename", "filename", "size", "virtualsize")
    four = "".join(f"{key}={known.get(key, '')}\n" for key in told)
    return {known["filename"]: folder.read(known["filename"]), PROPERTIES: four.encode()}


@contextlib.contextmanager
def _account(swift: SwiftAccess) -> Iterator[Connection]:
    """Swift as CloudStack's client reaches it: `-A url -U account:username -K key`, no other version. No retries:
    the emulator comes again by itself."""
    user = f"{swift.details.get('account', '')}:{swift.details.get('username', '')}"
    key = swift.details.get("key", "")
    account: Any = Connection(authurl=swift.url, user=user, key=key, auth_version="1", retries=0, timeout=60)
    try:
        yield account
    except ClientException as error:
        answered = f"HTTP {error.http_status}" if error.http_status else str(error)
        raise LabFailure(
            f"The secondary storage VM could not use Swift {swift.name} at {swift.url} as {user}: {answered}."
        ) from None
    except (requests.RequestException, OSError) as error:
        raise LabFailure(
            f"The secondary storage VM could not reach Swift {swift.name} at {swift.url}: {type(error).__name__}."
        ) from None
    finally:
        account.close()


def _upload(account: Connection, swift: SwiftAccess, number: int, objects: dict[str, bytes]) -> None:
    container = f"T-{number}"
    policy = swift.details.get("storagepolicy")
    account.put_container(container, {"X-Storage-Policy": policy} if policy else None)
    _, listed = account.get_container(container, full_listing=True)
    there = {each["name"]: each["hash"] for each in listed}
    for name, content in objects.items():
        if there.get(name) != hashlib.md5(content, usedforsecurity=False).hexdigest():
            account.put_object(container, name, content)
