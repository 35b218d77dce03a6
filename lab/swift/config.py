"""Swift's configuration files: one proxy, one server of each kind, one device, two storage policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

POLICIES = ("Policy-0", "gold")
"""By index; the first is the default one."""

SWEEP_SECONDS = 5
"""How often an account's totals are brought up to date. Swift's own 300 s would show a stale account for a whole demo."""


@dataclass(frozen=True)
class Ports:
    """Where each server listens on the loopback. They stand in the rings, so a change means new rings."""

    proxy: int
    account: int
    container: int
    object: int
    memcached: int

    @property
    def rings(self) -> dict[str, int]:
        """Ring name to the port of its server; a policy other than the first has an object ring of its own."""
        rest = {f"object-{index}": self.object for index in range(1, len(POLICIES))}
        return {"account": self.account, "container": self.container, "object": self.object, **rest}

    def all(self) -> list[int]:
        """Every port."""
        return list(asdict(self).values())


@dataclass(frozen=True)
class User:
    """A user of tempauth, `account:name`; `groups` are `.admin` (of its account) and `.reseller_admin` (of all)."""

    name: str
    key: str
    groups: str = ".admin"


class Auth(Protocol):
    """What tells the proxy who asks."""

    @property
    def pipeline(self) -> str: ...

    def sections(self) -> str: ...


@dataclass(frozen=True)
class TempAuth:
    """Swift's own small authentication, version 1, as the seed's all-in-one has it."""

    users: Sequence[User]
    pipeline: str = "s3api tempauth"

    def sections(self) -> str:
        """The filter with its users."""
        users = "".join(
            f"user_{each.name.replace(':', '_')} = {each.key} {each.groups}\n" for each in self.users
        )
        return f"[filter:tempauth]\nuse = egg:swift#tempauth\nreseller_prefix = AUTH\n{users}"


def render(directory: Path, ports: Ports, auth: Auth, owner: str) -> dict[str, str]:
    """File name to text, all for the folder `directory/etc`; `owner` is the user that the servers run as."""
    return {
        "swift.conf": _swift(),
        "proxy.conf": _proxy(directory, ports, auth, owner),
        "account.conf": _storage(directory, "account", ports.account, owner),
        "container.conf": _storage(directory, "container", ports.container, owner)
        + f"\n[container-updater]\ninterval = {SWEEP_SECONDS}\naccount_suppression_time = 0\nconn_timeout = 5\n",
        "object.conf": _storage(directory, "object", ports.object, owner)
        + f"\n[object-updater]\ninterval = {SWEEP_SECONDS}\nconn_timeout = 5\n",
    }


def _swift() -> str:
    policies = "".join(
        f"\n[storage-policy:{index}]\nname = {name}\n{'default = yes' if index == 0 else ''}\n"
        for index, name in enumerate(POLICIES)
    )
    # Where an object lies follows from these two: they stay the same as long as there is data.
    return f"[swift-hash]\nswift_hash_path_prefix = strata\nswift_hash_path_suffix = lab\n{policies}"


def _server(directory: Path, port: int, owner: str) -> str:
    # With an address that isn't there, Swift leaves the machine's own system log alone; `-v` writes to the lab's file.
    return f"""\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {owner}
swift_dir = {directory / "etc"}
workers = 0
log_address = {directory / "no-syslog"}
"""


def _storage(directory: Path, kind: str, port: int, owner: str) -> str:
    return f"""\
{_server(directory, port, owner)}\
devices = {directory / "devices"}
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
container_update_timeout = 10

[pipeline:main]
pipeline = {kind}-server

[app:{kind}-server]
use = egg:swift#{kind}
log_requests = false
conn_timeout = 5
"""


def _proxy(directory: Path, ports: Ports, auth: Auth, owner: str) -> str:
    """The order is that of Swift's own sample: what answers without an account first, quotas behind authentication.

    The timeouts are long and a failing server is tried again at once: there is only one of each, on a busy machine.
    CloudStack signs its download URLs with SHA-1, which today's Swift no longer takes by itself. The s3api is for a
    state of Pulumi that is kept in Swift.
    """
    return f"""\
{_server(directory, ports.proxy, owner)}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk tempurl {auth.pipeline} \
copy container-quotas account-quotas slo dlo versioned_writes symlink proxy-logging proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 5
node_timeout = 60
recoverable_node_timeout = 60
error_suppression_interval = 1

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{ports.memcached}
connect_timeout = 5
io_timeout = 10
error_suppression_interval = 1

[filter:tempurl]
use = egg:swift#tempurl
allowed_digests = sha1 sha256 sha512

[filter:s3api]
use = egg:swift#s3api
location = us-east-1

[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true

{_plain_filters()}
{auth.sections()}"""


def _plain_filters() -> str:
    eggs = {
        "catch_errors": "catch_errors",
        "gatekeeper": "gatekeeper",
        "healthcheck": "healthcheck",
        "proxy-logging": "proxy_logging",
        "listing_formats": "listing_formats",
        "bulk": "bulk",
        "copy": "copy",
        "container-quotas": "container_quotas",
        "account-quotas": "account_quotas",
        "slo": "slo",
        "dlo": "dlo",
        "symlink": "symlink",
    }
    return "\n".join(f"[filter:{name}]\nuse = egg:swift#{egg}\n" for name, egg in eggs.items())
