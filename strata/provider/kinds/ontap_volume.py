"""An NFS volume of an ONTAP SVM.

Identity   cluster, svm, name; the id is `<cluster>/<uuid>`, so a rename is an update.
Ours       when its comment ends in Strata's mark, `[strata:<stack>/<resource>]`; the mark is no part of the declared comment.
Drifts     everything declared, being offline included; a size that autosize chose within its bounds does not.
Replaces   cluster, svm. Not the aggregate: a `volume move` must never cost the data.
Import     `pulumi import strata:ontap:Volume NAME CLUSTER/UUID` or `CLUSTER/SVM/VOLUME`.
Source     ONTAP REST 9.11 and newer, /storage/volumes; facts/ontap.md 0 and 2.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, Protocol

from strata.clients.ontap import OntapClient
from strata.clients.ontap_errors import Duplicate
from strata.clients.ontap_existing import require
from strata.clients.ontap_transport import (
    AGGREGATE,
    EXPORT_POLICY,
    QOS_POLICY,
    SNAPSHOT_POLICY,
    SVM,
    VOLUME,
    Address,
    Document,
)
from strata.errors import Failed, Problem, StrataError
from strata.provider.codec import UNKNOWN, encode
from strata.provider.diff import Difference, differences
from strata.provider.fields import Role
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds import ontap_volume_wire as wire
from strata.provider.kinds.ontap_volume_args import (
    COMMENT_LENGTH,
    Autosize,
    Efficiency,
    VolumeArgs,
    VolumeOutputs,
)
from strata.units import parse_size

LAST_LOOK_SECONDS: Final = 4.0
"""How long a create that failed or was cancelled may look for what it made; an interrupted run waits for it."""


class Connections(Protocol):
    """Clients of ONTAP clusters by the names of the stack file."""

    def ontap(self, cluster: str) -> OntapClient: ...


class Volume(Kind[VolumeArgs, VolumeOutputs]):
    """An ONTAP volume (FlexVol), served over NFS where its junction path and export policy say."""

    token = "strata:ontap:Volume"
    Args = VolumeArgs
    Outputs = VolumeOutputs

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def check(self, args: VolumeArgs) -> list[Problem]:
        """Autosize must have room around the size."""
        problems = []
        limits = args.autosize if isinstance(args.autosize, Autosize) else Autosize()
        if _known(args.size, limits.maximum) and parse_size(str(limits.maximum)) < parse_size(args.size):
            problems.append(
                Problem("autosize.maximum", f"found {limits.maximum}, which is below the size, {args.size}")
            )
        if _known(args.size, limits.minimum) and parse_size(str(limits.minimum)) > parse_size(args.size):
            problems.append(
                Problem("autosize.minimum", f"found {limits.minimum}, which is above the size, {args.size}")
            )
        savings = args.efficiency if isinstance(args.efficiency, Efficiency) else Efficiency()
        if savings.dedupe == "none" and savings.compression not in (None, "none", UNKNOWN):
            reason = "needs efficiency.dedupe, which is none; declare dedupe: background"
            problems.append(Problem("efficiency.compression", reason))
        return problems

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """A size within autosize's bounds; and of an offline volume what ONTAP does not show then."""
        if difference.path == "size":
            return _chosen_by_autosize(difference, declared, outputs)
        if outputs.get("online") is False and difference.path != "online":
            return difference.actual is None or (
                difference.path == "junctionPath" and declared.get("online") is False
            )
        return False

    async def preflight(self, args: VolumeArgs, op: Operation) -> None:
        """What a volume stands on is there, and its name and junction path are free or its own.

        The export policy is asked for later, by `create`: in a preview it may be one that the same run makes.
        """
        client, wanted_by = self._connections.ontap(args.cluster), f"volume {args.name}"
        if len(wire.marked(args.comment or "", op.owner)) > COMMENT_LENGTH:
            raise Failed(
                f"The comment of volume {args.name} leaves no room for Strata's mark [{op.owner}]: together they have "
                f"more than {COMMENT_LENGTH} characters. Shorten the comment."
            )
        await require(client, SVM, args.svm, wanted_by)
        await require(client, AGGREGATE, args.aggregate, wanted_by)
        if args.qos_policy is not None:
            await require(client, QOS_POLICY, args.qos_policy, wanted_by, svm_name=args.svm)
        if args.snapshot_policy not in (None, "none"):
            await require(client, SNAPSHOT_POLICY, str(args.snapshot_policy), wanted_by)
        found = await self._named(client, args)
        if found is not None:
            self._claim(found, args, op)
        if args.junction_path:
            await self._require_free_path(client, args)

    async def observe(self, id: str) -> Observed[VolumeArgs, VolumeOutputs] | None:
        """By UUID; the readable form is looked up by name first."""
        cluster, *rest = id.split("/")
        if len(rest) not in (1, 2) or not all((cluster, *rest)):
            raise Failed(f"{id!r} is no id of a volume: it is CLUSTER/UUID or CLUSTER/SVM/VOLUME.")
        client = self._connections.ontap(cluster)
        if len(rest) == 2:
            record = await _find(client, rest[0], rest[1])
        else:
            record = await client.read(Address(VOLUME, (rest[0],)), wire.FIELDS)
        return None if record is None else wire.observed(cluster, record)

    async def create(self, args: VolumeArgs, op: Operation) -> str:
        """Make it, then change what a create does not take. An earlier create whose answer was lost is gone on from."""
        client = self._connections.ontap(args.cluster)
        found = await self._named(client, args) or await self._made(client, args, op)
        self._claim(found, args, op)
        observed = wire.observed(args.cluster, found)
        op.exists(observed.id)
        changes = self._changes(args, observed)
        if observed.outputs.owner != op.owner and not any(one.path == "comment" for one in changes):
            comment = observed.actual.comment or ""
            changes.append(Difference("comment", comment, comment, Role.MANAGED))
        await self.update(observed.id, args, changes, op)
        return observed.id

    async def update(self, id: str, args: VolumeArgs, changes: list[Difference], op: Operation) -> None:
        """One request per group of leaves, in the order of `wire.STEPS`."""
        _refuse_a_move(args, changes)
        client, at = self._connections.ontap(args.cluster), Address(VOLUME, (id.split("/")[1],))
        for doing, body in wire.patches(changes, op.owner):
            sentence = f"{doing} volume {args.name} of SVM {args.svm}"
            await op.progress(sentence)
            await client.change(at, body, sentence, op.deadline)
            if body.get("state") == "online":
                # Offline, ONTAP shows neither access nor junction path, and forgets the latter.
                now = await self.observe(id)
                await self.update(id, args, self._changes(args, now) if now else [], op)
                return

    async def delete(self, id: str, args: VolumeArgs, op: Operation) -> None:
        """Unmount, take offline, delete: into ONTAP's recovery queue, or for good."""
        cluster, uuid = id.split("/")
        client, at = self._connections.ontap(cluster), Address(VOLUME, (uuid,))
        record = await client.read(at, wire.FIELDS)
        if record is None:
            return
        volume = f"volume {record['name']} of SVM {args.svm}"
        if (record.get("nas") or {}).get("path"):
            await client.change(at, {"nas": {"path": ""}}, f"unmounting {volume}", op.deadline)
        if record.get("state") == "online":
            await client.change(at, {"state": "offline"}, f"taking offline {volume}", op.deadline)
        query = {"force": "true"} if args.deletion == "purge" else {}
        await client.remove(at, f"deleting {volume}", op.deadline, query=query)

    async def _named(self, client: OntapClient, args: VolumeArgs) -> Document | None:
        return await _find(client, args.svm, args.name)

    async def _made(self, client: OntapClient, args: VolumeArgs, op: Operation) -> Document:
        """A new volume; whatever fails, one that came into being all the same is not forgotten."""
        await self._require_neighbours(client, args)
        body, doing = (
            wire.post_body(args, op.owner, encode(args)),
            f"creating volume {args.name} in SVM {args.svm}",
        )
        await op.progress(doing)
        try:
            return await client.create(
                Address(VOLUME), body, doing, op.deadline, lambda: self._named(client, args)
            )
        except Duplicate:
            found = await self._named(client, args)
            if found is None:
                raise
            return found
        except (StrataError, asyncio.CancelledError):
            found = await self._named_or_unknown(client, args)
            if found is not None and wire.owner_in(str(found.get("comment", ""))) == op.owner:
                op.exists(f"{args.cluster}/{found['uuid']}")
            raise

    async def _named_or_unknown(self, client: OntapClient, args: VolumeArgs) -> Document | None:
        try:
            async with asyncio.timeout(LAST_LOOK_SECONDS):
                return await self._named(client, args)
        except (StrataError, TimeoutError):
            return None

    def _claim(self, found: Document, args: VolumeArgs, op: Operation) -> None:
        """Raise unless the volume is ours or is to be adopted, and could become what is declared."""
        observed = wire.observed(args.cluster, found)
        place = f"Volume {args.name} of SVM {args.svm} on {args.cluster}"
        if observed.outputs.owner != op.owner and not args.adopt:
            other = f", which bears the mark {observed.outputs.owner}," if observed.outputs.owner else ""
            raise AlreadyThere(place + other, f"{args.cluster}/{args.svm}/{args.name}")
        fixed = [
            one
            for one in self._changes(args, observed)
            if one.role is Role.REPLACES or one.path == "aggregate"
        ]
        if fixed:
            what = ", ".join(f"its {one.path} is {one.actual} and not {one.declared}" for one in fixed)
            raise Failed(
                f"{place} is there, but {what}, which cannot be changed. Declare what it is, or another name."
            )

    def _changes(self, args: VolumeArgs, observed: Observed[VolumeArgs, VolumeOutputs]) -> list[Difference]:
        declared, actual = encode(args), encode(observed.actual)
        found = differences(VolumeArgs, declared, actual, self.same)
        return [
            one for one in found if one.role is not Role.SETTING and not self.tolerates(one, declared, actual)
        ]

    async def _require_neighbours(self, client: OntapClient, args: VolumeArgs) -> None:
        """The export policy, and the volume above the junction path."""
        wanted_by = f"volume {args.name}"
        if args.export_policy is not None:
            await require(client, EXPORT_POLICY, args.export_policy, wanted_by, svm_name=args.svm)
        parts = (args.junction_path or "").split("/")[1:-1]
        if not parts:
            return  # right below the SVM's root volume, or not mounted
        mounted = await client.find(Address(VOLUME), ["name", "nas.path"], svm_name=args.svm)
        paths = {str((one.get("nas") or {}).get("path", "")).casefold() for one in mounted}
        above = ["/" + "/".join(parts[: n + 1]) for n in range(len(parts))]
        if above[0].casefold() not in paths:
            raise Failed(
                f"The junction path {args.junction_path} of volume {args.name} lies below {above[0]}, where SVM {args.svm} "
                f"has no volume mounted. Mount one there first, or choose a path right below /."
            )

    async def _require_free_path(self, client: OntapClient, args: VolumeArgs) -> None:
        path = str(args.junction_path)
        for one in await client.find(Address(VOLUME), ["name", "nas.path"], svm_name=args.svm, nas_path=path):
            if one.get("name") != args.name:
                raise Failed(
                    f"The junction path {path} of volume {args.name} is taken: SVM {args.svm} on {args.cluster} has volume "
                    f"{one.get('name')} mounted there. Choose another path, or unmount that volume."
                )


async def _find(client: OntapClient, svm: str, name: str) -> Document | None:
    found = await client.find(Address(VOLUME), wire.FIELDS, name=name, svm_name=svm)
    return next((one for one in found if one.get("name") == name), None)


def _known(*values: object) -> bool:
    return all(value is not None and value is not UNKNOWN for value in values)


def _chosen_by_autosize(difference: Difference, declared: dict[str, Any], actual: dict[str, Any]) -> bool:
    """Whether the size is one that autosize may have chosen, by what is declared or else by what ONTAP shows."""
    limits = {**(actual.get("autosize") or {}), **(declared.get("autosize") or {})}
    if (
        limits.get("mode") not in ("grow", "grow_shrink")
        or not difference.actual
        or not limits.get("maximum")
    ):
        return False
    size, wanted = parse_size(difference.actual), parse_size(difference.declared)
    least = limits.get("minimum") if limits["mode"] == "grow_shrink" else None
    return (parse_size(least) if least else wanted) <= size <= parse_size(limits["maximum"])


def _refuse_a_move(args: VolumeArgs, changes: list[Difference]) -> None:
    """Moving data between aggregates takes hours and is planned with whoever runs the cluster."""
    for one in changes:
        if one.path == "aggregate":
            move = f"volume move start -vserver {args.svm} -volume {args.name} -destination-aggregate {one.declared}"
            raise Failed(
                f"Volume {args.name} of SVM {args.svm} lies on aggregate {one.actual} and not on {one.declared}. Strata moves "
                f"no data between aggregates: declare `aggregate: {one.actual}`, or move it on the cluster (`{move}`) and "
                "repeat. Nothing was changed."
            )
