"""An account of OpenStack Swift: that its credentials are good, its metadata, quota and temporary URL key.

Identity   the account's key under strata:swift.accounts, which is the id too.
Drifts     metadata (the keys that Strata has set), quota, tempUrlKey.
Replaces   account.
Import     `pulumi import strata:swift:Account NAME KEY`.
Creating   proves the credentials; where the cluster makes accounts by itself (account_autocreate), it comes into being by this.
Deleting   takes away what Strata has set, never containers or objects: the account belongs to the cluster's users.
Source     Swift's API reference; middleware account_quotas (only a reseller administrator may set quotas) and tempurl.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from strata.clients.swift_errors import Refused
from strata.errors import Failed
from strata.provider.diff import Difference
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds.swift_metadata import (
    QUOTA,
    TEMP_URL_KEY,
    Metadata,
    canonical_metadata,
    canonical_quota,
    comes_back,
)
from strata.units import format_size, parse_size

if TYPE_CHECKING:
    from strata.clients.swift import Headers, SwiftClient


class Accounts(Protocol):
    """What this kind needs of the provider's connections."""

    def swift(self, account: str) -> SwiftClient:
        """The client of an account of the stack file."""


@dataclass(frozen=True)
class AccountArgs:
    """What the user may declare."""

    account: str = replaces("Name of the account under strata:swift.accounts.", example="cloudstack")
    metadata: dict[str, str] | None = managed(
        "Metadata of the account. Keys that others have set are left alone; a key that is taken out here is removed.",
        example={"Owner": "cloud-team"},
        default=None,
        normalize=canonical_metadata,
    )
    quota: str | None = managed(
        "How much the account may hold. Only a reseller administrator may set it.",
        example="10TiB",
        default=None,
        normalize=canonical_quota,
    )
    temp_url_key: bool = managed(
        "Whether the account's key for temporary URLs is the tempUrlKey of the stack file.",
        example=True,
        default=False,
    )
    adopt: bool = setting(
        "Take over an account that another stack has marked, or whose metadata or quota are otherwise.",
        example=False,
        default=False,
    )


@dataclass(frozen=True)
class AccountOutputs:
    """What only Swift knows."""

    path: str = output("Where the account lies on the cluster.", example="/v1/AUTH_test")


class Account(Kind[AccountArgs, AccountOutputs]):
    """swift:Account."""

    token: ClassVar[str] = "strata:swift:Account"
    Args: ClassVar[type] = AccountArgs
    Outputs: ClassVar[type] = AccountOutputs
    default_timeout: ClassVar[float] = 120.0

    def __init__(self, connections: Accounts) -> None:
        self._connections = connections

    async def observe(self, id: str) -> Observed[AccountArgs, AccountOutputs] | None:
        """None where Swift knows no such account and makes none by itself."""
        client = self._connections.swift(id)
        headers = await client.account()
        if headers is None:
            return None
        metadata = Metadata.of("Account", headers)
        actual = AccountArgs(
            account=id,
            metadata=metadata.declarable,
            quota=_quota(headers),
            temp_url_key=_has_temp_url_key(metadata, client),
        )
        return Observed(id, actual, AccountOutputs(client.storage_path))

    async def preflight(self, args: AccountArgs, op: Operation) -> None:
        """The credentials are good, and the account is nobody else's."""
        client = self._connections.swift(args.account)
        wanted = _wanted(args, client)
        headers = await client.account()
        if headers is None or args.adopt:
            return
        metadata = Metadata.of("Account", headers)
        what = f"Swift account {args.account} at {client.auth_url}"
        if metadata.owner and metadata.owner != op.owner:
            raise AlreadyThere(f"{what}, marked as {metadata.owner}", args.account)
        there = _quota(headers)
        different = [*metadata.conflicts({key: value for key, value in wanted.items() if key != QUOTA})]
        if args.quota is not None and there not in (None, args.quota):
            different.append(QUOTA)
        if not metadata.owner and different:
            raise AlreadyThere(f"{what}, with other values of {', '.join(different)},", args.account)

    async def create(self, args: AccountArgs, op: Operation) -> str:
        """One POST; it makes the account where there is none yet."""
        client = self._connections.swift(args.account)
        await self._set(client, _headers(await client.account() or {}, args, client, op, set()))
        return args.account

    async def update(self, id: str, args: AccountArgs, changes: list[Difference], op: Operation) -> None:
        """One POST with what differs."""
        client = self._connections.swift(id)
        there = await client.account() or {}
        metadata = Metadata.of("Account", there)
        unwanted = {
            key for key in metadata.declarable if args.metadata is not None and key not in args.metadata
        }
        if not args.temp_url_key:
            unwanted.add(TEMP_URL_KEY)
        await self._set(client, _headers(there, args, client, op, unwanted))

    async def delete(self, id: str, args: AccountArgs, op: Operation) -> None:
        """Only what Strata has set goes."""
        client = self._connections.swift(id)
        headers = await client.account()
        metadata = Metadata.of("Account", headers or {})
        if metadata.owner == op.owner:
            await self._set(client, metadata.without_marks())
        elif metadata.owner:
            await op.warn(f"Swift account {id} is marked as {metadata.owner} by now and is left as it is.")

    async def _set(self, client: SwiftClient, headers: Headers) -> None:
        if not headers:
            return
        doing = f"setting {_named(headers)} of the account"
        try:
            await client.set_account(headers, doing)
        except Refused as error:
            raise _explained(error, client, QUOTA in _named(headers)) from error


def _headers(
    there: Headers, args: AccountArgs, client: SwiftClient, op: Operation, unwanted: set[str]
) -> Headers:
    """What has to be sent so that the account is as declared; empty when it is."""
    wanted = _wanted(args, client)
    sent = Metadata.of("Account", there).headers(op.owner, wanted, unwanted)
    if QUOTA in wanted and _quota(there) != args.quota:
        # The quota in force may be another than the one in the metadata.
        sent[f"X-Account-Meta-{QUOTA}"] = wanted[QUOTA]
    return sent


def _explained(error: Refused, client: SwiftClient, quota: bool) -> Failed:
    if error.status == 403 and quota:
        return Failed(
            f"{error} A quota may only be set by a reseller administrator (Keystone's role ResellerAdmin, the group "
            ".reseller_admin with tempauth). Give such a user in the stack file, or leave quota out."
        )
    if error.status in (404, 410):
        return Failed(
            f"{error} There is no account for the user {client.user}, and the cluster makes none by itself "
            "(account_autocreate in its proxy-server.conf). Have the cluster's operator make it."
        )
    return error


def _named(headers: Headers) -> str:
    """The keys in the headers, for a sentence; values may be secret."""
    keys = sorted(name.partition("-Meta-")[2] for name in headers)
    return ", ".join(key for key in keys if not key.startswith("Strata-")) or "the mark"


def _wanted(args: AccountArgs, client: SwiftClient) -> dict[str, str]:
    """Every declared key with its value, those of quota and temporary URLs among them."""
    wanted = dict(args.metadata or {})
    if args.quota is not None:
        wanted[QUOTA] = str(parse_size(args.quota))
    if args.temp_url_key:
        if not client.temp_url_key:
            raise Failed(
                f"Swift account {client.name} is to have the stack file's key for temporary URLs, but there is none: "
                "set tempUrlKey under strata:swift.accounts."
            )
        if not comes_back(client.temp_url_key):
            raise Failed(
                f"The tempUrlKey of Swift account {client.name} holds a percent sign before two hexadecimal digits. That is "
                "read back as another character, so the key would never match: choose another without percent signs."
            )
        wanted[TEMP_URL_KEY] = client.temp_url_key
    return wanted


def _quota(headers: Headers) -> str | None:
    """The quota in force: newer Swift keeps it beside the metadata, where it cannot be spoofed."""
    text = headers.get("x-account-quota-bytes") or headers.get("x-account-meta-quota-bytes")
    return format_size(int(text)) if text and text.isdecimal() else None


def _has_temp_url_key(metadata: Metadata, client: SwiftClient) -> bool:
    there = metadata.values.get(TEMP_URL_KEY)
    if client.temp_url_key:
        return there == client.temp_url_key
    return there is not None and bool(metadata.owner) and TEMP_URL_KEY in metadata.keys
