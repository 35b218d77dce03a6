"""Whether a host can have the Glance store that is declared for it, found by reading; for the store and for the move into it."""

from __future__ import annotations

from strata.clients import glance
from strata.clients.glance import OPTION, Store
from strata.clients.host import HostClient
from strata.errors import Failed
from strata.hostfiles import ini
from strata.provider.kinds.glance_filesystem_store_args import StoreArgs
from strata.provider.kinds.glance_image_migration_args import MigrationArgs


async def look_at_fit(host: HostClient, args: StoreArgs | MigrationArgs) -> Store:
    """The host's store; raises Failed where the declared one could not be made there."""
    store = await glance.look(host, args.config_file, args.section, args.service)
    if store.config is None:
        raise Failed(
            f"Host {host.name} has no {args.config_file}. Install Glance there, or correct configFile."
        )
    if store.unit.get("LoadState") != "loaded":
        raise Failed(
            f"Host {host.name} has no service {args.service} (systemd says {store.unit.get('LoadState')})."
        )
    if missing := await glance.missing_accounts(host, args.owner, args.group):
        raise Failed(
            f"Host {host.name} has no {' and no '.join(missing)}. Install Glance there, or correct owner and group."
        )
    _refuse_other_stores(host.name, args, store.config)
    return store


def _refuse_other_stores(host: str, args: StoreArgs | MigrationArgs, config: str) -> None:
    """A setting that Glance would not read, or not start with."""
    if several := ini.get(config, args.section, f"{OPTION}s"):
        raise Failed(
            f"{args.config_file} on host {host} sets {OPTION}s ({several.splitlines()[0]}); Glance does not start with "
            "both. Remove it there first."
        )
    backends = ini.get(config, "DEFAULT", "enabled_backends") or ""
    names = [
        one.partition(":")[0].strip()
        for one in backends.split(",")
        if one.partition(":")[2].strip() == "file"
    ]
    if backends and args.section not in names:
        raise Failed(
            f"{args.config_file} on host {host} has enabled_backends = {backends}, so Glance does not read the section "
            f"{args.section}. Set section to the name of a store of type file: {', '.join(names) or 'there is none'}."
        )
