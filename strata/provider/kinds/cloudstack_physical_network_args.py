"""What may be declared of a physical network, and how CloudStack spells it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from strata.clients.cloudstack import Document
from strata.provider.fields import managed, output, replaces, setting

TRAFFIC: Final = ("Management", "Public", "Guest", "Storage")
"""In the order in which they are compared; CloudStack's own lists have none."""
LABELS: Final = {
    "kvm": "kvmnetworklabel",
    "xen": "xennetworklabel",
    "vmware": "vmwarenetworklabel",
    "hyperv": "hypervnetworklabel",
}
"""Property -> parameter of addTrafficType and updateTrafficType."""


def _type(text: str) -> str:
    for known in TRAFFIC:
        if text.lower() == known.lower():
            return known
    raise ValueError(f"found {text!r}; allowed are {', '.join(TRAFFIC)}")


def _no_label(text: str) -> str:
    raise ValueError(
        f"found {text!r}; CloudStack's API takes no label for its simulator hypervisor, leave it out"
    )


@dataclass(frozen=True)
class Traffic:
    """A kind of traffic on the network, with the label of the interface that carries it on each hypervisor."""

    type: str = managed("Management, Public, Guest or Storage.", example="Management", normalize=_type)
    kvm: str | None = managed("Bridge on KVM hosts.", example="cloudbr0", default=None)
    xen: str | None = managed("Network's name label on XenServer.", example="MGMT", default=None)
    vmware: str | None = managed("Virtual switch on VMware.", example="vSwitch0", default=None)
    hyperv: str | None = managed("Virtual switch on Hyper-V.", example="LAN", default=None)
    simulator: str | None = managed(
        "Not to be set: CloudStack's API takes no label for its simulator.",
        example="",
        default=None,
        normalize=_no_label,
    )


def _ordered(rows: tuple[Traffic, ...]) -> tuple[Traffic, ...]:
    types = [row.type for row in rows if isinstance(row, Traffic)]
    if twice := sorted({one for one in types if types.count(one) > 1}):
        raise ValueError(f"{', '.join(twice)} stands there twice; a network carries each traffic once")
    return in_order(rows) if len(types) == len(rows) and all(one in TRAFFIC for one in types) else rows


def in_order(rows: tuple[Traffic, ...]) -> tuple[Traffic, ...]:
    """The traffic in the order in which it is compared; a kind that is not known comes last."""
    return tuple(
        sorted(rows, key=lambda row: TRAFFIC.index(row.type) if row.type in TRAFFIC else len(TRAFFIC))
    )


def ranges(text: str) -> tuple[tuple[int, int], ...]:
    """`100-199,300` as pairs, sorted and joined where they touch; raises ValueError."""
    found: list[tuple[int, int]] = []
    for part in text.split(","):
        ends = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not ends:
            raise ValueError(f"found {text!r}; it must be ranges such as 100-199 or 100-199,300-310")
        first, last = int(ends[1]), int(ends[2] or ends[1])
        # VXLAN's numbers go beyond those of VLANs; which of them it is, the isolation says.
        if first > last or last > 16_777_215:
            raise ValueError(f"found {part.strip()!r}; the first number must not be above the last")
        found.append((first, last))
    joined: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def vlans(text: str) -> str:
    """Canonical form of ranges of VLANs, the way CloudStack lists them: one alone is `300-300`."""
    return ",".join(f"{first}-{last}" for first, last in ranges(text))


def _isolation(methods: tuple[str, ...]) -> tuple[str, ...]:
    if len(methods) != 1:
        raise ValueError(f"found {list(methods)!r}; CloudStack takes one isolation method a network")
    return tuple(one.strip().upper() for one in methods)


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) != 1 or "," in tags[0]:
        raise ValueError(f"found {list(tags)!r}; CloudStack takes one tag a physical network")
    return tags


def _named(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


@dataclass(frozen=True)
class PhysicalNetworkArgs:
    """The network, what it carries, and which providers serve guests on it."""

    zone: str = replaces(
        "Id of the zone, which must not be enabled yet.", example="3440dfcd-574d-47d1-b645-b2d394ddb6fa"
    )
    name: str = replaces("Name; CloudStack can't change it.", example="physnet1")
    traffic: tuple[Traffic, ...] = managed(
        "What it carries. Storage that CloudStack itself has added when the zone was enabled is let be.",
        example=[{"type": "Management", "kvm": "cloudbr0"}, {"type": "Public"}, {"type": "Guest"}],
        normalize=_ordered,
    )
    isolation: tuple[str, ...] | None = replaces(
        "How guests are kept apart: VLAN, VXLAN, GRE, …; left out, the server decides.",
        example=["VLAN"],
        default=None,
        normalize=_isolation,
    )
    vlans: str | None = managed(
        "VLANs of guest networks, all ranges that there are to be; not in a Basic zone.",
        example="100-199",
        default=None,
        normalize=vlans,
    )
    tags: tuple[str, ...] | None = managed(
        "Tag by which network offerings choose this network.",
        example=["fast"],
        default=None,
        normalize=_tags,
        unordered=True,
    )
    state: Literal["Enabled", "Disabled"] = managed(
        "Enabled or Disabled.", example="Enabled", default="Enabled"
    )
    providers: tuple[str, ...] | None = managed(
        "Providers that are to be enabled; others that are enabled too are let be.",
        example=["VirtualRouter", "VpcVirtualRouter"],
        default=None,
        normalize=_named,
        unordered=True,
    )
    adopt: bool = setting(
        "Take over a physical network of that name in the zone.", example=False, default=False
    )


@dataclass(frozen=True)
class PhysicalNetworkOutputs:
    """What only CloudStack knows."""

    broadcast_domain: str = output("ZONE or POD.", example="ZONE")


def traffic_from(row: Document) -> Traffic:
    """A traffic type as CloudStack lists it."""
    labels = {name: str(row[wire]) for name, wire in LABELS.items() if row.get(wire)}
    return Traffic(type=str(row.get("traffictype")), **labels)


def label_changes(declared: Traffic, row: Document | None = None) -> dict[str, Any]:
    """The parameters of the declared labels, or of only those that differ from a row."""
    wanted = {wire: getattr(declared, name) for name, wire in LABELS.items()}
    return {
        wire: label
        for wire, label in wanted.items()
        if label is not None and (row is None or row.get(wire) != label)
    }
