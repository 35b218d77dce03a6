"""The composition root: the one place where systems are joined and edges are drawn.

export policy -> volume -> mount on each host -> Glance's store on each Glance host
"""

from __future__ import annotations

from typing import Any

import pulumi

from components.glance_image_store import GlanceImageStore
from components.nfs_mount import NfsMount
from components.ontap_export_policy import OntapExportPolicies
from components.ontap_volume import OntapVolume
from strata.stackfile.model import StackFile


class Foundation:
    """Everything that one stack file declares."""

    def __init__(self, stack: StackFile) -> None:
        policies = stack.ontap.export_policies
        shared = OntapExportPolicies(dict(policies)).policies if policies else {}
        self.volumes = {key: OntapVolume(volume, shared) for key, volume in stack.ontap.volumes.items()}
        self.mounts = {
            key: NfsMount(mount, self.volumes[mount.volume] if mount.volume else None)
            for key, mount in stack.mounts.items()
        }
        self.glance: GlanceImageStore | None = None
        if stack.glance is not None:
            name = stack.glance.store.mount
            self.glance = GlanceImageStore(stack.glance, self.mounts[name], stack.mounts[name].path)

    def outputs(self) -> dict[str, Any]:
        """What `pulumi stack output` shows."""
        volumes = {key: _volume_outputs(component) for key, component in self.volumes.items()}
        stores = (
            {}
            if self.glance is None
            else {host: store.directory for host, store in self.glance.stores.items()}
        )
        return {"volumes": volumes, "glance": stores}


def _volume_outputs(component: OntapVolume) -> dict[str, pulumi.Output[Any]]:
    volume = component.volume
    return {"size": volume.size, "junctionPath": volume.junction_path, "uuid": volume.uuid}
