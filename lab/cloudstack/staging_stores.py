"""Secondary staging stores: NFS beside a region-wide object store, one or more in each zone."""

from __future__ import annotations

from urllib.parse import urlsplit

from lab.cloudstack import templates
from lab.cloudstack.commands import MODERN, Call, command, remove
from lab.cloudstack.errors import PLAIN, ApiError, failed, invalid
from lab.cloudstack.image_stores import DEFAULT, PROVIDERS, view
from lab.cloudstack.listing import chosen, listed
from lab.ontap.model import Document


@command("createSecondaryStagingStore", required=("url",), eras=MODERN)
def create_secondary_staging_store(call: Call) -> Document:
    """Every refusal is 530/9999 here. The row of that url is given back when there is one, whatever else was asked."""
    system = call.system
    zone = call.live("zoneid")
    scope = call.get("scope")
    if scope is not None and scope.lower() != "zone":
        raise failed("Only zone wide cache storage is supported", PLAIN)
    if zone is None:
        raise failed("Can't find zone by id null", PLAIN)
    url = call.params["url"]
    found = next((row for row in system.rows("staging_stores") if row["name"] == url), None)
    if found is not None:
        return {"secondarystorage": view(system, found)}
    asked = call.get("provider") or DEFAULT
    kind = asked if asked in PROVIDERS else DEFAULT
    swift = kind == "Swift"  # taken, and it makes no sense: a row of scope REGION in a zone
    row = system.add("staging_stores", name=url, url=url, provider=kind, readonly=False, zoneid=zone["uuid"])
    row["scope"] = "REGION" if swift else "ZONE"
    row["protocol"] = "http" if swift else urlsplit(url).scheme
    row["details"] = {}
    templates.staging_added(system, row)
    return {"secondarystorage": view(system, row)}


@command("listSecondaryStagingStores", of="staging_stores", eras=MODERN)
def list_secondary_staging_stores(call: Call) -> Document:
    """The rows of zones that are gone stay listed, with the zone's id and no name."""
    rows = chosen(call, "staging_stores", "name", "protocol", "zoneid", "provider")
    return listed(call, "imagestore", [view(call.system, row) for row in rows])


def _no_store(number: int) -> ApiError:
    # Not observed: the words.
    return invalid(f"Secondary staging store with id {number} doesn't exist")


@command("deleteSecondaryStagingStore", required=("id",), of="staging_stores", gone=_no_store, eras=MODERN)
def delete_secondary_staging_store(call: Call) -> Document:
    """It is gone from the list; the files on it stay."""
    remove(call.row("id", "staging_stores"))
    return {"success": True}
