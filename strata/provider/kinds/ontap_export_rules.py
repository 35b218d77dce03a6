"""One export rule: how it is declared, and how it travels. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, fields
from typing import Any, Final

from strata.provider.fields import managed
from strata.provider.kinds.ontap_volume_args import one_of

_FLAVOURS: Final = one_of("any", "none", "never", "sys", "krb5", "krb5i", "krb5p", "ntlm")
_PROTOCOLS: Final = one_of("any", "nfs", "nfs3", "nfs4", "cifs", "flexcache", "s3")
_HOST: Final = re.compile(r"(@[A-Za-z0-9._-]+|\.?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*)")


def client(text: str) -> str:
    """A client as ONTAP takes it, networks in prefix form: address, network, host, .domain or @netgroup."""
    text = text.strip()
    if re.fullmatch(r"[0-9.]+(/[0-9.]+)?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(/\d+)?", text):
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise ValueError(
                f"found {text!r}: {error}; write a network without host bits, as in 10.1.2.0/24"
            ) from error
        return str(network) if "/" in text else str(network.network_address)
    if not _HOST.fullmatch(text):
        raise ValueError(
            f"found {text!r}; a client is an address, a network, a host name, .domain or @netgroup"
        )
    return text


def _clients(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("it is empty; name at least one client, or 0.0.0.0/0 for all")
    return tuple(sorted({client(value) for value in values}))


def _flavours(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("it is empty; [none] or [never] keep clients out")
    return tuple(sorted({_FLAVOURS(value) for value in values}))


def _protocols(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("it is empty; [nfs] or [any] are usual")
    return tuple(sorted({_PROTOCOLS(value) for value in values}))


@dataclass(frozen=True)
class ExportRule:
    """Who may mount, and how. The first rule of a policy that fits a client decides."""

    clients: tuple[str, ...] = managed(
        "Addresses, networks, host names, .domains or @netgroups.",
        example=["10.130.208.0/24"],
        normalize=_clients,
        unordered=True,
    )
    protocols: tuple[str, ...] = managed(
        "any, nfs, nfs3, nfs4, cifs, flexcache or s3.",
        example=["nfs"],
        default=("nfs",),
        normalize=_protocols,
        unordered=True,
    )
    read_only: tuple[str, ...] = managed(
        "Security flavours that may read: any, none, never, sys, krb5, krb5i, krb5p or ntlm.",
        example=["sys"],
        default=("sys",),
        normalize=_flavours,
        unordered=True,
    )
    read_write: tuple[str, ...] = managed(
        "Security flavours that may write.",
        example=["sys"],
        default=("sys",),
        normalize=_flavours,
        unordered=True,
    )
    superuser: tuple[str, ...] = managed(
        "Security flavours whose root stays root. ONTAP's own default, any, is not Strata's.",
        example=["sys"],
        default=("none",),
        normalize=_flavours,
        unordered=True,
    )
    anonymous_user: str | None = managed("User that unknown users become.", example="65534", default=None)
    allow_suid: bool | None = managed("Whether set-user-id bits hold.", example=True, default=None)
    allow_device_creation: bool | None = managed("Whether devices may be made.", example=True, default=None)


_WIRE: Final = {
    "clients": "clients",
    "protocols": "protocols",
    "read_only": "ro_rule",
    "read_write": "rw_rule",
    "superuser": "superuser",
    "anonymous_user": "anonymous_user",
    "allow_suid": "allow_suid",
    "allow_device_creation": "allow_device_creation",
}
RULE_FIELDS: Final = ("index", *_WIRE.values())


def rule_body(rule: ExportRule, differing_from: ExportRule | None = None) -> dict[str, Any]:
    """ONTAP's document of a rule, or of only what differs from another."""
    body: dict[str, Any] = {}
    for name, wire in _WIRE.items():
        value = getattr(rule, name)
        if value is None or (differing_from is not None and _equal(value, getattr(differing_from, name))):
            continue
        if name == "clients":
            body[wire] = [{"match": one} for one in value]
        else:
            body[wire] = list(value) if isinstance(value, tuple) else value
    return body


def rule_from(record: dict[str, Any]) -> ExportRule:
    """A rule as ONTAP shows it."""
    return ExportRule(
        clients=tuple(sorted(_shown(str(one["match"])) for one in record.get("clients") or [])),
        protocols=tuple(sorted(record.get("protocols") or ())),
        read_only=tuple(sorted(record.get("ro_rule") or ())),
        read_write=tuple(sorted(record.get("rw_rule") or ())),
        superuser=tuple(sorted(record.get("superuser") or ())),
        anonymous_user=record.get("anonymous_user"),
        allow_suid=record.get("allow_suid"),
        allow_device_creation=record.get("allow_device_creation"),
    )


def fits(declared: ExportRule, actual: ExportRule) -> bool:
    """Whether a rule is as declared; what is not declared may be anything."""
    pairs = ((getattr(declared, one.name), getattr(actual, one.name)) for one in fields(ExportRule))
    return all(value is None or _equal(value, other) for value, other in pairs)


def _equal(one: Any, other: Any) -> bool:
    return (
        set(one) == set(other) if isinstance(one, tuple) and isinstance(other, tuple) else bool(one == other)
    )


def _shown(match: str) -> str:
    try:
        return client(match)
    except ValueError:
        return match
