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
from strata.clients.glance import OPTION, Store
from strata.errors import Failed, Problem
from strata.hostfiles import decode, encode, ini, mountinfo, unit
from strata.hostfiles.unit import Guard
from strata.provider.diff import Difference
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds.glance_filesystem_store_args import CONFIG_FILE, SECTION, StoreArgs, StoreOutputs
from strata.provider.kinds.host_mount_args import Hosts, absolute_path

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
        actual = _actual(name, config_file, section, directory or "", store)
        outputs = StoreOutputs(glance.drop_in(store.service, section), _mount_present(actual.mount, store))
        return Observed(_id(name, config_file, section), actual, outputs)

    async def preflight(self, args: StoreArgs, op: Operation) -> None:
        """What would stop `create`, found by reading; the mount itself may still be on its way."""
        host = self._connections.host(args.host)
        store = await glance.look(host, args.config_file, args.section, args.service)
        if store.config is None:
            raise Failed(
                f"Host {args.host} has no {args.config_file}. Install Glance there, or correct configFile."
            )
        if store.unit.get("LoadState") != "loaded":
            raise Failed(
                f"Host {args.host} has no service {args.service} (systemd says {store.unit.get('LoadState')})."
            )
        if missing := await glance.missing_accounts(host, args.owner, args.group):
            raise Failed(
                f"Host {args.host} has no {' and no '.join(missing)}. Install Glance there, or correct owner and group."
            )
        _refuse_other_stores(args, store.config)
        if store.guard and store.guard.owner != op.owner and not args.adopt:
            what = f"Glance's store on host {args.host}, marked {store.guard.owner or 'by nobody'},"
            raise AlreadyThere(what, _id(args.host, args.config_file, args.section))

    async def create(self, args: StoreArgs, op: Operation) -> str:
        """Directory, setting, drop-in, service."""
        host = self._connections.host(args.host)
        store = await glance.look(host, args.config_file, args.section, args.service)
        await self._tell_of_images_elsewhere(host, args, store, op)
        await self._own(host, args, op)
        await self._set(host, args, op)
        op.exists(_id(args.host, args.config_file, args.section))
        await self._guard(host, args, op)
        await self._run(host, args, op)
        return _id(args.host, args.config_file, args.section)

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
            await self._refuse_with_images(host, config_file, store.path or args.directory)
        if store.config is not None:
            memory = op.memory.get("setting") or await self._remembered(host, config_file, section)
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
        guard = Guard(op.owner, f"{args.config_file}#{args.section}", args.directory, args.mount)
        await glance.put_guard(host, args.service, args.section, guard, op.deadline)

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

    async def _refuse_with_images(self, host: HostClient, config_file: str, directory: str) -> None:
        images = await glance.images_below(host, config_file, directory)
        if images.count:
            raise Failed(
                f"Glance on host {host.name} still keeps {images.count} images in {directory}: {images}. Without the "
                "store they could not be downloaded any more. Delete them in Glance (`openstack image delete ID`) or move them; "
                "or set allowImagesLeft: true, run `pulumi up`, and repeat."
            )

    async def _remembered(self, host: HostClient, config_file: str, section: str) -> dict[str, object]:
        """For a store that was imported: the setting as it stands in the backup, if there is one."""
        backup = await host.read_file(f"{config_file}.strata-backup")
        return ini.remembered(decode(backup.content), section, OPTION) if backup else {"lines": ""}


def _id(host: str, config_file: str, section: str) -> str:
    return host if (config_file, section) == (CONFIG_FILE, SECTION) else f"{host}:{config_file}#{section}"


def _parts(id: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"(?P<host>[^:#/]+)(?::(?P<file>/[^#]+)#(?P<section>[^#]+))?", id)
    if not found:
        raise Failed(
            f"{id!r} is no id of a Glance store; it is written HOST or HOST:{CONFIG_FILE}#{SECTION}."
        )
    return found["host"], found["file"] or CONFIG_FILE, found["section"] or SECTION


def _refuse_other_stores(args: StoreArgs, config: str) -> None:
    if several := ini.get(config, args.section, f"{OPTION}s"):
        raise Failed(
            f"{args.config_file} on host {args.host} sets {OPTION}s ({several.splitlines()[0]}); Glance does not start with "
            "both. Remove it there first."
        )
    backends = ini.get(config, "DEFAULT", "enabled_backends") or ""
    names = [
        one.partition(":")[0].strip()
        for one in backends.split(",")
        if one.partition(":")[2].strip() == "file"
    ]
    if backends and args.section not in names:
        raise Failed(
            f"{args.config_file} on host {args.host} has enabled_backends = {backends}, so Glance does not read the section "
            f"{args.section}. Set section to the name of a store of type file: {', '.join(names) or 'there is none'}."
        )


def _actual(host: str, config_file: str, section: str, directory: str, store: Store) -> StoreArgs:
    """The store as if somebody had declared it."""
    mount, running = _mount_of(directory, store), store.unit.get("ActiveState") == "active"
    at = store.directory
    return StoreArgs(
        host=host,
        directory=absolute_path(directory)
        if directory.startswith("/") and ".." not in directory
        else directory,
        config_file=config_file,
        section=section,
        service=store.service,
        owner=at.owner if at else "",
        group=at.group if at else "",
        mode=at.mode if at else None,
        mount=mount,
        running=running,
        guard=_guard_in_force(section, directory, store),
        # Started by hand without the drop-in it tells nothing; that shows as `guard`.
        in_effect=not running or store.started is None or store.started == directory,
    )


def _mount_of(directory: str, store: Store) -> str | None:
    """The mount that the drop-in requires; where it says nothing, the NFS mount on which the directory lies."""
    if store.guard and store.guard.mount:
        return store.guard.mount
    holding = mountinfo.holding(store.mounts, directory) if directory.startswith("/") else None
    return holding.mount_point if holding and holding.is_nfs and not store.guard_text else None


def _mount_present(mount: str | None, store: Store) -> bool:
    return mount is None or mountinfo.at(store.mounts, mount) is not None


def _guard_in_force(section: str, directory: str, store: Store) -> bool:
    """Whether the drop-in is whole, as we write it, for that directory, and systemd has read it."""
    guard = store.guard
    if guard and guard.directory != directory == store.started:
        return False  # Of the three it is the drop-in that somebody changed.
    if guard is None or not guard.owner or unit.render(guard) != store.guard_text:
        return False
    loaded = glance.drop_in(store.service, section) in store.unit.get("DropInPaths", "").split()
    return loaded and store.unit.get("NeedDaemonReload") != "yes"
