"""Glance's filesystem store on a mount: one directory, every Glance host pointed at it."""

from __future__ import annotations

import pulumi

from components.nfs_mount import NfsMount
from components.options import part_of
from strata.resources.glance import FilesystemStore
from strata.stackfile import model


class GlanceImageStore(pulumi.ComponentResource):
    """`stores` has the custom resource of each Glance host; each comes after the mount on the same host.

    path: where the mount is on the hosts.
    """

    def __init__(
        self,
        declared: model.Glance,
        mount: NfsMount,
        path: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:GlanceImageStore", "glance", None, opts)
        self.stores = {host: self._store(declared.store, host, mount, path) for host in declared.hosts}
        self.register_outputs({})

    def _store(self, declared: model.GlanceStore, host: str, mount: NfsMount, path: str) -> FilesystemStore:
        return FilesystemStore(
            f"glance-{host}",
            host=host,
            directory=declared.directory,
            config_file=declared.config_file,
            section=declared.section,
            service=declared.service,
            owner=declared.owner,
            group=declared.group,
            mode=declared.mode,
            mount=path,
            adopt=declared.adopt,
            allow_images_left=declared.allow_images_left,
            opts=part_of(self, after=[mount.mounts[host]], timeouts=declared.timeouts),
        )
