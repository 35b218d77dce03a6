"""An account of OpenStack Swift with the containers that are declared in it."""

from __future__ import annotations

import pulumi

from components.options import part_of
from strata.resources.swift import Account, Container
from strata.stackfile import model


class SwiftAccount(pulumi.ComponentResource):
    """One account of the stack file.

    account     the custom resource; whatever uses the account depends on this
    containers  by their key in the stack file
    """

    def __init__(self, declared: model.SwiftAccount, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:components:SwiftAccount", declared.key, None, opts)
        self.account = Account(
            declared.key,
            account=declared.key,
            metadata=declared.metadata,
            quota=declared.quota,
            temp_url_key=declared.temp_url_key is not None,
            adopt=declared.adopt,
            opts=part_of(self, protect=declared.protect, timeouts=declared.timeouts),
        )
        self.containers = {key: self._container(one) for key, one in declared.containers.items()}
        self.register_outputs({})

    def _container(self, declared: model.SwiftContainer) -> Container:
        return Container(
            f"{declared.account}-{declared.key}",
            account=declared.account,
            name=declared.name,
            storage_policy=declared.storage_policy,
            read_acl=declared.read_acl,
            write_acl=declared.write_acl,
            quota=declared.quota,
            metadata=declared.metadata,
            adopt=declared.adopt,
            deletion=declared.deletion,
            opts=part_of(self, after=[self.account], protect=declared.protect, timeouts=declared.timeouts),
        )
