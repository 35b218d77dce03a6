"""What an ONTAP cluster has: volumes, export policies, and the addresses under which its SVMs serve them.

Lists are read with the fields that the kinds read, and turned into what could be declared by the kinds themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from strata.clients.ontap import OntapClient
from strata.clients.ontap_transport import EXPORT_POLICY, VOLUME, Address, Document, Sort
from strata.provider.kind import Observed
from strata.provider.kinds import ontap_volume_wire as wire
from strata.provider.kinds.ontap_volume_args import VolumeArgs, VolumeOutputs

LIF: Final = Sort("IpInterface", ("uuid",), "data LIF")
MORE: Final = ("is_svm_root", "type", "style")


@dataclass(frozen=True)
class LiveVolume:
    """A volume. `system` says what makes it the cluster's own and is empty for all others; `style` is ONTAP's word."""

    observed: Observed[VolumeArgs, VolumeOutputs]
    system: str
    style: str

    @property
    def args(self) -> VolumeArgs:
        return self.observed.actual


@dataclass(frozen=True)
class LivePolicy:
    """An export policy; every SVM has one named default, which is the cluster's own."""

    id: str
    svm: str
    name: str

    @property
    def system(self) -> bool:
        return self.name == "default"


@dataclass(frozen=True)
class Cluster:
    """One cluster; `lifs` maps an address to the SVM that answers there."""

    name: str
    volumes: tuple[LiveVolume, ...]
    policies: tuple[LivePolicy, ...]
    lifs: Mapping[str, str]


async def survey(name: str, client: OntapClient) -> Cluster:
    """Three lists, whatever the number of volumes."""
    volumes, policies, lifs = await asyncio.gather(
        client.find(Address(VOLUME), [*wire.FIELDS, *MORE]),
        client.find(Address(EXPORT_POLICY), ["id", "name", "svm.name"]),
        client.find(Address(LIF), ["ip.address", "svm.name"]),
    )
    return Cluster(
        name,
        tuple(sorted((_volume(name, one) for one in volumes), key=lambda one: (one.args.svm, one.args.name))),
        tuple(LivePolicy(f"{name}/{one['id']}", _svm(one), str(one["name"])) for one in policies),
        {str(one["ip"]["address"]): _svm(one) for one in lifs if one.get("svm") and one.get("ip")},
    )


def _volume(cluster: str, record: Document) -> LiveVolume:
    return LiveVolume(wire.observed(cluster, record), _system(record), str(record.get("style", "flexvol")))


def _system(record: Mapping[str, Any]) -> str:
    if record.get("is_svm_root"):
        return "the root volume of its SVM"
    if str(record.get("name", "")).startswith("MDV_"):
        return "a volume of the cluster's own records"
    if record.get("type", "rw") != "rw":
        return "a mirror's destination, which its source fills"
    return ""


def _svm(record: Mapping[str, Any]) -> str:
    return str((record.get("svm") or {}).get("name", ""))
