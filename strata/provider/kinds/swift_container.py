"""A container of a Swift account: storage policy, who may read and write, quota, metadata.

Identity   account and name; the id is `<account>/<name>`, with the account's key of the stack file.
Drifts     readAcl, writeAcl, quota, metadata (the keys that Strata has set).
Replaces   account, name, storagePolicy: Swift moves no objects between policies.
Import     `pulumi import strata:swift:Container NAME ACCOUNT/CONTAINER`.
Deleting   refuses while there are objects; with `deletion: objects` they go too.
Source     Swift's API reference; middleware container_quotas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from strata.clients.swift_errors import Refused
from strata.errors import Failed, Problem
from strata.provider.diff import Difference
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds.swift_account import Accounts
from strata.provider.kinds.swift_container_args import ContainerArgs, ContainerOutputs
from strata.provider.kinds.swift_metadata import QUOTA, Metadata
from strata.units import format_size, parse_size

if TYPE_CHECKING:
    from strata.clients.swift import Headers, SwiftClient

READ, WRITE, POLICY = "X-Container-Read", "X-Container-Write", "X-Storage-Policy"


class Container(Kind[ContainerArgs, ContainerOutputs]):
    """swift:Container."""

    token: ClassVar[str] = "strata:swift:Container"
    Args: ClassVar[type] = ContainerArgs
    Outputs: ClassVar[type] = ContainerOutputs

    def __init__(self, connections: Accounts) -> None:
        self._connections = connections

    def check(self, args: ContainerArgs) -> list[Problem]:
        """Swift takes rules about referrers for reading only."""
        rules = args.write_acl.split(",") if isinstance(args.write_acl, str) else []
        if any(rule.startswith(".r") for rule in rules):
            return [Problem("writeAcl", f"found {args.write_acl!r}; .r: and .rlistings are for readAcl only")]
        return []

    async def observe(self, id: str) -> Observed[ContainerArgs, ContainerOutputs] | None:
        """One look at its headers."""
        account, name = _parts(id)
        client = self._connections.swift(account)
        headers = await client.container(name)
        return None if headers is None else _observed(account, name, headers)

    async def preflight(self, args: ContainerArgs, op: Operation) -> None:
        """Nobody else's container of that name, and a storage policy that the cluster has."""
        client = self._connections.swift(args.account)
        what = f"Container {args.name} of Swift account {args.account}"
        headers = await client.container(args.name)
        if headers is None:
            return await _require_policy(client, args)
        metadata = Metadata.of("Container", headers)
        if metadata.owner != op.owner and not args.adopt:
            marked = f", marked as {metadata.owner}" if metadata.owner else ""
            raise AlreadyThere(f"{what}{marked}", f"{args.account}/{args.name}")
        there = headers.get(POLICY.lower())
        if args.storage_policy not in (None, there):
            raise Failed(
                f"{what} lies in the storage policy {there}, not {args.storage_policy}, and Swift moves no objects "
                "between policies. Declare that one, or copy the objects into a new container."
            )
        return None

    async def create(self, args: ContainerArgs, op: Operation) -> str:
        """One PUT that makes it with its mark; repeated, it changes nothing more."""
        client = self._connections.swift(args.account)
        there = await client.container(args.name)
        metadata = Metadata.of("Container", there or {})
        headers = {**_access(args, there or {}), **metadata.headers(op.owner, _wanted(args))}
        what = f"container {args.name}"
        if there is not None:
            op.exists(f"{args.account}/{args.name}")
            if headers:
                await client.set_container(args.name, headers, f"taking over {what}")
        else:
            policy = {POLICY: args.storage_policy} if args.storage_policy else {}
            await client.put_container(args.name, {**headers, **policy}, f"making {what}")
        return f"{args.account}/{args.name}"

    async def update(self, id: str, args: ContainerArgs, changes: list[Difference], op: Operation) -> None:
        """One POST with what differs."""
        client = self._connections.swift(args.account)
        there = await client.container(args.name) or {}
        metadata = Metadata.of("Container", there)
        unwanted = {
            key for key in metadata.declarable if args.metadata is not None and key not in args.metadata
        }
        headers = {**_access(args, there), **metadata.headers(op.owner, _wanted(args), unwanted)}
        if headers:
            await client.set_container(args.name, headers, f"changing container {args.name}")

    async def delete(self, id: str, args: ContainerArgs, op: Operation) -> None:
        """With its objects only where that was said."""
        account, name = _parts(id)
        client = self._connections.swift(account)
        if await client.container(name) is None:
            return
        if args.deletion == "objects":
            await _empty(client, name, op)
        try:
            await client.remove_container(name, f"removing container {name}")
        except Refused as error:
            if error.status != 409:
                raise
            # A list may lag behind, so a container that can't go may show nothing.
            some = ", ".join(one.name for one in await client.objects(name, limit=3))
            shown = f" ({some}, …)" if some else ""
            raise Failed(
                f"Container {name} of Swift account {account} holds objects{shown} and was left as it is. "
                "Remove them, or declare `deletion: objects` and run `pulumi up` before the destroy."
            ) from error


async def _empty(client: SwiftClient, name: str, op: Operation) -> None:
    """Objects may come while others go: it is looked again until there are none."""
    doing = f"Removing the objects of container {name}"
    while found := await client.objects(name, limit=1000):
        await op.progress(f"removing {len(found)} objects of container {name}")
        for one in found:
            await op.deadline.pause(0, doing)
            await client.remove_object(name, one.name, f"removing {name}/{one.name}")


async def _require_policy(client: SwiftClient, args: ContainerArgs) -> None:
    if args.storage_policy is None:
        return
    known = await client.policies()
    if known and args.storage_policy not in known:
        raise Failed(
            f"Container {args.name} of Swift account {args.account} is to lie in the storage policy "
            f"{args.storage_policy}, which the cluster does not have. Known are: {', '.join(known)}."
        )


def _parts(id: str) -> tuple[str, str]:
    account, _, name = id.partition("/")
    if not account or not name or "/" in name:
        raise Failed(
            f"{id!r} is no id of a container; it is written ACCOUNT/CONTAINER, for example cloudstack/backups."
        )
    return account, name


def _observed(account: str, name: str, headers: Headers) -> Observed[ContainerArgs, ContainerOutputs]:
    metadata = Metadata.of("Container", headers)
    quota = metadata.values.get(QUOTA, "")
    actual = ContainerArgs(
        account=account,
        name=name,
        storage_policy=headers.get(POLICY.lower()),
        read_acl=headers.get(READ.lower(), ""),
        write_acl=headers.get(WRITE.lower(), ""),
        quota=format_size(int(quota)) if quota.isdecimal() else None,
        metadata=metadata.declarable,
    )
    return Observed(f"{account}/{name}", actual, ContainerOutputs(metadata.owner))


def _wanted(args: ContainerArgs) -> dict[str, str]:
    quota = {} if args.quota is None else {QUOTA: str(parse_size(args.quota))}
    return {**(args.metadata or {}), **quota}


def _access(args: ContainerArgs, there: Mapping[str, str]) -> dict[str, str]:
    """The access headers that differ; an empty one takes the access away."""
    wanted = {READ: args.read_acl, WRITE: args.write_acl}
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and value != there.get(name.lower(), "")
    }
