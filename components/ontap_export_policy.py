"""Who may mount: an export policy of an SVM, on its own or beside the volume that it is for."""

from __future__ import annotations

import pulumi

from components.options import part_of
from components.wire import wire
from strata.resources.ontap import ExportPolicy
from strata.stackfile import model


def export_policy(declared: model.ExportPolicy, parent: pulumi.Resource) -> ExportPolicy:
    """The resource of a declared policy."""
    return ExportPolicy(
        declared.key,
        cluster=declared.cluster,
        svm=declared.svm,
        name=declared.name,
        rules=[wire(rule) for rule in declared.rules],
        adopt=declared.adopt,
        opts=part_of(parent, timeouts=declared.timeouts),
    )


class OntapExportPolicies(pulumi.ComponentResource):
    """The policies that several volumes share; `policies` by their key in the stack file."""

    def __init__(
        self, declared: dict[str, model.ExportPolicy], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strata:components:OntapExportPolicies", "shared", None, opts)
        self.policies = {key: export_policy(policy, self) for key, policy in declared.items()}
        self.register_outputs({})
