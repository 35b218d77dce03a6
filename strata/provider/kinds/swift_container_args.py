"""What may be declared of a container, and what is read back."""

from __future__ import annotations

from dataclasses import dataclass

from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kinds.swift_metadata import canonical_metadata, canonical_quota, comes_back

LONGEST_NAME = 256


def container_name(text: str) -> str:
    """A container's name: anything but a slash; raises ValueError."""
    if not text or "/" in text or text in (".", "..") or not text.isprintable():
        raise ValueError(f"found {text!r}; it must be printable text without a slash, for example backups")
    if len(text.encode()) > LONGEST_NAME:
        raise ValueError(f"found {len(text.encode())} bytes; Swift takes at most {LONGEST_NAME}")
    return text


def canonical_acl(text: str) -> str:
    """Access rules as Swift keeps them (its own `clean_acl`); raises ValueError for what it would refuse."""
    return ",".join(_rule(rule) for one in text.split(",") if (rule := one.strip()))


def _rule(rule: str) -> str:
    if not rule.isprintable() or not comes_back(rule):
        raise ValueError(
            f"found {rule!r}; a rule is printable text on one line without percent escapes such as %25"
        )
    first, colon, host = (part.strip() for part in rule.partition(":"))
    if colon and first in (".r", ".ref", ".referer", ".referrer"):
        return f".r:{_host(host, rule)}"
    if first.startswith(".") and rule != ".rlistings":
        raise ValueError(
            f"found {rule!r}; rules that begin with a dot are .r:HOST, .r:-HOST and .rlistings, for example "
            ".r:*,.rlistings"
        )
    return rule


def _host(text: str, rule: str) -> str:
    """`*.example.com` is kept as `.example.com`, which is the same."""
    denied, host = text.startswith("-"), text.removeprefix("-").strip()
    while host != "*" and host.startswith("*"):
        host = host[1:].strip()
    if host in ("", "."):
        raise ValueError(f"found {rule!r}, which names no host; write .r:* for all, or .r:.example.com")
    return f"-{host}" if denied else host


def _deletion(text: str) -> str:
    if text not in ("refuse", "objects"):
        raise ValueError(f"found {text!r}; allowed are 'refuse', 'objects'")
    return text


@dataclass(frozen=True)
class ContainerArgs:
    """What the user may declare."""

    account: str = replaces("Name of the account under strata:swift.accounts.", example="cloudstack")
    name: str = replaces("Name of the container.", example="backups", normalize=container_name)
    storage_policy: str | None = replaces(
        "Storage policy that the objects lie in; the cluster's own default when left out.",
        example="gold",
        default=None,
    )
    read_acl: str | None = managed(
        "Who may read, in Swift's spelling; empty for the account's own users only.",
        example=".r:*,.rlistings",
        default=None,
        normalize=canonical_acl,
    )
    write_acl: str | None = managed(
        "Who may write, in Swift's spelling; empty for the account's own users only.",
        example="backup:writer",
        default=None,
        normalize=canonical_acl,
    )
    quota: str | None = managed(
        "How much the container may hold.", example="500GiB", default=None, normalize=canonical_quota
    )
    metadata: dict[str, str] | None = managed(
        "Metadata of the container. Keys that others have set are left alone; a key that is taken out here is removed.",
        example={"Owner": "cloud-team"},
        default=None,
        normalize=canonical_metadata,
    )
    adopt: bool = setting(
        "Take over a container of that name that is there already.", example=False, default=False
    )
    deletion: str = setting(
        "What becomes of the objects when the container is deleted: refuse keeps both, objects removes both.",
        example="objects",
        default="refuse",
        normalize=_deletion,
    )


@dataclass(frozen=True)
class ContainerOutputs:
    """What only Swift knows."""

    marked: str = output("The resource that has left its mark; empty for none.", example="strata:lab/backups")
