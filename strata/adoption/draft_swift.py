"""Swift accounts and their containers as entries of `strata:swift.accounts`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from strata.adoption.draft import Draft, Path
from strata.adoption.fitting import misfit
from strata.adoption.naming import key_for, named
from strata.clients.swift import SwiftClient
from strata.errors import Failed
from strata.provider import codec
from strata.provider.connections import Connections
from strata.provider.kinds.swift_account import Account
from strata.provider.kinds.swift_container import Container
from strata.stackfile import model

ACCOUNTS: Final[Path] = ("strata:swift", "accounts")
OF_CLOUDSTACK: Final = re.compile(r"[TSV]-\d+(-\d+)?")
"""Containers that CloudStack makes for its templates, snapshots and volumes."""


async def containers(client: SwiftClient) -> list[str]:
    """The names of an account's containers, sorted."""
    return sorted(await client.containers())


def missing(account: model.SwiftAccount, names: list[str]) -> list[str]:
    """The containers that the stack file does not declare."""
    known = {one.name for one in account.containers.values()}
    return [name for name in names if name not in known]


def is_system(name: str) -> bool:
    """Whether CloudStack has made it."""
    return OF_CLOUDSTACK.fullmatch(name) is not None


async def write(
    draft: Draft,
    account: model.SwiftAccount,
    theirs: Mapping[str, str],
    connections: Connections,
    everything: bool,
) -> None:
    """Metadata and quota of the account, and every container.

    theirs      containers that other stacks declare
    everything  those that CloudStack has made too
    """
    await _account(draft, account, connections)
    client = connections.swift(account.key)
    policies = await client.policies()
    for name in missing(account, await containers(client)):
        if is_system(name) and not everything:
            draft.skipped.append(f"container {name} of Swift account {account.key}: CloudStack's own")
        elif name in theirs:
            draft.leave(f"container {name} of Swift account {account.key}", theirs[name])
        else:
            await _container(draft, account.key, name, connections, len(policies) > 1)


async def _account(draft: Draft, account: model.SwiftAccount, connections: Connections) -> None:
    kind, at = Account(connections), (*ACCOUNTS, account.key)
    observed = await kind.observe(account.key)
    if observed is None:
        raise Failed(
            f"There is no Swift account for the credentials of {account.key}; `pulumi up` would make it."
        )
    actual, found = codec.encode(observed.actual), dict[str, Any]()
    for key in ("metadata", "quota"):
        if actual.get(key) and not draft.declared((*at, key)):
            found[key] = actual[key]
    # As the component gives it: what the file has already counts too.
    declared = {
        "account": account.key,
        "metadata": account.metadata,
        "quota": account.quota,
        "tempUrlKey": account.temp_url_key is not None,
    }
    if why := misfit(kind, {**declared, **found}, observed):
        draft.find(f"Swift account {account.key}", why)
        return
    for key, value in found.items():
        draft.put((*at, key), value)
    draft.add(at, Account.token, account.key, account.key, (("SwiftAccount", account.key),))


async def _container(
    draft: Draft, account: str, name: str, connections: Connections, several_policies: bool
) -> None:
    kind, place = Container(connections), (*ACCOUNTS, account, "containers")
    observed = await kind.observe(f"{account}/{name}")
    if observed is None:
        return
    actual = codec.encode(observed.actual)
    wanted = ("readAcl", "writeAcl", "quota", "metadata", *(["storagePolicy"] if several_policies else []))
    entry = {key: actual[key] for key in wanted if actual.get(key)}
    if why := misfit(kind, {"account": account, "name": name, **entry}, observed):
        draft.find(f"container {name} of Swift account {account}", why)
        return
    key = key_for(name, draft.keys(place))
    draft.put((*place, key), {**named(key, name), **entry})
    parents = (("SwiftAccount", account),)
    draft.add((*place, key), Container.token, f"{account}-{key}", observed.id, parents)
