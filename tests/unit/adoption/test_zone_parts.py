"""Which lines of a physical network are written."""

from __future__ import annotations

from typing import Any

import pytest

from strata.adoption.zone_parts import physical_network
from strata.provider.kinds.cloudstack_physical_network_args import PhysicalNetworkArgs, Traffic

GUEST = Traffic("Guest", kvm="cloudbr1")
ROUTERS = ("VirtualRouter", "VpcVirtualRouter")


@pytest.mark.parametrize(
    ("given", "storage", "written", "because"),
    [
        ({}, False, {"traffic": {"Guest": {"kvm": "cloudbr1"}}}, "all is as the stack file takes it to be"),
        (
            {"traffic": (GUEST, Traffic("Storage"))},
            False,
            {"traffic": {"Guest": {"kvm": "cloudbr1"}}},
            "CloudStack adds Storage by itself when the zone is enabled",
        ),
        (
            {"traffic": (GUEST, Traffic("Storage"))},
            True,
            {"traffic": {"Guest": {"kvm": "cloudbr1"}, "Storage": {}}},
            "a pod has addresses for it, which need it declared",
        ),
        (
            {"traffic": (GUEST, Traffic("Storage", kvm="cloudbr2"))},
            False,
            {"traffic": {"Guest": {"kvm": "cloudbr1"}, "Storage": {"kvm": "cloudbr2"}}},
            "somebody gave it an interface of its own",
        ),
        (
            {"traffic": (Traffic("Public", hyperv="LAN"),), "providers": ()},
            False,
            {"traffic": {"Public": {}}},
            "a stack file has no labels for Hyper-V, and no guests need no providers",
        ),
        (
            {"providers": ("VirtualRouter", "Ovs")},
            False,
            {"traffic": {"Guest": {"kvm": "cloudbr1"}}, "providers": ["VirtualRouter"]},
            "of the usual ones one is off; what is on beyond them is let be",
        ),
    ],
)
def test_a_physical_network(
    given: dict[str, Any], storage: bool, written: dict[str, Any], because: str
) -> None:
    usual = {
        "zone": "z",
        "name": "physnet1",
        "traffic": (GUEST,),
        "isolation": ("VLAN",),
        "providers": ROUTERS,
    }
    assert physical_network(PhysicalNetworkArgs(**{**usual, **given}), False, storage) == written, because
