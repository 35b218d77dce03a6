"""What is in a store for the whole cloud, and the stores themselves: what every deletion around them asks first.

CloudStack's own templates come back by themselves and keep nothing; what users have there does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from strata.clients.cloudstack import CloudStackClient, Document

MOST = 10
"""How many names a sentence takes."""
_SERVERS_OWN = ("SYSTEM", "BUILTIN", "ROUTING", "PERHOST")


async def blocking_stores(api: CloudStackClient) -> list[Document]:
    """The stores, of whatever provider, that are in every zone and so keep CloudStack from deleting one; none up to 4.1."""
    if await api.era() == "legacy":
        return []
    return [row for row in await api.rows("listImageStores") if row.get("scope") == "REGION"]


async def swift_stores(api: CloudStackClient) -> list[Document]:
    """The Swift stores of the whole cloud."""
    if await api.era() == "legacy":
        return await api.rows("listSwifts")
    return [row for row in await blocking_stores(api) if row.get("providername") == "Swift"]


async def of_all_users(api: CloudStackClient, command: str, **params: Any) -> list[Document]:
    """What the accounts have and what the projects have: `listall` leaves out the latter."""
    of_accounts = await api.rows(command, listall="true", **params)
    return of_accounts + await api.rows(command, listall="true", projectid="-1", **params)


async def users_things(api: CloudStackClient, store: str) -> list[str]:
    """What users have on the store, in words: each template, snapshot and uploaded volume."""
    found = []
    for row in await of_all_users(api, "listTemplates", templatefilter="all"):
        places = [str(place.get("datastoreId")) for place in row.get("downloaddetails") or []]
        if row.get("templatetype") not in _SERVERS_OWN and (not places or store in places):
            found.append(f"template {row.get('name')}")
    if await api.has("listSnapshots"):
        rows = await of_all_users(api, "listSnapshots")
        found += [f"snapshot {row.get('name')}" for row in rows if row.get("locationtype") != "PRIMARY"]
    if await api.has("listVolumes"):
        rows = await of_all_users(api, "listVolumes")
        found += [f"volume {row.get('name')}" for row in rows if str(row.get("state")).startswith("Upload")]
    return list(dict.fromkeys(found))


def first_names(names: Sequence[str]) -> str:
    """As many as a sentence takes, and the number of the others."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
