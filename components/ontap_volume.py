"""An ONTAP volume with its junction path, its efficiency, and the export policy that lets hosts in."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.ontap_export_policy import export_policy
from components.options import part_of
from components.wire import wire
from strata.resources.ontap import ExportPolicy, Volume
from strata.stackfile import model


class OntapVolume(pulumi.ComponentResource):
    """One volume of the stack file.

    volume    the custom resource; whatever mounts it depends on this
    policy    the export policy made for it or shared with it; None when it is one that Strata leaves alone
    """

    def __init__(
        self,
        declared: model.Volume,
        shared: Mapping[str, ExportPolicy],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:OntapVolume", declared.key, None, opts)
        self.policy: ExportPolicy | None = None
        name: pulumi.Input[str] | None = None
        match declared.export_policy:
            case model.ExportPolicy() as own:
                self.policy = export_policy(own, self)
            case model.SharedPolicy(key):
                self.policy = shared[key]
            case model.ExistingPolicy(existing):
                name = existing
        if self.policy is not None:
            name = self.policy.name
        self.volume = self._volume(declared, name)
        self.register_outputs({"junctionPath": self.volume.junction_path})

    def _volume(self, declared: model.Volume, policy_name: pulumi.Input[str] | None) -> Volume:
        return Volume(
            declared.key,
            cluster=declared.cluster,
            svm=declared.svm,
            aggregate=declared.aggregate,
            name=declared.name,
            size=declared.size,
            junction_path=declared.junction_path,
            export_policy=policy_name,
            efficiency=wire(declared.efficiency) if declared.efficiency else None,
            guarantee=declared.guarantee,
            snapshot_policy=declared.snapshot_policy,
            snapshot_reserve=declared.snapshot_reserve,
            autosize=wire(declared.autosize) if declared.autosize else None,
            unix_permissions=declared.unix_permissions,
            uid=declared.uid,
            gid=declared.gid,
            security_style=declared.security_style,
            comment=declared.comment,
            qos_policy=declared.qos_policy,
            adopt=declared.adopt,
            deletion=declared.deletion,
            opts=part_of(
                self,
                after=[self.policy] if self.policy else [],
                protect=declared.protect,
                timeouts=declared.timeouts,
            ),
        )
