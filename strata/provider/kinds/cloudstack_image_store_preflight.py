"""What has to be true before a cloud-wide Swift store is added, found out by reading, and a sentence for what is not.

CloudStack itself checks one thing only: that there is no image store of another provider. Neither the credentials, nor the form
of account and user, nor that there are zones already is looked at (facts: cloudstack-real 1).
"""

from __future__ import annotations

from strata.clients.cloudstack import CloudStackClient, Document, Era
from strata.errors import Failed
from strata.provider.kind import Operation
from strata.provider.kinds.cloudstack_image_store_args import ImageStoreArgs

SWIFT_ENABLE = "swift.enable"
UNTOUCHED = "Nothing was changed."


def check_era(args: ImageStoreArgs, era: Era, endpoint: str) -> None:
    """What is declared of the release is what the server is, and what is declared of the store is possible there."""
    if args.era and args.era != era:
        has = (
            "addImageStore (4.2 and later)"
            if era == "modern"
            else "addSwift, but no addImageStore (3.0 to 4.1)"
        )
        raise Failed(
            f"`era: {args.era}` in strata:cloudstack contradicts the server: CloudStack at {endpoint} has {has}. "
            f"Set `era: {era}`. {UNTOUCHED}"
        )
    impossible = [
        what
        for what, given in (("readOnly", args.read_only), ("storagePolicy", args.storage_policy))
        if given
    ]
    if era == "legacy" and impossible:
        raise Failed(
            f"CloudStack at {endpoint} is of a release up to 4.1, whose Swift has no {' and no '.join(impossible)}. "
            f"Leave it out. {UNTOUCHED}"
        )


async def check_enabled(api: CloudStackClient) -> None:
    """The releases up to 4.1 take a Swift only where the setting is on."""
    rows = await api.rows("listConfigurations", name=SWIFT_ENABLE)
    value = next((row.get("value") for row in rows if row.get("name") == SWIFT_ENABLE), None)
    if str(value).lower() != "true":
        raise Failed(
            f"The global setting {SWIFT_ENABLE} of CloudStack at {api.endpoint} is {value!r}, and must be 'true', with a restart "
            f"of the management server after it, before Swift can be added: set `era: legacy` in strata:cloudstack, which does "
            f"both. {UNTOUCHED}"
        )


def check_provider(stores: list[Document]) -> None:
    """One provider for the whole cloud."""
    others = [row for row in stores if row.get("providername") != "Swift"]
    if others:
        named = ", ".join(f"{row.get('name')} ({row.get('providername')}, {row['id']})" for row in others)
        raise Failed(
            f"CloudStack has an image store of another provider, {named}, and takes stores of one provider only. {UNTOUCHED} "
            "CloudStack's own way to turn NFS stores into staging stores and to add Swift is its command "
            "updateCloudToUseObjectStore; run it, then import the Swift store. Or, while the stores hold nothing, delete them."
        )


def check_single(args: ImageStoreArgs, stores: list[Document], alike: list[Document]) -> None:
    """No Swift store beside the declared one: CloudStack would spread what it stores over both."""
    strange = [row for row in stores if row not in alike]
    if strange:
        named = ", ".join(
            f"{row.get('name', 'without a name')} ({row.get('url')}, {row['id']})" for row in strange
        )
        raise Failed(
            f"CloudStack has another Swift store than the declared one (account {args.account}): {named}. CloudStack would store "
            f"in either. {UNTOUCHED} Declare the account and the name that it has and import it, or delete it in CloudStack."
        )


async def check_zones(api: CloudStackClient, args: ImageStoreArgs, op: Operation) -> list[Document]:
    """Swift comes before the first zone: what a zone has stored before is not in Swift."""
    zones = await api.rows("listZones")
    if not zones:
        return zones
    named = ", ".join(str(row.get("name")) for row in zones)
    means = (
        f"CloudStack has zones already ({named}). What they stored on secondary storage before is not in Swift: templates, "
        "snapshots and system VM templates of that time stay where they are"
    )
    if not args.allow_existing_zones:
        raise Failed(
            f"{means}. Swift is added before the first zone. {UNTOUCHED} "
            "To add it all the same, set `allowExistingZones: true` in objectStore."
        )
    await op.warn(f"{means}. It is added all the same (allowExistingZones).")
    return zones


async def warn_of_missing_template(
    api: CloudStackClient, args: ImageStoreArgs, zones: list[Document], op: Operation
) -> None:
    """A release of today asks for the system VM template only when a store is added, beside clusters and staging stores."""
    if args.seeds_template:
        return
    if zones and await api.rows("listClusters") and await api.rows("listSecondaryStagingStores"):
        return
    await op.warn(
        "The system VMs of the zones will not come by themselves: CloudStack asks for their template when the Swift store is "
        "added, while there is no cluster and no staging store yet, and never again. Declare systemVmTemplate in each zone "
        "(with the staging volume mounted on the management host), or run cloud-install-sys-tmplt there by hand, with -m the "
        "mounted staging store, -u the template's URL and -h the hypervisor."
    )


async def warn_of_credentials(called: str, id: str, op: Operation) -> None:
    """A row that an earlier add has left is as declared, as far as anybody can see."""
    await op.warn(
        f"The Swift store {called} ({id}) with the declared URL is in CloudStack already, and is kept. With which account, user "
        "and key it was added can't be read back; an add that failed may have left it without them. To be sure while it holds "
        f"nothing: delete it (deleteImageStore id={id}) and run `pulumi up --refresh`, which adds it anew."
    )
