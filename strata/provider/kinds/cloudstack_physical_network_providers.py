"""Network service providers of a physical network: configured first, where they have an element, and enabled then."""

from __future__ import annotations

from typing import Final

from strata.clients.cloudstack import CloudStackClient, Document
from strata.errors import Failed
from strata.provider.kind import Operation

_ROUTER: Final = ("listVirtualRouterElements", "configureVirtualRouterElement")
_ELEMENTS: Final = {
    "VirtualRouter": _ROUTER,
    "VpcVirtualRouter": _ROUTER,
    "InternalLbVm": ("listInternalLoadBalancerElements", "configureInternalLoadBalancerElement"),
    "Ovs": ("listOvsElements", "configureOvsElement"),
}
"""Provider -> commands of its element; the others are enabled just so, such as SecurityGroupProvider."""


async def enabled_on(api: CloudStackClient, network: str) -> tuple[str, ...]:
    """The names of those that are enabled on a physical network."""
    rows = await _providers(api, network)
    return tuple(sorted(name for name, row in rows.items() if row.get("state") == "Enabled"))


async def enable(
    api: CloudStackClient, network: str, names: tuple[str, ...], called: str, op: Operation
) -> None:
    """Enable those that are not; called: the physical network in a sentence."""
    rows = await _providers(api, network)
    if unknown := [name for name in names if name not in rows]:
        raise Failed(
            f"The physical network {called} has no provider {', '.join(unknown)}; it has {', '.join(sorted(rows))}."
        )
    for name in names:
        if rows[name].get("state") == "Enabled":
            continue
        id, doing = str(rows[name]["id"]), f"enabling the provider {name} of the physical network {called}"
        if name in _ELEMENTS:
            await _configure(api, id, name, doing, op)
        await api.write(
            "updateNetworkServiceProvider",
            doing,
            op.deadline,
            progress=op.progress,
            id=id,
            state="Enabled",
        )


async def _configure(api: CloudStackClient, provider: str, name: str, doing: str, op: Operation) -> None:
    """The server refuses to enable a provider whose elements are not enabled themselves (530)."""
    listing, configuring = _ELEMENTS[name]
    for element in await api.rows(listing, nspid=provider):
        if element.get("enabled") is not True:
            await api.write(
                configuring, doing, op.deadline, progress=op.progress, id=element["id"], enabled="true"
            )


async def _providers(api: CloudStackClient, network: str) -> dict[str, Document]:
    rows = await api.rows("listNetworkServiceProviders", physicalnetworkid=network)
    return {str(row.get("name")): row for row in rows}
