"""What a management server has right after its installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import accounts
from lab.cloudstack.configuration import ENFORCE, SWIFT_ENABLE

if TYPE_CHECKING:
    from lab.cloudstack.system import System

# category, group, subgroup, name, value, description, dynamic, component, parent, display text, type
_SETTINGS: tuple[tuple[str, str, str, str, str, str | None, bool, str, str | None, str, str], ...] = (
    (
        "Advanced",
        "Infrastructure",
        "Secondary Storage",
        "secstorage.allowed.internal.sites",
        "0.0.0.0/0",
        None,
        False,
        "management-server",
        None,
        "Secstorage allowed internal sites",
        "String",
    ),
    (
        "Advanced",
        "Management Server",
        "Limits",
        "expunge.delay",
        "20",
        None,
        False,
        "management-server",
        None,
        "Expunge delay",
        "Number",
    ),
    (
        "Storage",
        "Infrastructure",
        "Primary Storage",
        "storage.template.cleanup.enabled",
        "true",
        "Whether templates that nobody uses are cleaned from primary storage; needs storage cleanup as a whole.",
        False,
        "StorageManager",
        "storage.cleanup.enabled",
        "Storage template cleanup enabled",
        "Boolean",
    ),
    (
        "Advanced",
        "Miscellaneous",
        "Others",
        ENFORCE,
        "false",
        "Whether changes must come by POST and every request must carry the time at which it expires.",
        False,
        "ApiServer",
        None,
        "Enforce post requests and timestamps",
        "Boolean",
    ),
    (
        "Advanced",
        "Management Server",
        "Network",
        "host",
        "127.0.0.1",
        "The address at which agents reach the management server.",
        False,
        "ApiServiceConfiguration",
        None,
        "Host",
        "String",
    ),
)
_LEGACY_SETTING = (
    "Advanced",
    "",
    "",
    SWIFT_ENABLE,
    "false",
    "enable swift ",
    False,
    "management-server",
    None,
    "Swift enable",
    "Boolean",
)
_COLUMNS = (
    "category",
    "group",
    "subgroup",
    "name",
    "value",
    "description",
    "isdynamic",
    "component",
    "parent",
    "displaytext",
    "type",
)
_OFFERINGS = (
    (
        "DefaultSharedNetworkOfferingWithSGService",
        "Offering for Shared Security group enabled networks",
        ("SecurityGroup", "Dns", "Dhcp", "UserData"),
        "Shared",
    ),
    ("DefaultSharedNetworkOffering", "Offering for Shared networks", ("Dns", "Dhcp", "UserData"), "Shared"),
    (
        "DefaultIsolatedNetworkOfferingWithSourceNatService",
        "Offering for Isolated networks with Source Nat service enabled",
        ("SourceNat", "Dns", "Dhcp", "UserData"),
        "Isolated",
    ),
)


def fill(system: System) -> None:
    """The first rows."""
    system.add("servers", name="localhost")
    system.add("domains", name="ROOT")
    for kind, name in (("Admin", "Root Admin"), ("User", "User")):
        system.add("roles", name=name, type=kind)
    config = system.config
    accounts.new_user(
        system,
        config.username,
        config.password,
        ("Admin", "Root Admin"),
        firstname="Admin",
        lastname="User",
        email="admin@mailprovider.com",
        apikey=config.api_key,
        secretkey=config.secret_key,
    )
    for settings in (*_SETTINGS, *((_LEGACY_SETTING,) if system.legacy else ())):
        row = dict(zip(_COLUMNS, settings, strict=True))
        system.add("configuration", **row, defaultvalue=row["value"])
    for name, text, services, kind in _OFFERINGS:
        made = system.add("offerings", name=name, displaytext=text, services=list(services), guestiptype=kind)
        made["serviceofferingid"] = system.add("service_offerings", name=name)["uuid"]
    for name in ("System Offering For Console Proxy", "System Offering For Secondary Storage VM"):
        system.add("service_offerings", name=name)
