"""A hypervisor host.

Identity   the host's id.
Drifts     tags.
Replaces   zone, pod, cluster, url, hypervisor. Lists show no url but a name and an address: a url with either is the same host,
           and so is one whose name resolves to that address, and the one that the stack added it with.
Import     `pulumi import strata:cloudstack:Host NAME ID`, or the host's name where only one has it.
Deleting   puts it into maintenance first, which moves its virtual machines away.
Source     CloudStack API: addHost (which answers with a list, and may take minutes), listHosts, updateHost,
           prepareHostForMaintenance, deleteHost. The password goes to CloudStack once and is never read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from strata.clients.cloudstack import Document
from strata.clients.cloudstack_errors import LostAnswer, Refused
from strata.provider.connections import Connections
from strata.provider.diff import Difference
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_cluster import spelled
from strata.provider.kinds.cloudstack_host_args import HostArgs, HostOutputs
from strata.provider.kinds.cloudstack_host_found import Adds, is_address, standing_at
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_zone_part import LOOK_SECONDS, ZonePart, first, tags_of
from strata.provider.state import MEMORY

LOST_SECONDS = 120.0
"""How long an add whose answer was lost is looked for: the agent is set up on the host meanwhile."""


class Host(ZonePart[HostArgs, HostOutputs]):
    """cloudstack:Host."""

    token: ClassVar[str] = "strata:cloudstack:Host"
    Args: ClassVar[type] = HostArgs
    Outputs: ClassVar[type] = HostOutputs
    noun: ClassVar[str] = "host"
    command: ClassVar[str] = "listHosts"
    updating: ClassVar[str] = "updateHost"
    removing: ClassVar[str] = "deleteHost"
    default_timeout: ClassVar[float] = 900.0

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._adds = Adds()

    def called(self, args: HostArgs) -> str:
        """Its address."""
        return urlsplit(args.url).hostname or args.url

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """A url with the host's name is the host; so is the url with which this stack added it."""
        if difference.path != "url" or not isinstance(difference.declared, str):
            return False
        memory: Mapping[str, Any] = outputs.get(MEMORY) or {}
        place = urlsplit(difference.declared).hostname
        return (
            place in (outputs.get("name"), outputs.get("address")) or memory.get("url") == difference.declared
        )

    async def every(self) -> list[Document]:
        """Hypervisor hosts only: system VMs and legacy storage are listed as hosts too."""
        return await self.api.rows("listHosts", type="Routing")

    async def observed(self, row: Document) -> Observed[HostArgs, HostOutputs]:
        """From the list's row alone."""
        address = text(row, "ipaddress") or ""
        actual = HostArgs(
            zone=str(row["zoneid"]),
            pod=str(row.get("podid")),
            cluster=str(row.get("clusterid")),
            url=f"http://{address}",
            hypervisor=spelled(str(row.get("hypervisor"))),
            tags=_tags(row),
        )
        return Observed(str(row["id"]), actual, HostOutputs(name=text(row, "name") or "", address=address))

    async def alike(self, args: HostArgs) -> list[Document]:
        """The host of that name or address in the zone; the simulator's have neither."""
        rows = await self.api.rows("listHosts", zoneid=args.zone, type="Routing")
        return await standing_at(self.called(args), rows)

    async def _differing(self, args: HostArgs, row: Document) -> list[Difference]:
        # `alike` is by name or address already, which is all of a url that can be read.
        return [one for one in await super()._differing(args, row) if one.path != "url"]

    async def preflight(self, args: HostArgs, op: Operation) -> None:
        """The credentials are known."""
        self._login(args)
        await super().preflight(args, op)

    async def create(self, args: HostArgs, op: Operation) -> str:
        """Added, and up: primary storage needs a host that is."""
        # First: whatever fails after the add, the state knows with which url it was.
        op.memory["url"] = args.url
        id = await super().create(args, op)
        op.exists(id)
        await self._until(id, "state", "Up", f"Waiting for the host {self.called(args)} to be up", op)
        return id

    async def add(self, args: HostArgs, op: Operation) -> str:
        """The password is in no message, log or state."""
        cluster = await self._name_of("listClusters", args.cluster)
        doing = f"adding the host {self.called(args)} to cluster {cluster}"
        await op.progress(f"{doing}: CloudStack logs in and sets the agent up")
        with self._adds.one(args.cluster):
            before = {str(row["id"]) for row in await self._in_cluster(args)}
            try:
                id = await self._ask(args, op, doing)
            except LostAnswer:
                id = await self._look_for(args, op, doing, before)
            except Refused as error:
                # Where nothing was made, the host may be there already: `create` looks for it.
                found = await self._new(args, before)
                if found is None:
                    raise
                await self.warn_of_refusal(args, found, error, op)
                id = found
            self._adds.made.add(id)
            return id

    async def _ask(self, args: HostArgs, op: Operation, doing: str) -> str:
        username, password = self._login(args)
        answer = await self.api.write(
            "addHost",
            doing,
            op.deadline,
            hide=[password] if password else [],
            zoneid=args.zone,
            podid=args.pod,
            clusterid=args.cluster,
            hypervisor=args.hypervisor,
            url=args.url,
            username=username,
            password=password,
            hosttags=",".join(args.tags) if args.tags else None,
        )
        return str(first(answer, "host")["id"])

    async def _new(self, args: HostArgs, before: set[str]) -> str | None:
        """The host that an add without a good answer made, where only the agent knows what it is called and where it is."""
        if is_address(self.called(args)):
            return None  # its row shows that address, and any other is another host
        return self._adds.new(args.cluster, before, await self._in_cluster(args))

    async def _in_cluster(self, args: HostArgs) -> list[Document]:
        return await self.api.rows("listHosts", clusterid=args.cluster, type="Routing")

    def _login(self, args: HostArgs) -> tuple[str | None, str | None]:
        if not args.credentials:
            return None, None
        return self._connections.hypervisor_credentials(args.credentials)

    async def _look_for(self, args: HostArgs, op: Operation, doing: str, before: set[str]) -> str:
        """After an add without an answer: until the host is listed."""
        clock = op.deadline.clock
        began = clock.now()
        while clock.now() - began < LOST_SECONDS:
            for row in await self.alike(args):
                return str(row["id"])
            if found := await self._new(args, before):
                return found
            await op.deadline.pause(LOOK_SECONDS, f"Looking for the result of {doing}")
        raise LostAnswer(
            f"CloudStack gave no answer while {doing}, and {LOST_SECONDS:g} s later the host is not listed. "
            "Look at the management server's log and repeat."
        )

    def parameters(self, args: HostArgs, changed: set[str]) -> dict[str, Any]:
        """Tags are all that an update can change."""
        return {"hosttags": ",".join(args.tags or ())} if "tags" in changed else {}

    async def delete(self, id: str, args: HostArgs, op: Operation) -> None:
        """Maintenance, then away."""
        row = await self.api.row(self.command, id=id)
        name = str(row.get("name", id)) if row else id
        if row and await self._in_maintenance(id, name, "prepareHostForMaintenance", "resourcestate", op):
            await self._remove(id, name, op)


def _tags(row: Document) -> tuple[str, ...]:
    """Those that an administrator gave; later releases list those that the agent brings (implicit) among them."""
    implicit = tags_of(row.get("implicithosttags"))
    return tuple(tag for tag in tags_of(row.get("hosttags")) if tag not in implicit)
