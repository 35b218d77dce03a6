"""Glance's filesystem store: one directory, every Glance host pointed at it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.nfs_mount import NfsMount
from components.options import part_of
from strata.resources.glance import FilesystemStore
from strata.stackfile import model


class GlanceImageStore(pulumi.ComponentResource):
    """`stores` has the custom resource of each Glance host; each comes after the mount on the same host.

    mounts: all of the stack file, by their keys.
    """

    def __init__(
        self,
        declared: model.Glance,
        mounts: Mapping[str, NfsMount],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:GlanceImageStore", "glance", None, opts)
        self._mount = mounts[declared.store.mount] if declared.store.mount else None
        self.stores = {host: self._store(declared.store, host) for host in declared.hosts}
        self.register_outputs({})

    def _store(self, declared: model.GlanceStore, host: str) -> FilesystemStore:
        mount = self._mount
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
            mount=mount.declared.path if mount else None,
            adopt=declared.adopt,
            allow_images_left=declared.allow_images_left,
            opts=part_of(self, after=[mount.mounts[host]] if mount else [], timeouts=declared.timeouts),
        )
