"""Resources of host. Generated from the kinds by `python -m tools.generate`; change those instead."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from strata.resources.base import StrataResource


class Mount(StrataResource):
    """host:Mount."""

    TOKEN = "strata:host:Mount"
    OUTPUTS = ("unit",)

    host: pulumi.Output[str]
    """Name of the host under strata:hosts."""
    path: pulumi.Output[str]
    """Mount point on the host."""
    server: pulumi.Output[str]
    """Address of the data LIF, or of another NFS server."""
    export: pulumi.Output[str]
    """What the server exports: the volume's junction path."""
    type: pulumi.Output[str]
    """File system type in fstab; the kernel's nfs4 counts as nfs."""
    options: pulumi.Output[Sequence[str]]
    """Mount options; their order does not matter. Each that the kernel shows is checked against it."""
    dump: pulumi.Output[int]
    """Fifth field of the fstab line."""
    fsck_pass: pulumi.Output[int]
    """Sixth field of the fstab line."""
    mounted: pulumi.Output[bool]
    """Whether it is mounted now, not only at the next boot."""
    fstab_lines: pulumi.Output[int]
    """Lines for this mount point in fstab; always 1."""
    unit: pulumi.Output[str]
    """The mount's systemd unit."""

    def __init__(
        self,
        resource_name: str,
        *,
        host: pulumi.Input[str],
        path: pulumi.Input[str],
        server: pulumi.Input[str],
        export: pulumi.Input[str],
        type: pulumi.Input[str] | None = None,
        options: pulumi.Input[Sequence[str]] | None = None,
        dump: pulumi.Input[int] | None = None,
        fsck_pass: pulumi.Input[int] | None = None,
        mounted: pulumi.Input[bool] | None = None,
        fstab_lines: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        cover_files: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "path": path,
            "server": server,
            "export": export,
            "type": type,
            "options": options,
            "dump": dump,
            "fsck_pass": fsck_pass,
            "mounted": mounted,
            "fstab_lines": fstab_lines,
            "adopt": adopt,
            "cover_files": cover_files,
        }
        super().__init__(resource_name, inputs, opts)
