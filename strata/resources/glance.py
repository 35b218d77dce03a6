"""Resources of glance. Generated from the kinds by `python -m tools.generate`; change those instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from strata.resources.base import StrataResource


class ImageMigration(StrataResource):
    """glance:ImageMigration."""

    TOKEN = "strata:glance:ImageMigration"
    OUTPUTS = (
        "images",
        "bytes",
        "downtime_seconds",
        "orphans",
        "images_without_file",
        "database",
        "journal",
        "phase",
    )

    sources: pulumi.Output[Sequence[str]]
    """Directories where the images lie until now."""
    directory: pulumi.Output[str]
    """Directory to which they go: the store's."""
    hosts: pulumi.Output[Sequence[str]]
    """All hosts whose Glance shares the database; they stand still together."""
    keep_source: pulumi.Output[bool]
    """Whether the old files stay. With false those go whose image was proven at the new place, and no others."""
    complete: pulumi.Output[bool]
    """Whether no image lies below a source any more and every store's setting names the directory."""
    images: pulumi.Output[int]
    """Images that were moved."""
    bytes: pulumi.Output[int]
    """Their size in bytes."""
    downtime_seconds: pulumi.Output[float]
    """How long Glance stood still for it."""
    orphans: pulumi.Output[int]
    """Files below the sources without an image; they stay."""
    images_without_file: pulumi.Output[int]
    """Images below the sources whose file is not there."""
    database: pulumi.Output[str]
    """Kind of Glance's database."""
    journal: pulumi.Output[str]
    """Folder of the move's journal on the host."""
    phase: pulumi.Output[str]
    """Phase that the move has reached."""

    def __init__(
        self,
        resource_name: str,
        *,
        sources: pulumi.Input[Sequence[str]],
        directory: pulumi.Input[str],
        hosts: pulumi.Input[Sequence[str]] | None = None,
        keep_source: pulumi.Input[bool] | None = None,
        complete: pulumi.Input[bool] | None = None,
        host: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        mount: pulumi.Input[str] | None = None,
        export: pulumi.Input[str] | None = None,
        config_file: pulumi.Input[str] | None = None,
        section: pulumi.Input[str] | None = None,
        service: pulumi.Input[str] | None = None,
        owner: pulumi.Input[str] | None = None,
        group: pulumi.Input[str] | None = None,
        mode: pulumi.Input[str] | None = None,
        stores: pulumi.Input[Mapping[str, Any]] | None = None,
        workers: pulumi.Input[int] | None = None,
        proof: pulumi.Input[str] | None = None,
        switch: pulumi.Input[str] | None = None,
        leave: pulumi.Input[Sequence[str]] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        allow_images_left: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "sources": sources,
            "directory": directory,
            "hosts": hosts,
            "keep_source": keep_source,
            "complete": complete,
            "host": host,
            "name": name,
            "mount": mount,
            "export": export,
            "config_file": config_file,
            "section": section,
            "service": service,
            "owner": owner,
            "group": group,
            "mode": mode,
            "stores": stores,
            "workers": workers,
            "proof": proof,
            "switch": switch,
            "leave": leave,
            "adopt": adopt,
            "allow_images_left": allow_images_left,
        }
        super().__init__(resource_name, inputs, opts)


class FilesystemStore(StrataResource):
    """glance:FilesystemStore."""

    TOKEN = "strata:glance:FilesystemStore"
    OUTPUTS = (
        "drop_in",
        "mount_present",
    )

    host: pulumi.Output[str]
    """Name of the host under strata:hosts."""
    directory: pulumi.Output[str]
    """Where Glance keeps its images."""
    config_file: pulumi.Output[str]
    """Glance's configuration."""
    section: pulumi.Output[str]
    """Section of the store; with enabled_backends the store's name."""
    service: pulumi.Output[str]
    """systemd service that serves the images."""
    owner: pulumi.Output[str]
    """Owner of the directory."""
    group: pulumi.Output[str]
    """Group of the directory."""
    mode: pulumi.Output[str]
    """Mode of the directory, octal; left out it is not managed."""
    mount: pulumi.Output[str]
    """Mount point without which the service must not run."""
    running: pulumi.Output[bool]
    """Whether the service runs."""
    guard: pulumi.Output[bool]
    """Whether the systemd drop-in that ties the service to the mount is in force."""
    in_effect: pulumi.Output[bool]
    """Whether the running service was started with this directory."""
    drop_in: pulumi.Output[str]
    """Path of the drop-in."""
    mount_present: pulumi.Output[bool]
    """Whether the mount is there now; without it the directory cannot be judged."""

    def __init__(
        self,
        resource_name: str,
        *,
        host: pulumi.Input[str],
        directory: pulumi.Input[str],
        config_file: pulumi.Input[str] | None = None,
        section: pulumi.Input[str] | None = None,
        service: pulumi.Input[str] | None = None,
        owner: pulumi.Input[str] | None = None,
        group: pulumi.Input[str] | None = None,
        mode: pulumi.Input[str] | None = None,
        mount: pulumi.Input[str] | None = None,
        running: pulumi.Input[bool] | None = None,
        guard: pulumi.Input[bool] | None = None,
        in_effect: pulumi.Input[bool] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        allow_images_left: pulumi.Input[bool] | None = None,
        moved_by: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "host": host,
            "directory": directory,
            "config_file": config_file,
            "section": section,
            "service": service,
            "owner": owner,
            "group": group,
            "mode": mode,
            "mount": mount,
            "running": running,
            "guard": guard,
            "in_effect": in_effect,
            "adopt": adopt,
            "allow_images_left": allow_images_left,
            "moved_by": moved_by,
        }
        super().__init__(resource_name, inputs, opts)
