"""CloudStack's settings, its store for the whole cloud and its zones as entries of `strata:cloudstack`.

Only of 4.2 and newer: before, the store comes with a restart of the management server, which can't be imported.
"""

from __future__ import annotations

import re
from typing import Final

from strata.adoption.draft import Component, Draft, Path
from strata.adoption.draft_mounts import Exports
from strata.adoption.draft_zone import ZoneDraft
from strata.adoption.elsewhere import OfCloud
from strata.adoption.fitting import misfit
from strata.clients.cloudstack import Document
from strata.provider.connections import Connections
from strata.provider.kinds.cloudstack_global_setting import GlobalSetting
from strata.provider.kinds.cloudstack_image_store import ImageStore
from strata.provider.kinds.cloudstack_image_store_args import ImageStoreArgs
from strata.provider.kinds.cloudstack_store_content import swift_stores
from strata.provider.kinds.cloudstack_zone import Zone
from strata.provider.kinds.cloudstack_zone_set import ID, ZoneSet
from strata.stackfile import model

SECTION: Final[Path] = ("strata:cloudstack",)
SETTINGS: Final[Path] = (*SECTION, "settings")
STORE: Final[Path] = (*SECTION, "objectStore")
ZONES: Final[Path] = (*SECTION, "zones")
STORE_PARENTS: Final[tuple[Component, ...]] = (("CloudStackObjectStore", "cloudstack"),)
OF_STORAGE: Final = re.compile(r"(secstorage|storage|expunge|extract|snapshot)\.")
"""Settings that say how storage is used. Others are of the server's installation, or nobody's business here."""
SECRET: Final = re.compile(r"password|secret|key|token|credential", re.IGNORECASE)


async def zones(connections: Connections) -> list[Document]:
    """The rows of all zones, by name."""
    rows = await connections.cloudstack().rows("listZones")
    return sorted(rows, key=lambda row: str(row["name"]))


def missing(rows: list[Document], declared: model.CloudStack) -> list[Document]:
    """The zones that the stack file does not declare."""
    known = {one.name for one in declared.zones.values()}
    return [row for row in rows if row["name"] not in known]


async def write(
    draft: Draft,
    declared: model.CloudStack,
    theirs: OfCloud,
    exports: Exports,
    connections: Connections,
) -> None:
    """Settings, store, zones: a zone is written only behind a store. theirs: what other stacks declare."""
    await _settings(draft, declared, theirs, connections)
    if await connections.cloudstack().era() == "legacy":
        why = "CloudStack up to 4.1 is restarted for Swift, and a restart can't be imported: write objectStore and zones by hand"
        draft.find("the Swift store and the zones of CloudStack", why)
        return
    if declared.object_store is not None:
        await _declared_store(draft, declared.object_store, connections)
    elif theirs.store is not None:
        draft.leave("the Swift store of CloudStack", theirs.store)
    else:
        await _store(draft, connections)
    store = declared.object_store is not None or "account" in draft.keys(STORE)
    rows = await zones(connections)
    for row in missing(rows, declared):
        if row["name"] in theirs.zones:
            draft.leave(f"zone {row['name']} of CloudStack", theirs.zones[row["name"]])
        elif store:
            await ZoneDraft(draft, connections, exports, declared, str(row["id"])).write(row)
        else:
            why = "a zone stands only behind a Swift store for the whole cloud"
            draft.find(f"zone {row['name']} of CloudStack", why)
    known = {one.name for one in declared.zones.values()}
    draft.zones += [str(row["id"]) for row in rows if row["name"] in known]


def together(draft: Draft) -> None:
    """The set of the zones that are declared in the end, for the import to take note of."""
    ids = [*draft.zones, *(one.id for one in draft.kept if one.token == Zone.token)]
    if ids:
        draft.add(ZONES, ZoneSet.token, "zones", f"{ID}:{','.join(ids)}", (("CloudStackZones", "zones"),))


async def _settings(
    draft: Draft, declared: model.CloudStack, theirs: OfCloud, connections: Connections
) -> None:
    """Those of storage that somebody has changed."""
    kind, parents = GlobalSetting(connections), (("CloudStackSettings", "settings"),)
    for row in await connections.cloudstack().rows("listConfigurations"):
        name, value, usual = str(row.get("name")), row.get("value"), row.get("defaultvalue")
        if not OF_STORAGE.match(name) or SECRET.search(name) or row.get("category") in ("Secure", "Hidden"):
            continue
        if name in declared.settings or not value or usual is None or kind.same("value", value, usual):
            continue
        if name in theirs.settings:
            draft.leave(f"setting {name} of CloudStack", theirs.settings[name])
            continue
        draft.put((*SETTINGS, name), str(value))
        draft.add((*SETTINGS, name), GlobalSetting.token, name, name, parents)


async def _declared_store(draft: Draft, store: model.ObjectStore, connections: Connections) -> None:
    """The one that the file has already: where several accounts could be it, the operator says which."""
    kind = ImageStore(connections)
    declared = {"account": store.account, "name": store.name, "readOnly": bool(store.read_only)}
    for row in await kind.alike(ImageStoreArgs(account=store.account, name=store.name)):
        observed = await kind.observed(row)
        if why := misfit(kind, declared, observed):
            draft.find(f"the Swift store {row.get('name')} of CloudStack", why)
        else:
            draft.add(STORE, ImageStore.token, "object-store", observed.id, STORE_PARENTS)
        return


async def _store(draft: Draft, connections: Connections) -> None:
    kind = ImageStore(connections)
    for row in await swift_stores(connections.cloudstack()):
        observed = await kind.observed(row)
        what, actual = f"the Swift store {row.get('name')} of CloudStack", observed.actual
        if actual.account not in connections.swift_accounts:
            several = " or " in actual.account
            reason = (
                "several accounts have its authUrl"
                if several
                else "no account of strata:swift.accounts has its authUrl"
            )
            draft.find(what, f"{reason} ({observed.outputs.url}): write objectStore by hand, and repeat")
            continue
        if draft.keys(STORE):
            draft.find(what, "a stack file has one, and another is written already")
            continue
        entry = {
            "account": actual.account,
            "name": actual.name,
            **({"readOnly": True} if actual.read_only else {}),
        }
        if why := misfit(kind, {**entry, "readOnly": bool(actual.read_only)}, observed):
            draft.find(what, why)
            continue
        draft.put(STORE, entry)
        draft.add(STORE, ImageStore.token, "object-store", observed.id, STORE_PARENTS)
