"""The NFS staging store of a zone: what lies between its hypervisors and the cloud-wide store on Swift.

Identity   zone and URL; the id is CloudStack's.
Drifts     nothing: it is there or it is not.
Replaces   zone, url.
Import     `pulumi import strata:cloudstack:StagingStore NAME ID`.
Deleting   the files on it stay. Refused by CloudStack while it is in use.
Source     CloudStack API: createSecondaryStagingStore (4.2 and later); addSecondaryStorage and deleteHost (to 4.1: it is a host).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from strata.clients.cloudstack import Document
from strata.clients.cloudstack_errors import LostAnswer, Refused
from strata.errors import Failed
from strata.provider.diff import Difference
from strata.provider.fields import output, replaces, setting
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import CloudStackObject, text


def nfs_url(url: str) -> str:
    """Canonical form: without a slash at the end."""
    if not re.fullmatch(r"nfs://[^/\s]+/\S+", url):
        raise ValueError(f"found {url!r}; it must be an NFS URL, for example nfs://10.130.208.55/secondary")
    return url.rstrip("/")


@dataclass(frozen=True)
class StagingStoreArgs:
    """What the user may declare."""

    zone: str = replaces("Id of the zone.", example="5f9c2c1e-0b0a-4f0e-9a53-2b8f6f3c9c11")
    url: str = replaces(
        "Where it is, as an NFS URL.", example="nfs://10.130.208.55/secondary", normalize=nfs_url
    )
    adopt: bool = setting(
        "Take over a staging store of that URL that is there; one that is as declared is taken over in any case.",
        example=False,
        default=False,
    )


@dataclass(frozen=True)
class StagingStoreOutputs:
    """What only CloudStack knows."""

    name: str = output("Its name, which is its URL.", example="nfs://10.130.208.55/secondary", default="")


class StagingStore(CloudStackObject[StagingStoreArgs, StagingStoreOutputs]):
    """cloudstack:StagingStore."""

    token: ClassVar[str] = "strata:cloudstack:StagingStore"
    Args: ClassVar[type] = StagingStoreArgs
    Outputs: ClassVar[type] = StagingStoreOutputs
    noun: ClassVar[str] = "staging store"
    command: ClassVar[str] = "listSecondaryStagingStores"

    def called(self, args: StagingStoreArgs) -> str:
        """Its URL, which is its name as well."""
        return args.url

    async def every(self) -> list[Document]:
        """Up to 4.1 secondary storage is a host, with its URL for a name."""
        if await self.api.era() == "legacy":
            return await self.api.rows("listHosts", type="SecondaryStorage")
        return await self.api.rows(self.command)

    async def found(self, id: str) -> Document | None:
        """By id, or by the URL where only one zone has it."""
        if await self.api.era() == "legacy":
            return next((row for row in await self.every() if id in (row.get("id"), row.get("name"))), None)
        return await super().found(id)

    async def observed(self, row: Document) -> Observed[StagingStoreArgs, StagingStoreOutputs]:
        """Both parts of the identity are in the list's row."""
        name = text(row, "name") or ""
        url = (text(row, "url") or name).rstrip("/")
        return Observed(
            str(row["id"]), StagingStoreArgs(text(row, "zoneid") or "", url), StagingStoreOutputs(name)
        )

    async def alike(self, args: StagingStoreArgs) -> list[Document]:
        """Those of the URL in the zone."""
        return [row for row in await self._of_url(args.url) if row.get("zoneid") == args.zone]

    async def preflight(self, args: StagingStoreArgs, op: Operation) -> None:
        """The zone is there, and no other zone has the URL: CloudStack would give that zone's store for the new one."""
        if await self.api.row("listZones", args.zone) is None:
            raise Failed(
                f"The staging store {args.url} can't be added: CloudStack has no zone with the id {args.zone}. "
                "Run `pulumi up --refresh`, which makes the zone again."
            )
        rows = await self._of_url(args.url)
        elsewhere = [row for row in rows if row.get("zoneid") != args.zone and row["id"] != op.replacing]
        if elsewhere and await self.api.era() == "modern":
            raise Failed(_taken(args, elsewhere[0]))
        await super().preflight(args, op)

    async def add(self, args: StagingStoreArgs, op: Operation) -> str:
        """The answer is the row of that URL, whoever made it."""
        doing = f"adding the staging store {args.url}"
        given = {"url": args.url, "zoneid": args.zone}
        if await self.api.era() == "legacy":
            answer = await self.api.write("addSecondaryStorage", doing, op.deadline, progress=None, **given)
            row = answer["secondarystorage"]
        else:
            answer = await self.api.write(
                "createSecondaryStagingStore", doing, op.deadline, progress=None, provider="NFS", **given
            )
            row = answer["secondarystorage"]
            if row.get("zoneid") != args.zone:
                raise Failed(_taken(args, row))
        return str(row["id"])

    async def update(self, id: str, args: StagingStoreArgs, changes: list[Difference], op: Operation) -> None:
        """Nothing can be changed; there is nothing that could differ."""

    async def delete(self, id: str, args: StagingStoreArgs, op: Operation) -> None:
        """Gone already is success."""
        row = await self.found(id)
        if row is None:
            return
        command = "deleteHost" if await self.api.era() == "legacy" else "deleteSecondaryStagingStore"
        try:
            doing = f"deleting the staging store {row.get('name')} (its files stay)"
            await self.api.write(command, doing, op.deadline, id=id)
        except (Refused, LostAnswer) as error:
            if (isinstance(error, Refused) and not error.says_gone) or await self.found(id) is not None:
                raise

    async def _of_url(self, url: str) -> list[Document]:
        return [
            row for row in await self.every() if str(row.get("url") or row.get("name")).rstrip("/") == url
        ]


def _taken(args: StagingStoreArgs, row: Document) -> str:
    zone, id = row.get("zonename"), row.get("id")
    whose = f"of the zone {zone}" if zone else f"of a zone that was deleted ({row.get('zoneid')})"
    remedy = "Give this zone an export of its own." if zone else "Delete it there and repeat."
    return (
        f"The staging store {args.url} can't be added to the zone {args.zone}: CloudStack has one of that URL, {whose}, with the "
        f"id {id}, and would give it back instead of making another. {remedy} (deleteSecondaryStagingStore id={id} removes it.)"
    )
