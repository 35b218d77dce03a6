"""System and builtin templates: when each is asked for, and where it is.

On 4.23 the system VM template is asked for when a store is added, for the hypervisors of clusters that exist then, and
never again. A Swift store added before the first staging store leaves it `Allocated` for good, unless it is put there
by hand (facts: cloudstack-real 1). The numbers are those of the database's first rows, as in T-1 and T-5.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from lab.cloudstack.commands import Call, command
from lab.cloudstack.errors import invalid
from lab.cloudstack.listing import chosen, listed, of_users
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

# hypervisor: (number of the system template, of the builtin one, format)
KNOWN = {
    "XenServer": (1, 5, "VHD"),
    "KVM": (3, 4, "QCOW2"),
    "VMware": (8, 7, "OVA"),
    "Simulator": (100, 111, "VHD"),
}
_SIZE = 2147483648


def ensure(system: System, hypervisor: str) -> None:
    """The two templates of a hypervisor; rows of the database from the start, shown once a cluster needs them."""
    if hypervisor not in KNOWN or system.store.find("templates", "hypervisor", hypervisor):
        return
    number, builtin, file_format = KNOWN[hypervisor]
    bits = (
        ("SYSTEM", number, f"SystemVM Template ({hypervisor})"),
        ("BUILTIN", builtin, f"CentOS ({hypervisor})"),
    )
    for kind, position, name in bits:
        system_kind = kind == "SYSTEM"
        system.add(
            "templates",
            uuid=uuid_of(system, position),
            name=name,
            hypervisor=hypervisor,
            templatetype=kind,
            number=position,
            format=file_format,
            ostypename="Debian GNU/Linux 5.0 (64-bit)" if system_kind else "CentOS 5.6 (64-bit)",
            ostypeid=system.add("os_types", name=name)["uuid"],
            requested=False,
            places={},
        )


def uuid_of(system: System, number: int) -> str:
    """Fixed from the server's installation on: the installer names its file by it, often before a cluster shows the row."""
    return str(uuid.uuid5(uuid.UUID(system.id), f"template {number}"))


def store_added(system: System, store: Document) -> None:
    """What an add asks for: the system template for hypervisors that have a cluster by now, if it can be fetched."""
    for template in system.rows("templates"):
        staged = bool(system.rows("staging_stores"))
        if store["provider"] != "Swift" or (template["templatetype"] == "SYSTEM" and staged):
            template["requested"] = True
            if system.settings.simulator:
                template["places"][store["uuid"]] = "Image"
        elif template["templatetype"] == "BUILTIN" and system.settings.simulator and not template["places"]:
            template["places"][store["uuid"]] = "Image"


def staging_added(system: System, store: Document) -> None:
    """The simulator's builtin template is on a staging store at once when no image store has it."""
    if system.settings.simulator and not system.rows("image_stores"):
        for template in system.rows("templates"):
            if template["templatetype"] == "BUILTIN":
                template["places"][store["uuid"]] = "ImageCache"


def cluster_added(system: System, hypervisor: str) -> None:
    """A first cluster of a hypervisor brings its templates into sight, and asks for nothing on Swift."""
    ensure(system, hypervisor)
    for template in system.rows("templates"):
        if template["hypervisor"] != hypervisor:
            continue
        for store in system.rows("image_stores"):
            if store["provider"] != "Swift":
                template["requested"] = True
            simulated = system.settings.simulator
            if simulated and (store["provider"] != "Swift" or template["templatetype"] == "BUILTIN"):
                template["places"].setdefault(store["uuid"], "Image")


def available(system: System, hypervisor: str, zone: str) -> bool:
    """Whether system VMs of that hypervisor could start in the zone: its system template was asked for or seeded.

    To the legacy era it was on NFS before anything else, put there by hand; who can look there is asked.
    """
    seeded = system.config.template_seeded
    if system.legacy and seeded is None and staging_urls(system, zone):
        return True
    template = next(
        (
            row
            for row in system.rows("templates")
            if row["hypervisor"] == hypervisor and row["templatetype"] == "SYSTEM"
        ),
        None,
    )
    if template is None:
        return False
    if template["requested"] or zone in template.get("seeded", []):
        return True
    return seeded is not None and any(seeded(url, hypervisor) for url in staging_urls(system, zone))


def staging_urls(system: System, zone: str) -> list[str]:
    """Where the zone's templates are staged: its staging stores, or its secondary storage in the legacy era."""
    table = "secondary_hosts" if system.legacy else "staging_stores"
    return [row["url"] for row in system.rows(table) if row.get("zoneid") == zone]


def system_template(system: System, hypervisor: str) -> Document:
    """Number, uuid and suffix of the hypervisor's system template, whether its row is shown yet or not."""
    name = next((each for each in KNOWN if each.lower() == hypervisor.lower()), None)
    if name is None:
        raise ValueError(f'There is no system template for "{hypervisor}"; there are: {", ".join(KNOWN)}.')
    shown = [
        row
        for row in system.rows("templates")
        if row["hypervisor"] == name and row["templatetype"] == "SYSTEM"
    ]
    number, _, file_format = KNOWN[name]
    return {
        "id": number,
        "uuid": shown[0]["uuid"] if shown else uuid_of(system, number),
        "suffix": file_format.lower(),
    }


def seed_template(system: System, zone: str) -> None:
    """The installer script put the system template on the zone's staging store."""
    for template in system.rows("templates"):
        if template["templatetype"] == "SYSTEM":
            template.setdefault("seeded", []).append(zone)


def check_deletable(system: System, store: Document) -> None:
    """System and builtin templates do not keep a store; users' things do."""
    # Not observed: the words for volumes and snapshots.
    blockers = {
        "templates": "Cannot delete image store with active templates backup!",
        "volumes": "Cannot delete image store with active volumes backup!",
        "snapshots": "Cannot delete image store with active snapshots backup!",
    }
    for what, text in blockers.items():
        if store["uuid"] in [row.get("store") for row in system.rows(f"user_{what}")]:
            raise invalid(text)


@command("listTemplates", required=("templatefilter",), of="templates")
def list_templates(call: Call) -> Document:
    """Those of the hypervisors that are in use, and users' own; the database's number is not told."""
    rows = chosen(call, "templates", "name", "hypervisor", "templatetype")
    own = [row["shown"] for row in of_users(call, "user_templates")]
    if call.get("projectid") is not None:
        rows = []  # not observed: the server's own are of no project
    return listed(call, "template", [view(call.system, row) for row in rows] + own)


def view(system: System, row: Document) -> Document:
    """A template with where it is; the zone shows while it is on no region-wide store, the size once it was measured."""
    places = [(system.live_store(key), key, role) for key, role in row["places"].items()]
    found = [(store, key, role) for store, key, role in places if store is not None]
    ready = bool(found)
    builtin = row["templatetype"] == "BUILTIN"
    zones = system.rows("zones")
    made: dict[str, Any] = {
        "id": row["uuid"],
        "name": row["name"],
        "displaytext": row["name"],
        "ispublic": builtin,
    }
    if ready:
        made["created"] = row["created"]
    made.update(
        isready=ready, passwordenabled=False, format=row["format"], isfeatured=builtin, crossZones=True
    )
    made.update(ostypeid=row["ostypeid"], ostypename=row["ostypename"], account="system")
    region = any(store.get("scope") == "REGION" for store, _, _ in found)
    if zones and not region:
        made.update(zoneid=zones[0]["uuid"], zonename=zones[0]["name"])
    made["status"] = "Download Complete" if ready else "Processing"
    if row.get("measured"):
        made.update(size=_SIZE, physicalsize=_SIZE)
    made.update(
        templatetype=row["templatetype"], hypervisor=row["hypervisor"], domain="ROOT", domainpath="ROOT"
    )
    made.update(
        domainid=next(iter(system.store.table("domains"))), isextractable=False, checksum="", details={}
    )
    made["downloaddetails"] = [
        {
            "downloadState": "DOWNLOADED",
            "datastore": store["name"],
            "datastoreRole": role,
            "downloadPercent": "100",
            "datastoreId": key,
        }
        for store, key, role in found
    ]
    made.update(arch="x86_64", bits=0, sshkeyenabled=False, isdynamicallyscalable=False, directdownload=False)
    made.update(deployasis=False, forcks=False, requireshvm=False)
    return {**made, "url": f"http://templates.lab/{row['number']}", "tags": [], "hasannotations": False}
