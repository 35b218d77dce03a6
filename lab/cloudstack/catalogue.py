"""Every command, by being imported: each module puts its own into the table."""

from __future__ import annotations

from lab.cloudstack import (  # noqa: F401
    accounts,
    capabilities,
    clusters,
    configuration,
    image_stores,
    jobs,
    legacy,
    networks,
    offerings,
    pods,
    pools,
    providers,
    ranges,
    staging_stores,
    system_vms,
    templates,
    virtual_machines,
    zones,
)
from lab.cloudstack.commands import COMMANDS, Command


def find(era: str, name: str) -> Command | None:
    """The command of that era; its name's case counts."""
    return COMMANDS.get((era, name))
