"""Image stores: Swift for the whole cloud or NFS for a zone, judged in the order in which the real server judges.

The row is written before its details and is not taken back when a later step fails: an answer of failure can leave a
store that is listed (facts: cloudstack-real 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lab.cloudstack import system_vms, templates
from lab.cloudstack.commands import MODERN, Call, command, remove
from lab.cloudstack.errors import ApiError, failed, invalid
from lab.cloudstack.listing import chosen, listed
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

PROVIDERS = ("S3", "NFS", "Swift")
DEFAULT = "NFS"
_NOT_ZONE = ("Swift", "S3")


def discover(call: Call, provider: str, details: dict[str, str | None] | None) -> Document:
    """Add a store; the new row."""
    system = call.system
    kind = provider if provider in PROVIDERS else DEFAULT  # the name's case counts
    url = call.get("url")
    name = call.get("name") if "name" in call.params else url
    zone = call.live("zoneid")
    taken = any(row["name"] == name for row in system.rows("image_stores"))
    if taken and system.settings.races:
        system.settings.races -= 1
    elif taken:
        raise invalid(f"The image store with name {name} already exists, try creating with another name")
    scope = "REGION" if zone is None else "ZONE"
    anywhere = kind == "NFS" and system.settings.simulator  # the simulator's NFS provider takes any scope
    if (kind in _NOT_ZONE) == (scope == "ZONE") and not anywhere:
        raise invalid(f"Image store provider {kind} does not support scope {scope}")
    other = next((row["provider"] for row in system.rows("image_stores") if row["provider"] != kind), None)
    if other is not None:
        raise invalid(f"You can only add new image stores from the same provider {other} already added")
    if kind == "NFS":
        _check_nfs(url)
    row = system.add("image_stores", name=name, url=url, provider=kind, scope=scope, readonly=False)
    row["protocol"] = "http" if kind == "Swift" else urlsplit(url or "").scheme
    row["zoneid"] = zone["uuid"] if zone else None
    row["details"] = {}
    for key, value in (details or {}).items():
        # Each detail is a row of its own; the first that cannot be written ends the add, with the store in place.
        if key == "None":
            raise failed('Failed to add data store: Cannot invoke "String.length()" because "key" is null')
        if value is None:
            raise failed(
                "Failed to add data store: Unable to persist on DB, due to: Column 'value' cannot be null"
            )
        row["details"][key] = value
    templates.store_added(system, row)
    system_vms.store_added(system)
    return row


def _check_nfs(url: str | None) -> None:
    if url is None:
        raise failed(
            'Failed to add data store: Cannot invoke "String.toString()" because the url of the store is null'
        )
    parts = urlsplit(url)
    if not parts.scheme:
        raise failed(
            f"Failed to add data store: uri.scheme is null {url}, add nfs:// (or cifs://) as a prefix"
        )
    if not parts.netloc or not parts.path:
        raise failed(
            "Failed to add data store: Your host and/or path is wrong.  "
            "Make sure it's of the format nfs://hostname/path"
        )


def view(system: System, row: Document) -> Document:
    """The fields of a store, never its details; zone fields only where it has one, the name only while that lives."""
    made: dict[str, Any] = {"id": row["uuid"], "zoneid": row.get("zoneid")}
    made["zonename"] = system.name_of("zones", row.get("zoneid"))
    made.update(name=row["name"], url=row["url"], protocol=row["protocol"], providername=row["provider"])
    made.update(scope=row["scope"], readonly=row["readonly"], hasannotations=False)
    return {name: value for name, value in made.items() if value is not None}


@command("addImageStore", required=("provider",), eras=MODERN)
def add_image_store(call: Call) -> Document:
    """Any provider."""
    return {"imagestore": view(call.system, discover(call, call.params["provider"], call.details()))}


@command("addSwift", required=("url",), eras=MODERN)
def add_swift(call: Call) -> Document:
    """The old command, kept as another way in: absent credentials are written as nothing, which the database refuses."""
    details = {name: call.get(name) for name in ("account", "username", "key")}
    bare = Call(call.system, call.command, {"url": call.params["url"]}, call.user)
    return {"secondarystorage": view(call.system, discover(bare, "Swift", details))}


@command("addSecondaryStorage", required=("url",), eras=MODERN)
def add_secondary_storage(call: Call) -> Document:
    """The short way to an NFS store."""
    kept = {name: value for name, value in call.params.items() if name in ("url", "zoneid")}
    bare = Call(call.system, call.command, kept, call.user)
    return {"secondarystorage": view(call.system, discover(bare, "NFS", None))}


@command("addImageStoreS3", required=("accesskey", "secretkey", "endpoint", "bucket"), eras=MODERN)
def add_image_store_s3(call: Call) -> Document:
    """S3 by its own command."""
    return {"imagestore": view(call.system, discover(call, "S3", {}))}


@command("updateCloudToUseObjectStore", required=("provider",), eras=MODERN)
def update_cloud_to_use_object_store(call: Call) -> Document:
    """NFS stores become staging stores, then the object store is added."""
    system = call.system
    others = [row for row in system.rows("image_stores") if row["provider"] != "NFS"]
    if others:
        # Not observed: the words.
        raise invalid("There is already an object store in this cloud; it is not migrated twice")
    for row in system.rows("image_stores"):
        del system.store.table("image_stores")[row["uuid"]]
        system.store.table("staging_stores")[row["uuid"]] = row
    return {"imagestore": view(system, discover(call, call.params["provider"], call.details()))}


@command("updateImageStore", required=("id",), of="image_stores", eras=MODERN)
def update_image_store(call: Call) -> Document:
    """Name, readonly and capacity; everything else is ignored without a word, and names may be taken twice."""
    row = call.row("id", "image_stores")
    if call.get("name"):
        row["name"] = call.params["name"]
    if call.get("readonly") is not None:
        row["readonly"] = call.flag("readonly")
    return {"imagestore": view(call.system, row)}


@command("listImageStores", of="image_stores", eras=MODERN)
def list_image_stores(call: Call) -> Document:
    """A filter by zone hides the stores of the whole region."""
    rows = chosen(call, "image_stores", "name", "protocol", "zoneid")
    views = [view(call.system, row) for row in rows]
    provider = call.get("provider")
    return listed(call, "imagestore", [each for each in views if provider in (None, each["providername"])])


@command("listSwifts", eras=MODERN)
def list_swifts(call: Call) -> Document:
    """All Swift stores; an id must be a number, and is then ignored."""
    number = call.get("id")
    if number is not None and not number.isdigit():
        raise ApiError(
            431,
            f"Unable to execute API command listswifts due to invalid value {number} for parameter id",
        )
    rows = [row for row in call.system.rows("image_stores") if row["provider"] == "Swift"]
    return listed(call, "imagestore", [view(call.system, row) for row in rows])


def _no_store(number: int) -> ApiError:
    return invalid(f"Image store with id {number} doesn't exist")


@command("deleteImageStore", required=("id",), of="image_stores", gone=_no_store, eras=MODERN)
def delete_image_store(call: Call) -> Document:
    """Refused while users' templates, volumes or snapshots are in it; what is in Swift stays there."""
    row = call.row("id", "image_stores")
    templates.check_deletable(call.system, row)
    remove(row)
    row["details"] = {}
    return {"success": True}


@command("listStorageProviders", required=("type",), eras=MODERN)
def list_storage_providers(call: Call) -> Document:
    """The one list whose key is in camel case."""
    if call.params["type"] != "image":
        return listed(call, "dataStoreProvider", [{"name": "DefaultPrimary", "type": "PRIMARY"}])
    return listed(call, "dataStoreProvider", [{"name": name, "type": "IMAGE"} for name in PROVIDERS])
