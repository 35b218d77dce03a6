"""Swift as CloudStack's cloud-wide secondary storage, and the global settings that stand before it.

modern   the account, then the image store
legacy   the account, swift.enable, restart of the management server, then the image store
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_command import remote

from components.on_host import PRIVILEGES, command, quoted
from components.options import part_of
from components.swift_account import SwiftAccount
from strata.resources.cloudstack import GlobalSetting, ImageStore
from strata.stackfile import model

SWIFT_SETTING = "swift.enable"
"""What the user interface of that era calls enable.swift."""


class CloudStackObjectStore(pulumi.ComponentResource):
    """`store` is the custom resource of the image store: every zone comes after it. `declared` is the section that it is of.

    hosts     the hosts of the stack file, among them the management server's
    settings  other global settings, which are to be in force before the store and all that comes after it
    """

    def __init__(
        self,
        declared: model.CloudStack,
        store: model.ObjectStore,
        account: SwiftAccount,
        hosts: Mapping[str, model.Host],
        settings: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:CloudStackObjectStore", "cloudstack", None, opts)
        self.declared = store
        self._settings = settings
        self.legacy = declared.era == "legacy"
        self.restart: remote.Command | None = None
        if self.legacy and declared.management is not None:
            self.restart = self._restart(declared.management, hosts, account, store.timeouts)
        self.store = self._store(declared, store, account)
        self.register_outputs({"imageStore": self.store.id})

    def _restart(
        self,
        management: model.Management,
        hosts: Mapping[str, model.Host],
        account: SwiftAccount,
        timeouts: model.Timeouts,
    ) -> remote.Command:
        # After the account: no server is restarted for a Swift that does not take the credentials.
        options = part_of(self, after=[account.account], timeouts=timeouts)
        # The Swift store stays in that era's server, and what it needs stays with it.
        options.retain_on_delete = True
        setting = GlobalSetting(SWIFT_SETTING, name=SWIFT_SETTING, value="true", adopt=True, opts=options)
        service = quoted(management.service)
        restart = (
            f"if command -v systemctl >/dev/null; then $root systemctl restart {service}; "
            f"else $root service {service} restart; fi"
        )
        return command(
            f"restart-{management.host}",
            hosts[management.host],
            f"{PRIVILEGES}; {restart}",
            [setting.value],
            self,
            after=[setting, *self._settings],
            timeouts=timeouts,
        )

    def _store(
        self, declared: model.CloudStack, store: model.ObjectStore, account: SwiftAccount
    ) -> ImageStore:
        before = [account.account, *self._settings, *([self.restart] if self.restart else [])]
        options = part_of(self, after=before, protect=store.protect, timeouts=store.timeouts)
        # A server of that era has no command that takes Swift away again.
        options.retain_on_delete = self.legacy
        return ImageStore(
            "object-store",
            account=store.account,
            name=store.name,
            era=declared.era,
            # Nothing would come to Swift any more; that era's Swift can't be read-only.
            read_only=None if self.legacy else bool(store.read_only),
            storage_policy=store.storage_policy,
            allow_existing_zones=store.allow_existing_zones,
            seeds_template=any(zone.system_vm_template for zone in declared.zones.values()),
            # No output of the restart: then a preview would not know it and could not look before it is done.
            after_restart=declared.management.service if self.restart and declared.management else None,
            adopt=store.adopt,
            opts=options,
        )


class CloudStackSettings(pulumi.ComponentResource):
    """Global settings of CloudStack; `settings` by CloudStack's own names."""

    def __init__(self, declared: Mapping[str, str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:components:CloudStackSettings", "settings", None, opts)
        self.settings = {
            name: GlobalSetting(name, name=name, value=value, adopt=True, opts=part_of(self))
            for name, value in declared.items()
        }
        self.register_outputs({})
