"""What is written of each sort of part of a zone. Pure: from what a kind has observed to the lines of the stack file."""

from __future__ import annotations

from typing import Any, Final

from strata.provider import codec
from strata.provider.kinds.cloudstack_guest_network import GuestNetworkArgs
from strata.provider.kinds.cloudstack_ip_range import UNTAGGED
from strata.provider.kinds.cloudstack_physical_network_args import PhysicalNetworkArgs
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRangeArgs
from strata.provider.kinds.cloudstack_storage_ip_range import StorageIpRangeArgs
from strata.provider.kinds.cloudstack_zone_args import ZoneArgs

LABELS: Final = ("kvm", "xen", "vmware")
"""Hypervisors for which a stack file takes labels."""
GUEST_NETWORK: Final = "defaultGuestNetwork"


def zone(args: ZoneArgs) -> dict[str, Any]:
    """The zone's own properties. A Basic zone has security groups and no guest network of its own in any case."""
    found: dict[str, Any] = {
        "networkType": args.network_type,
        "dns": list(args.dns),
        "internalDns": list(args.internal_dns),
    }
    if args.domain:
        found["domain"] = args.domain
    if args.guest_cidr and args.network_type == "Advanced":
        found["guestCidr"] = args.guest_cidr
    return {**found, "localStorage": True} if args.local_storage else found


def physical_network(args: PhysicalNetworkArgs, basic: bool, storage: bool) -> dict[str, Any]:
    """Traffic, VLANs, and providers where those that guests usually have are not all enabled.

    storage: whether a pod has addresses for Storage traffic; without them CloudStack itself has added it.
    """
    traffic = {
        one.type: {key: value for key in LABELS if (value := getattr(one, key)) is not None}
        for one in args.traffic
    }
    if not storage and not traffic.get("Storage", {"some": "label"}):
        del traffic["Storage"]
    found: dict[str, Any] = {"traffic": traffic}
    if args.vlans and not basic:
        found["vlans"] = args.vlans
    if args.isolation and args.isolation != ("VLAN",):
        found["isolation"] = list(args.isolation)
    if args.tags:
        found["tags"] = list(args.tags)
    usual = usual_providers(list(traffic), basic)
    enabled = [one for one in usual if one in (args.providers or ())]
    return found if enabled == usual else {**found, "providers": enabled}


def usual_providers(traffic: list[str], basic: bool) -> list[str]:
    """What the stack file means where it names no providers."""
    if "Guest" not in traffic:
        return []
    return ["VirtualRouter", "SecurityGroupProvider"] if basic else ["VirtualRouter", "VpcVirtualRouter"]


def address_range(args: PublicIpRangeArgs | StorageIpRangeArgs) -> dict[str, Any]:
    """Addresses, and the VLAN where there is one."""
    actual = codec.encode(args)
    found = {key: actual[key] for key in ("gateway", "netmask", "startIp", "endIp")}
    return found if args.vlan in (None, UNTAGGED) else {**found, "vlan": int(str(args.vlan))}


def guest_network(args: GuestNetworkArgs) -> dict[str, Any]:
    """The offering, and names where they are not the usual ones."""
    found = {"offering": args.offering}
    if args.name != GUEST_NETWORK:
        found["name"] = args.name
    if args.display_text not in (None, args.name):
        found["displayText"] = str(args.display_text)
    return found
