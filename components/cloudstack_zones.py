"""All zones of one CloudStack together: what guards their deletion."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.cloudstack_object_store import CloudStackObjectStore
from components.cloudstack_zone import CloudStackZone
from components.options import part_of
from strata.resources.cloudstack import ZoneSet


class CloudStackZones(pulumi.ComponentResource):
    """Made after every zone's state, so changed and deleted before any part of a zone is."""

    def __init__(
        self,
        zones: Sequence[CloudStackZone],
        object_store: CloudStackObjectStore,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:CloudStackZones", "zones", None, opts)
        self.zones = ZoneSet(
            "zones",
            image_store=object_store.store.id,
            zones=pulumi.Output.all(*(zone.zone.id for zone in zones)),
            opts=part_of(self, after=[object_store.store, *(zone.state for zone in zones)]),
        )
        self.register_outputs({})
