"""Glance's filesystem store: one directory, the images that are already there moved to it, every Glance host pointed at it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import pulumi

from components.nfs_mount import NfsMount
from components.options import part_of
from strata.resources.glance import FilesystemStore, ImageMigration
from strata.stackfile import model


class GlanceImageStore(pulumi.ComponentResource):
    """`stores` has the custom resource of each Glance host; each comes after the mount on the same host.

    migration  moves the images that are already there, after the mounts on all hosts and before every store; None: none are moved
    mounts     all of the stack file, by their keys
    """

    def __init__(
        self,
        declared: model.Glance,
        mounts: Mapping[str, NfsMount],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:GlanceImageStore", "glance", None, opts)
        self._mount = mounts[declared.store.mount] if declared.store.mount else None
        self.migration = self._migration(declared, mounts) if declared.migrate_from else None
        self.stores = {host: self._store(declared.store, host) for host in declared.hosts}
        self.register_outputs({})

    def _migration(self, declared: model.Glance, mounts: Mapping[str, NfsMount]) -> ImageMigration:
        store, how, mount = declared.store, declared.migration, self._mount
        return ImageMigration(
            "glance-images",
            host=declared.hosts[0],
            hosts=list(declared.hosts),
            sources=list(declared.migrate_from),
            directory=store.directory,
            mount=mount.declared.path if mount else None,
            export=f"{mount.declared.server}:{mount.declared.export}" if mount else None,
            config_file=store.config_file,
            section=store.section,
            service=store.service,
            owner=store.owner,
            group=store.group,
            mode=store.mode,
            stores={host: _name(host) for host in declared.hosts},
            workers=how.workers,
            proof=how.proof,
            switch=how.switch,
            leave=list(how.leave),
            keep_source=how.keep_source,
            adopt=store.adopt,
            allow_images_left=store.allow_images_left,
            opts=part_of(self, after=_under(declared, mounts), timeouts=how.timeouts),
        )

    def _store(self, declared: model.GlanceStore, host: str) -> FilesystemStore:
        mount = self._mount
        after: list[pulumi.Resource] = [mount.mounts[host]] if mount else []
        return FilesystemStore(
            _name(host),
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
            moved_by=self.migration.id if self.migration else None,
            opts=part_of(
                self, after=after + ([self.migration] if self.migration else []), timeouts=declared.timeouts
            ),
        )


def _name(host: str) -> str:
    """The store's resource, by which a host's drop-in knows whose it is."""
    return f"glance-{host}"


def _under(declared: model.Glance, mounts: Mapping[str, NfsMount]) -> list[pulumi.Resource]:
    """The mounts on Glance's hosts on which images lie before the move or after it: there first, and gone last."""
    return [
        mount.mounts[host]
        for key, mount in mounts.items()
        if key == declared.store.mount
        or any(PurePosixPath(one).is_relative_to(mount.declared.path) for one in declared.migrate_from)
        for host in declared.hosts
        if host in mount.mounts
    ]
