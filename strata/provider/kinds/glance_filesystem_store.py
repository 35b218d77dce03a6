"""Glance's image store in a directory: the setting, the directory's owner, the systemd drop-in, and the running service.

Identity   host, config file, section; the id is `<host>`, or `<host>:<config file>#<section>` where these are not the usual ones.
Drifts     directory, mount, owner, group, mode, service, guard (the drop-in), running, inEffect (the process was started so).
Replaces   host, configFile, section.
Import     `pulumi import strata:glance:FilesystemStore NAME HOST`.
Deleting   is refused while Glance's database knows images in the directory; then gives the setting back byte for byte. The images
           themselves stay where they are.
Source     glance-api.conf of Glance 25 and later, `filesystem_store_datadir`; systemd.unit(5).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from strata.clients import glance
from strata.clients.glance import OPTION, Images, Store
from strata.errors import Failed, Problem
from strata.hostfiles import decode, encode, ini, unit
from strata.hostfiles.unit import Guard
from strata.provider.diff import Difference
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds.glance_filesystem_store_args import CONFIG_FILE, SECTION, StoreArgs, StoreOutputs
from strata.provider.kinds.glance_filesystem_store_back import Way, go_back, stay
from strata.provider.kinds.glance_filesystem_store_found import actual_store, mount_present
from strata.provider.kinds.glance_store_fit import look_at_fit
from strata.provider.kinds.host_mount_args import Hosts

if TYPE_CHECKING:
    from strata.clients.host import HostClient

OF_THE_DIRECTORY: Final = frozenset({"owner", "group", "mode"})


class FilesystemStore(Kind[StoreArgs, StoreOutputs]):
    """glance:FilesystemStore."""

    token: ClassVar[str] = "strata:glance:FilesystemStore"
    Args: ClassVar[type] = StoreArgs
    Outputs: ClassVar[type] = StoreOutputs

    def __init__(self, connections: Hosts) -> None:
        self._connections = connections

    def check(self, args: StoreArgs) -> list[Problem]:
        """The directory lies on its mount; what Strata keeps true by itself is not set to false."""
        problems = []
        on_mount = args.mount is None or f"{args.directory}/".startswith(f"{args.mount}/")
        if isinstance(args.directory, str) and not on_mount:
            problems.append(
                Problem("directory", f"found {args.directory!r}; it must lie on the mount {args.mount}")
            )
        problems.extend(
            Problem(name, "found false; allowed is true")
            for name in ("guard", "in_effect")
            if getattr(args, name) is False
        )
        return [Problem("inEffect" if one.path == "in_effect" else one.path, one.reason) for one in problems]

    def tolerates(
        self, difference: Difference, declared: dict[str, object], outputs: dict[str, object]
    ) -> bool:
        """Without its mount the directory is another one, the mount point below; that drift is the mount's own."""
        return difference.property in OF_THE_DIRECTORY and outputs.get("mountPresent") is False

    async def observe(self, id: str) -> Observed[StoreArgs, StoreOutputs] | None:
        """The store; None when neither the setting nor our drop-in is there."""
        name, config_file, section = _parts(id)
        store = await glance.look(self._connections.host(name), config_file, section)
        directory = ini.get(store.config or "", section, OPTION)
        if directory is None and store.guard is None:
            return None
        actual = actual_store(name, config_file, section, directory or "", store)
        outputs = StoreOutputs(glance.drop_in(store.service, section), mount_present(actual.mount, store))
        return Observed(_id(name, config_file, section), actual, outputs)

    async def preflight(self, args: StoreArgs, op: Operation) -> None:
        """What would stop `create`, found by reading; the mount itself may still be on its way."""
        host = self._connections.host(args.host)
        store = await look_at_fit(host, args)
        if store.guard and store.guard.owner != op.owner and not args.adopt:
            what = f"Glance's store on host {args.host}, marked {store.guard.owner or 'by nobody'},"
            raise AlreadyThere(what, _id(args.host, args.config_file, args.section))

    async def create(self, args: StoreArgs, op: Operation) -> str:
        """Directory, setting, drop-in, service: what of it differs. A store that is as declared is not restarted."""
        host = self._connections.host(args.host)
        id = _id(args.host, args.config_file, args.section)
        store = await glance.look(host, args.config_file, args.section, args.service)
        actual = actual_store(args.host, args.config_file, args.section, _set_to(args, store), store)
        if actual.directory != args.directory:
            await self._tell_of_images_elsewhere(host, args, store, op)
        if not (mount_present(args.mount, store) and _owned_as_declared(args, actual)):
            await self._own(host, args, op)
        if actual.directory != args.directory:
            await self._set(host, args, op)
        else:
            memory = await self._remembered(host, args.config_file, args.section, store.config or "")
            op.memory.setdefault("setting", memory)
        op.exists(id)
        guarded = actual.guard and store.guard_text == unit.render(_guard_of(args, op))
        if not guarded:
            await self._guard(host, args, op)
        as_declared = actual.directory == args.directory and guarded and actual.running == args.running
        if not as_declared or (args.running and store.started != args.directory):
            await self._run(host, args, op)
        await stay(self._connections, args.moved_by, args.host, op)
        return id

    async def update(self, id: str, args: StoreArgs, changes: list[Difference], op: Operation) -> None:
        """Only what differs; the service is restarted only when it has to read something new."""
        host = self._connections.host(args.host)
        changed = {change.property for change in changes}
        if changed & (OF_THE_DIRECTORY | {"directory", "mount"}):
            await self._own(host, args, op)
        if "directory" in changed:
            await self._set(host, args, op)
        if changed & {"directory", "mount", "guard", "service"}:
            await self._guard(host, args, op)
        if changed & {"directory", "mount", "guard", "service", "inEffect", "running"}:
            await self._run(host, args, op)

    async def delete(self, id: str, args: StoreArgs, op: Operation) -> None:
        """The setting as it was before, without the drop-in; never while images would become unreadable."""
        name, config_file, section = _parts(id)
        host = self._connections.host(name)
        store = await glance.look(host, config_file, section)
        if store.config is not None and not args.allow_images_left:
            images = await glance.images_below(host, config_file, store.path or args.directory)
            way = Way.NONE
            if images.count and args.moved_by:
                way = await go_back(self._connections, args.moved_by, name, op)
            if way is Way.BACK:
                return
            if way is Way.NONE:
                _refuse_with_images(name, store.path or args.directory, images)
        if store.config is not None:
            memory = op.memory.get("setting") or await self._remembered(host, config_file, section, None)
            await host.edit_file(
                config_file,
                lambda content: encode(ini.restore(decode(content), section, OPTION, memory)),
                f"giving back {OPTION} in {config_file}",
                deadline=op.deadline,
            )
        await glance.remove_guard(host, store.service, section, op.deadline)
        await glance.set_running(host, store.service, "try-restart", op.deadline)

    async def _own(self, host: HostClient, args: StoreArgs, op: Operation) -> None:
        await glance.own_directory(
            host, args.directory, args.owner, args.group, args.mode, args.mount, op.deadline
        )

    async def _set(self, host: HostClient, args: StoreArgs, op: Operation) -> None:
        memory: dict[str, object] = {}

        def edit(content: bytes) -> bytes:
            edited = ini.set_option(decode(content), args.section, OPTION, args.directory)
            memory.clear()
            memory.update(edited.memory)
            return encode(edited.text)

        await host.edit_file(
            args.config_file, edit, f"setting {OPTION} in {args.config_file}", deadline=op.deadline
        )
        # Only the first edit saw the file as it was before Strata.
        op.memory.setdefault("setting", memory)

    async def _guard(self, host: HostClient, args: StoreArgs, op: Operation) -> None:
        await glance.put_guard(host, args.service, args.section, _guard_of(args, op), op.deadline)

    async def _run(self, host: HostClient, args: StoreArgs, op: Operation) -> None:
        if not args.running:
            await glance.set_running(host, args.service, "stop", op.deadline)
            return
        await op.progress(f"restarting {args.service} on {args.host} and waiting for its API")
        store = await glance.look(host, args.config_file, args.section, args.service)
        await glance.restart(host, args.service, store.config or "", op.deadline)

    async def _tell_of_images_elsewhere(
        self, host: HostClient, args: StoreArgs, store: Store, op: Operation
    ) -> None:
        before = ini.get(store.config or "", args.section, OPTION)
        if before is None or before == args.directory:
            return
        try:
            images = await glance.images_below(host, args.config_file, before)
        except Failed:
            return  # It is only a notice; a database that does not answer shows soon enough.
        if images.count:
            await op.progress(
                f"{images.count} images stay in {before} and are read from there as before; only new ones go to {args.directory}"
            )

    async def _remembered(
        self, host: HostClient, config_file: str, section: str, now: str | None
    ) -> dict[str, object]:
        """The setting as it was before Strata: as it stands in the backup that the first edit left.

        now: the configuration, where nobody of ours may have edited it: without a backup the setting was there before.
        """
        backup = await host.read_file(f"{config_file}.strata-backup")
        text = decode(backup.content) if backup else now or ""
        return ini.remembered(text, section, OPTION)


def _refuse_with_images(host: str, directory: str, images: Images) -> None:
    if images.count:
        raise Failed(
            f"Glance on host {host} still keeps {images.count} images in {directory}: {images}. Without the "
            "store they could not be downloaded any more. Delete them in Glance (`openstack image delete ID`) or move them; "
            "or set allowImagesLeft: true, run `pulumi up`, and repeat."
        )


def _guard_of(args: StoreArgs, op: Operation) -> Guard:
    return Guard(op.owner, f"{args.config_file}#{args.section}", args.directory, args.mount)


def _set_to(args: StoreArgs, store: Store) -> str:
    return ini.get(store.config or "", args.section, OPTION) or ""


def _owned_as_declared(args: StoreArgs, actual: StoreArgs) -> bool:
    """Whether the directory that was looked at is the declared one, with the declared owner, group and mode."""
    same = (actual.directory, actual.owner, actual.group) == (args.directory, args.owner, args.group)
    return same and args.mode in (None, actual.mode)


def _id(host: str, config_file: str, section: str) -> str:
    return host if (config_file, section) == (CONFIG_FILE, SECTION) else f"{host}:{config_file}#{section}"


def _parts(id: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"(?P<host>[^:#/]+)(?::(?P<file>/[^#]+)#(?P<section>[^#]+))?", id)
    if not found:
        raise Failed(
            f"{id!r} is no id of a Glance store; it is written HOST or HOST:{CONFIG_FILE}#{SECTION}."
        )
    return found["host"], found["file"] or CONFIG_FILE, found["section"] or SECTION
