"""Volumes of a cluster as entries of `strata:ontap.volumes`.

Written are size, aggregate, junction path, efficiency and access, and what somebody has set otherwise than ONTAP does by itself.
Owner and mode of a volume's root directory are left to the hosts that have mounted it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from strata.adoption.draft import Draft, Path
from strata.adoption.draft_export_policies import Access, Theirs, accesses
from strata.adoption.fitting import misfit
from strata.adoption.naming import key_for, named
from strata.adoption.ontap import Cluster, LiveVolume
from strata.provider import codec
from strata.provider.connections import Connections
from strata.provider.kinds.ontap_export_policy import ExportPolicy
from strata.provider.kinds.ontap_volume import Volume
from strata.provider.kinds.ontap_volume_args import VolumeArgs
from strata.stackfile import model

VOLUMES: Final[Path] = ("strata:ontap", "volumes")
BY_ITSELF: Final = {
    "junctionPath": "",
    "guarantee": "volume",
    "snapshotPolicy": "default",
    "snapshotReserve": 5,
    "securityStyle": "unix",
    "comment": "",
    "qosPolicy": None,
}
"""What a volume has that nobody says anything else of."""
OWN_SCHEDULES: Final = ("auto", "default")
"""Efficiency policies that come with switching deduplication on."""


async def write(
    draft: Draft,
    cluster: Cluster,
    stack: model.StackFile,
    theirs: Theirs,
    connections: Connections,
    everything: bool,
) -> None:
    """Every volume that the stack file has not, with the policies that they use. everything: the system's own too."""
    kind, fitting = Volume(connections), []
    for volume in missing(draft, cluster, stack, everything):
        args = volume.args
        declared = {**_properties(args), "cluster": args.cluster, "svm": args.svm, "name": args.name}
        what = f"volume {args.name} of SVM {args.svm} on {args.cluster}"
        if stack_of := theirs.volumes.get((args.svm, args.name)):
            draft.leave(what, stack_of)
            continue
        why = misfit(kind, {**declared, "exportPolicy": args.export_policy}, volume.observed)
        if volume.style != "flexvol":
            why = f"it is a {volume.style}, and a stack file declares flexvols"
        if why:
            draft.find(what, why)
        else:
            fitting.append(volume)
    access = await accesses(draft, cluster, [one.args for one in fitting], stack, theirs, connections)
    for volume in fitting:
        _write(
            draft,
            volume,
            access.get((volume.args.svm, str(volume.args.export_policy))),
            len(stack.ontap.clusters),
        )


def missing(draft: Draft, cluster: Cluster, stack: model.StackFile, everything: bool) -> list[LiveVolume]:
    """The volumes that the stack file does not declare; the system's own are only counted."""
    known = {(one.cluster, one.svm, one.name) for one in stack.ontap.volumes.values()}
    found = []
    for one in cluster.volumes:
        if (cluster.name, one.args.svm, one.args.name) in known:
            continue
        if one.system and not everything:
            draft.skipped.append(
                f"volume {one.args.name} of SVM {one.args.svm} on {cluster.name}: {one.system}"
            )
        else:
            found.append(one)
    return found


def _write(draft: Draft, volume: LiveVolume, access: Access | None, clusters: int) -> None:
    args = volume.args
    key = key_for(args.name, draft.keys(VOLUMES))
    at, parents = (*VOLUMES, key), (("OntapVolume", key),)
    where = {"cluster": args.cluster} if clusters > 1 else {}
    entry = {**where, "svm": args.svm, **named(key, args.name), **_properties(args)}
    if access is not None:
        entry["exportPolicy"] = access.entry(args.name)
    draft.put(at, entry)
    if access is not None and access.own:
        draft.add((*at, "exportPolicy"), ExportPolicy.token, key, access.id, parents)
    draft.add(at, Volume.token, key, volume.observed.id, parents)


def _properties(args: VolumeArgs) -> dict[str, Any]:
    """What is written of a volume beside its names and its access, in the order of the examples."""
    actual = codec.encode(args)
    kept = ("aggregate", "size", "junctionPath", *BY_ITSELF)
    found = {key: actual[key] for key in kept if key in actual and actual[key] != BY_ITSELF.get(key, "")}
    savings = _savings(actual.get("efficiency") or {})
    growth = _growth(actual.get("autosize") or {})
    return {
        **found,
        **({"efficiency": savings} if savings else {}),
        **({"autosize": growth} if growth else {}),
    }


def _savings(actual: Mapping[str, Any]) -> dict[str, Any]:
    """Features that are on; with none there is nothing to keep."""
    on = {key: value for key, value in actual.items() if key != "policy" and value != "none"}
    policy = actual.get("policy")
    return {**on, "policy": policy} if on and policy and policy not in OWN_SCHEDULES else on


def _growth(actual: Mapping[str, Any]) -> dict[str, Any]:
    """How far ONTAP may go; when it begins to is left to it."""
    mode = actual.get("mode")
    bounds = {"grow": ("maximum",), "grow_shrink": ("maximum", "minimum")}.get(str(mode), ())
    return {key: actual[key] for key in ("mode", *bounds) if key in actual} if bounds else {}
