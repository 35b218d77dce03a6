"""An NFS mount of a host: its line in fstab, its mount point, and the mount itself.

Identity   host and path; the id is `<host>:<path>`, e.g. `tkstack:/glance/images`.
Drifts     server, export, type, options, dump, fsckPass, mounted, fstabLines. fstab AND the kernel must be as declared: where
           the two differ, server, export and type show both, and options also holds what the kernel has in force instead.
Replaces   host, path.
Import     `pulumi import strata:host:Mount NAME HOST:PATH`.
Deleting   unmounts, and gives back fstab byte for byte and the mount point's owner and mode, or removes it if Strata made it.
Source     fstab(5), mount(8), nfs(5), proc_pid_mountinfo(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from strata.clients import host_mounts
from strata.clients.host_mounts import FSTAB, MountPoint
from strata.errors import Failed, Problem
from strata.hostfiles import decode, encode, fstab, mountinfo
from strata.hostfiles.fstab import Entry
from strata.hostfiles.mountinfo import KernelMount, server_and_export
from strata.provider.diff import Difference
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds.host_mount_args import Hosts, MountArgs, MountOutputs

if TYPE_CHECKING:
    from strata.clients.host import HostClient


class Mount(Kind[MountArgs, MountOutputs]):
    """host:Mount."""

    token: ClassVar[str] = "strata:host:Mount"
    Args: ClassVar[type] = MountArgs
    Outputs: ClassVar[type] = MountOutputs

    def __init__(self, connections: Hosts) -> None:
        self._connections = connections

    def check(self, args: MountArgs) -> list[Problem]:
        """The root cannot be a mount point of ours, and there is always exactly one line."""
        problems = []
        if args.path == "/":
            problems.append(
                Problem(
                    "path", "found '/'; it must be a directory below the root, for example /glance/images"
                )
            )
        if args.fstab_lines != 1:
            problems.append(Problem("fstabLines", f"found {args.fstab_lines!r}; allowed is 1"))
        return problems

    async def observe(self, id: str) -> Observed[MountArgs, MountOutputs] | None:
        """The line and the mount; None when there is neither."""
        name, path = _parts(id)
        point = await host_mounts.look(self._connections.host(name), path)
        if not point.entries and point.kernel is None:
            return None
        return Observed(f"{name}:{path}", _actual(name, path, point), MountOutputs(unit=point.unit))

    async def preflight(self, args: MountArgs, op: Operation) -> None:
        """What would stop `create`: another line or mount, files in the way, a host without NFS."""
        host = self._connections.host(args.host)
        point = await host_mounts.look(host, args.path)
        id = f"{args.host}:{args.path}"
        other = [entry for entry in point.entries if not _equal(entry, _entry(args))]
        if other and not args.adopt:
            raise AlreadyThere(f"The line `{' '.join(other[0].fields())}` in {FSTAB} of host {args.host}", id)
        if point.kernel and not _is_from(args, point.kernel) and not args.adopt:
            raise AlreadyThere(
                f"The mount of {point.kernel.source} ({point.kernel.type}) on {args.path} of host {args.host}",
                id,
            )
        if not point.helper:
            raise Failed(
                f"Host {args.host} cannot mount NFS: mount.nfs is missing. Install nfs-common (or nfs-utils) there."
            )
        _refuse_to_cover(args, point)

    async def create(self, args: MountArgs, op: Operation) -> str:
        """Mount point, line, mount."""
        host = self._connections.host(args.host)
        point = await host_mounts.look(host, args.path)
        await self._prepare_directory(host, args, op)
        await self._write_line(host, args, op)
        op.exists(f"{args.host}:{args.path}")
        await host_mounts.reload_units(host, op.deadline)
        await self._make_so(host, args, point, op)
        return f"{args.host}:{args.path}"

    async def update(self, id: str, args: MountArgs, changes: list[Difference], op: Operation) -> None:
        """The line first, so that a reboot in between gives what is declared; then the mount, if it is not so already."""
        host = self._connections.host(args.host)
        point = await host_mounts.look(host, args.path)
        if point.kernel is None and args.mounted:
            _refuse_to_cover(args, point)
            await self._prepare_directory(host, args, op)
        if await self._write_line(host, args, op):
            await host_mounts.reload_units(host, op.deadline)
        await self._make_so(host, args, point, op)

    async def delete(self, id: str, args: MountArgs, op: Operation) -> None:
        """Unmount, then the line, then the directory."""
        name, path = _parts(id)
        host = self._connections.host(name)
        point = await host_mounts.look(host, path)
        if point.kernel:
            await host_mounts.unmount(host, path, op.deadline)
        memory = op.memory.get("fstab", {})
        removed = await host.edit_file(
            FSTAB,
            lambda content: encode(fstab.remove(decode(content), path, memory)),
            f"removing the line of {path} from {FSTAB}",
            deadline=op.deadline,
        )
        if removed:
            await host_mounts.reload_units(host, op.deadline)
        await host_mounts.give_back_directory(
            host, path, op.memory.get("made", []), op.memory.get("directory"), op.deadline
        )

    async def _prepare_directory(self, host: HostClient, args: MountArgs, op: Operation) -> None:
        doing = f"making the mount point {args.path}"
        made, before = await host_mounts.make_directory(host, args.path, doing, op.deadline)
        if made:
            op.memory["made"] = made
        elif before and "made" not in op.memory:
            op.memory.setdefault("directory", before)

    async def _write_line(self, host: HostClient, args: MountArgs, op: Operation) -> bool:
        memory: dict[str, object] = {}

        def edit(content: bytes) -> bytes:
            edited = fstab.put(decode(content), _entry(args, fstab.find(decode(content), args.path)))
            memory.clear()
            memory.update(edited.memory)
            return encode(edited.text)

        changed = await host.edit_file(
            FSTAB, edit, f"writing the line of {args.path} into {FSTAB}", deadline=op.deadline
        )
        if memory:
            op.memory["fstab"] = memory
        return changed

    async def _make_so(self, host: HostClient, args: MountArgs, point: MountPoint, op: Operation) -> None:
        """Bring the kernel to what is declared, with as little disturbance as possible."""
        what, kernel = f"{args.server}:{args.export}", point.kernel
        if not args.mounted:
            if kernel:
                await host_mounts.unmount(host, args.path, op.deadline)
        elif kernel is None:
            await op.progress(f"mounting {what} on {args.path}")
            await host_mounts.mount(host, args.path, what, op.deadline)
        elif wrong := _wrong(args, point, kernel):
            await op.progress(f"mounting {what} on {args.path} anew: {', '.join(sorted(wrong))}")
            if wrong <= mountinfo.FLAGS:
                await host_mounts.remount(host, args.path, what, op.deadline)
            else:
                await host_mounts.mount_anew(host, args.path, point.unit, what, op.deadline)


def _parts(id: str) -> tuple[str, str]:
    name, found, path = id.partition(":")
    if not found or not path.startswith("/"):
        raise Failed(
            f"{id!r} is no id of a mount; it is written HOST:PATH, for example tkstack:/glance/images."
        )
    return name, fstab.same_path(path)


def _entry(args: MountArgs, old: list[Entry] | None = None) -> Entry:
    """The declared line; options that are the same set as before keep the order of the line that is there."""
    options = args.options
    if old and set(old[0].options) == set(options):
        options = old[0].options
    return Entry(f"{args.server}:{args.export}", args.path, args.type, options, args.dump, args.fsck_pass)


def _equal(one: Entry, other: Entry) -> bool:
    return (one.source, one.type, set(one.options)) == (other.source, other.type, set(other.options))


def _is_from(args: MountArgs, kernel: KernelMount) -> bool:
    return server_and_export(kernel.source) == (args.server, args.export)


def _both(fstab_says: str, kernel_says: str) -> str:
    return fstab_says if fstab_says == kernel_says else f"{fstab_says} in fstab, {kernel_says} mounted"


def _actual(host: str, path: str, point: MountPoint) -> MountArgs:
    """The mount point as if somebody had declared it."""
    kernel = point.kernel
    entry = point.entries[0] if point.entries else None
    if entry is None:
        assert kernel is not None
        kind = "nfs" if kernel.is_nfs else kernel.type
        entry = Entry(kernel.source, path, kind, ("defaults",))
    server, export = server_and_export(entry.source)
    kind, options = entry.type, entry.options
    if kernel is not None:
        there_server, there_export = server_and_export(kernel.source)
        server, export = _both(server, there_server), _both(export, there_export)
        kind = entry.type if kernel.fits(entry.type) else _both(entry.type, kernel.type)
        against = mountinfo.contradictions(entry.options, kernel).values()
        options = (*options, *(one for one in against if one not in options))
    return MountArgs(
        host=host,
        path=path,
        server=server,
        export=export,
        type=kind,
        options=options,
        dump=entry.dump,
        fsck_pass=entry.fsck_pass,
        mounted=kernel is not None,
        fstab_lines=len(point.entries),
    )


def _wrong(args: MountArgs, point: MountPoint, kernel: KernelMount) -> set[str]:
    """What of the kernel's mount is not as declared: `source`, `type`, or options. Empty when nothing has to be mounted anew."""
    if not _is_from(args, kernel):
        return {"source"}
    if not kernel.fits(args.type):
        return {"type"}
    wrong = set(mountinfo.contradictions(args.options, kernel))
    before = {option for entry in point.entries for option in entry.options}
    dropped = {one for one in before - set(args.options) if mountinfo.in_force(one, kernel)}
    return wrong | (dropped - fstab.DEFAULTS - {"hard", "relatime"})


def _refuse_to_cover(args: MountArgs, point: MountPoint) -> None:
    if point.kernel is None and point.files and not args.cover_files:
        more = "" if point.files <= len(point.names) else ", …"
        raise Failed(
            f"The mount point {args.path} of host {args.host} is not empty: it holds {point.files} files "
            f"({', '.join(point.names)}{more}), which the mount would hide. Move them away, or set coverFiles: true."
        )
