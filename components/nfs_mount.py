"""A volume, or another server's export, mounted on one or several hosts through their fstab."""

from __future__ import annotations

import pulumi

from components.ontap_volume import OntapVolume
from components.options import part_of
from strata.resources.host import Mount
from strata.stackfile import model


class NfsMount(pulumi.ComponentResource):
    """One mount of the stack file, `declared`; `mounts` has the custom resource of each host.

    volume: what is mounted, so that it is made first; None for a server that Strata does not manage.
    """

    def __init__(
        self,
        declared: model.Mount,
        volume: OntapVolume | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:NfsMount", declared.key, None, opts)
        self.declared = declared
        self.mounts = {host: self._mount(declared, host, volume) for host in declared.hosts}
        self.register_outputs({})

    def _mount(self, declared: model.Mount, host: str, volume: OntapVolume | None) -> Mount:
        # The path comes from the volume itself: when its junction path moves, the mounts follow after it.
        export: pulumi.Input[str] = declared.export if volume is None else volume.volume.junction_path
        return Mount(
            f"{declared.key}-{host}",
            host=host,
            path=declared.path,
            server=declared.server,
            export=export,
            type=declared.type,
            options=list(declared.options),
            dump=declared.dump,
            fsck_pass=declared.fsck_pass,
            adopt=declared.adopt,
            cover_files=declared.cover_files,
            opts=part_of(self, after=[volume.volume] if volume else [], timeouts=declared.timeouts),
        )
