"""Resources of glance. Generated from the kinds by `python -m tools.generate`; change those instead."""

from __future__ import annotations

import pulumi

from strata.resources.base import StrataResource


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
        }
        super().__init__(resource_name, inputs, opts)
