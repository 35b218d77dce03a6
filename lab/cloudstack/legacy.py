"""Swift and secondary storage of 4.1 and before: one flag, one row, no check (facts: cloudstack 9)."""

from __future__ import annotations

from lab.cloudstack.clusters import delete_host, no_host, secondary_view
from lab.cloudstack.commands import LEGACY, Call, command, remove
from lab.cloudstack.configuration import SWIFT_ENABLE
from lab.cloudstack.errors import PLAIN, failed, no_such_entity
from lab.cloudstack.listing import listed
from lab.ontap.model import Document


@command("addSwift", required=("url",), eras=LEGACY)
def add_swift(call: Call) -> Document:
    """The flag is read from the database at each call; then a row is written, and nothing is looked at."""
    setting = call.system.store.find("configuration", "name", SWIFT_ENABLE)
    if setting is None or str(setting["value"]).lower() != "true":
        raise failed(
            "Failed to add Swift due to com.cloud.exception.DiscoveryException: Swift is not enabled", PLAIN
        )
    details = {name: call.params[name] for name in ("account", "username", "key") if call.get(name)}
    url = call.params["url"]
    row = call.system.add(
        "image_stores", name=url, url=url, provider="Swift", scope="REGION", details=details
    )
    row.update(readonly=False, protocol="http", zoneid=None)
    return {"swift": view(row)}


@command("listSwifts", eras=LEGACY)
def list_swifts(call: Call) -> Document:
    """All of them."""
    return listed(call, "swift", [view(row) for row in call.system.rows("image_stores")])


def view(row: Document) -> Document:
    """The user name stands under the key `account` too, and wins: a fault of that era's answer."""
    made = {"id": row["uuid"], "url": row["url"]}
    account = row["details"].get("username") or row["details"].get("account")
    return {**made, "account": account} if account else made


@command("addSecondaryStorage", required=("url",), eras=LEGACY)
def add_secondary_storage(call: Call) -> Document:
    """NFS of one zone, which is a host to that era."""
    row = call.system.add("secondary_hosts", url=call.params["url"], zoneid=call.get("zoneid"))
    return {"secondarystorage": secondary_view(call.system, row)}


@command("deleteHost", required=("id",), eras=LEGACY)
def delete_host_or_secondary_storage(call: Call) -> Document:
    """Secondary storage goes without maintenance, as that era's user interface asked for it; its files stay.

    Not observed: the words for one that is gone, and that nothing on it keeps it.
    """
    tables, key = call.system.store, call.params["id"]
    routing, secondary = tables.table("hosts").get(key), tables.table("secondary_hosts").get(key)
    row = routing or secondary
    if row is None:
        raise no_such_entity("deletehost", "id", key)
    if row.get("~removed"):
        raise no_host(row["~n"])
    if routing is not None:
        answer: Document = delete_host(call)
        return answer
    remove(row)
    return {"success": True}
