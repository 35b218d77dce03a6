"""Users' virtual machines: none is ever made here; a test puts rows into `user_vms` to see what keeps a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack.commands import Call, command
from lab.cloudstack.listing import listed, matching, of_users
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System


@command("listVirtualMachines", of="user_vms")
def list_virtual_machines(call: Call) -> Document:
    """By zone, name, state or id."""
    rows = matching(of_users(call, "user_vms"), call, "zoneid", "name", "state")
    return listed(call, "virtualmachine", [view(call.system, row) for row in rows])


def view(system: System, row: Document) -> Document:
    """Not observed: who it is of, by account or by project, and where it is."""
    made: dict[str, Any] = {"id": row["uuid"], "name": row["name"], "displayname": row["name"]}
    owner = {"project": row["project"]} if row.get("project") else {"account": row.get("account", "admin")}
    made.update(**owner, domain="ROOT", state=row.get("state", "Running"), zoneid=row["zoneid"])
    made["zonename"] = system.name_of("zones", row["zoneid"])
    return made
