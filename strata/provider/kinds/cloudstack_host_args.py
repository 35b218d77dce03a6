"""What may be declared of a hypervisor host, and what is read back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kinds.cloudstack_cluster import hypervisor_name


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.username or parts.password or "@" in parts.netloc:
        raise ValueError(
            "found a user or a password in it; name them under hypervisorCredentials and give `credentials`"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            f"found {text!r}; it is written as CloudStack's addHost takes it, for example http://10.130.208.61"
        )
    return text.rstrip("/")


def tags_alone(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tags without blanks around them; a comma would make two of one."""
    for tag in tags:
        if not tag.strip() or "," in tag:
            raise ValueError(f"found {tag!r}; each tag stands by itself, without commas")
    return tuple(tag.strip() for tag in tags)


@dataclass(frozen=True)
class HostArgs:
    """What the user may declare."""

    zone: str = replaces("Id of the zone.", example="6d8c9b5e-4f11-4c55-9f7e-0e9d6f8c1a20")
    pod: str = replaces("Id of the pod.", example="3f5b6f5e-51a7-4a5f-9c6b-2a4f64a0e0b7")
    cluster: str = replaces("Id of the cluster.", example="b8a7ef6c-9f80-4b52-8f0a-6f0e8d2f7f43")
    url: str = replaces("The host's address as a URL.", example="http://10.130.208.61", normalize=_url)
    hypervisor: str = replaces("Hypervisor of the host.", example="KVM", normalize=hypervisor_name)
    credentials: str = setting(
        "Name under strata:cloudstack.hypervisorCredentials: how CloudStack logs in. Used once, at the add.",
        example="kvm",
        default="",
    )
    tags: tuple[str, ...] | None = managed(
        "Tags by which offerings choose hosts.",
        example=["ssd"],
        default=None,
        normalize=tags_alone,
        unordered=True,
    )
    adopt: bool = setting("Take over a host of that address that is there.", example=False, default=False)


@dataclass(frozen=True)
class HostOutputs:
    """What only CloudStack knows."""

    name: str = output("The host's own name.", example="kvm1", default="")
    address: str = output("Its address in the pod.", example="10.130.208.61", default="")
