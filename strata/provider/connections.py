"""The systems that kinds talk to: one client per ONTAP cluster and host, made when it is first asked for.

They are provider configuration, the connection parts of the sections `strata:ontap`, `strata:hosts`, `strata:swift` and
`strata:cloudstack` of the stack file. References
(`{env: …}`, `{file: …}`) are resolved here, at use, so that no value from outside reaches the plan or the state.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata.deadline import Clock
from strata.errors import Failed
from strata.references import resolve

if TYPE_CHECKING:
    from strata.clients.cloudstack import CloudStackClient
    from strata.clients.host import HostClient
    from strata.clients.ontap import OntapClient
    from strata.clients.swift import SwiftClient

SWIFT_CONNECTION = (
    "authUrl",
    "authVersion",
    "user",
    "key",
    "project",
    "userDomain",
    "projectDomain",
    "region",
    "tempUrlKey",
    "caFile",
    "verifyTls",
)
"""Keys of a Swift account in the stack file that say how to reach it."""
CLOUDSTACK_CONNECTION = ("endpoint", "apiKey", "secretKey", "hypervisorCredentials", "caFile", "verifyTls")
"""Keys of `strata:cloudstack` that say how to reach its API."""


class Connections:
    """Clients by the names of the stack file.

    root: the project folder, to which `{file: PATH}` is relative.
    """

    def __init__(
        self,
        clusters: Mapping[str, Mapping[str, Any]],
        hosts: Mapping[str, Mapping[str, Any]],
        root: Path,
        environ: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
        swift: Mapping[str, Mapping[str, Any]] | None = None,
        cloudstack: Mapping[str, Any] | None = None,
    ) -> None:
        self._clusters = clusters
        self._hosts = hosts
        self._root = root
        self._environ = environ
        self._clock = clock or Clock()
        self._ontap_clients: dict[str, OntapClient] = {}
        self._host_clients: dict[str, HostClient] = {}
        self._swift = swift or {}
        self._cloudstack = cloudstack or {}
        self._swift_clients: dict[str, SwiftClient] = {}
        self._cloudstack_client: CloudStackClient | None = None

    def ontap(self, cluster: str) -> OntapClient:
        """The client of an ONTAP cluster; raises Failed for a name that the stack file does not know."""
        if cluster not in self._ontap_clients:
            from strata.clients.ontap import OntapClient

            at, what = (
                _named(self._clusters, cluster, "ONTAP cluster", "strata:ontap.clusters"),
                f"ONTAP cluster {cluster}",
            )
            self._ontap_clients[cluster] = OntapClient(
                name=cluster,
                hostname=self._text(at, "hostname", what),
                port=self._port(at, what, 443),
                username=self._text(at, "username", what),
                password=self._text(at, "password", what),
                ca_file=self._ca_file(at, what),
                verify=at.get("verifyTls", True) is not False,
                clock=self._clock,
            )
        return self._ontap_clients[cluster]

    def host(self, name: str) -> HostClient:
        """The client of a host; raises Failed for a name that the stack file does not know."""
        if name not in self._host_clients:
            from strata.clients.host import HostClient

            at, what = _named(self._hosts, name, "host", "strata:hosts"), f"host {name}"
            self._host_clients[name] = HostClient(
                name=name,
                address=self._text(at, "address", what),
                port=self._port(at, what, 22),
                user=self._text(at, "user", what, default="root"),
                private_key=self._text(at, "privateKey", what),
                host_key=self._text(at, "hostKey", what),
                clock=self._clock,
            )
        return self._host_clients[name]

    def swift(self, account: str) -> SwiftClient:
        """The client of a Swift account; raises Failed for a name that the stack file does not know."""
        if account not in self._swift_clients:
            from strata.clients.swift import SwiftClient

            at = _named(self._swift, account, "Swift account", "strata:swift.accounts")
            what = f"Swift account {account}"
            version = self._text(at, "authVersion", what, "1")
            self._swift_clients[account] = SwiftClient(
                name=account,
                auth_url=self._text(at, "authUrl", what),
                auth_version=version,
                user=self._text(at, "user", what),
                key=self._text(at, "key", what),
                project=self._optional(at, "project", what),
                user_domain=self._text(at, "userDomain", what, "Default"),
                project_domain=self._text(at, "projectDomain", what, "Default"),
                region=self._optional(at, "region", what),
                temp_url_key=self._optional(at, "tempUrlKey", what),
                ca_file=self._ca_file(at, what),
                verify=at.get("verifyTls", True) is not False,
                clock=self._clock,
            )
        return self._swift_clients[account]

    @property
    def swift_accounts(self) -> list[str]:
        """The names under strata:swift.accounts."""
        return list(self._swift)

    def cloudstack(self) -> CloudStackClient:
        """The client of the CloudStack that `strata:cloudstack` names."""
        if self._cloudstack_client is None:
            from strata.clients.cloudstack import CloudStackClient

            at, what = self._cloudstack, "strata:cloudstack"
            self._cloudstack_client = CloudStackClient(
                endpoint=self._text(at, "endpoint", what),
                api_key=self._text(at, "apiKey", what),
                secret_key=self._text(at, "secretKey", what),
                ca_file=self._ca_file(at, what),
                verify=at.get("verifyTls", True) is not False,
                clock=self._clock,
            )
        return self._cloudstack_client

    def hypervisor_credentials(self, name: str) -> tuple[str, str]:
        """(user name, password) with which CloudStack logs in on hypervisor hosts; raises Failed for a name that is not known."""
        known = self._cloudstack.get("hypervisorCredentials") or {}
        section = "strata:cloudstack.hypervisorCredentials"
        at = _named(known, name, "hypervisor credentials", section)
        what = f"{section}.{name}"
        return self._text(at, "username", what), self._text(at, "password", what)

    def _ca_file(self, at: Mapping[str, Any], what: str) -> str | None:
        if not at.get("caFile"):
            return None
        path = self._root / self._text(at, "caFile", what)
        if not os.access(path, os.R_OK):
            trouble = "can't be read by this user" if os.access(path, os.F_OK) else "is not there"
            raise Failed(
                f"No connection was tried, because the caFile {path} of {what} {trouble}. "
                "Correct caFile in the stack file."
            )
        return str(path)

    def _optional(self, at: Mapping[str, Any], key: str, what: str) -> str | None:
        return None if at.get(key) is None else self._text(at, key, what)

    def _text(self, at: Mapping[str, Any], key: str, what: str, default: str | None = None) -> str:
        if at.get(key) is None:
            if default is not None:
                return default
            raise Failed(f"The {key} of {what} is missing in the stack file.")
        return resolve(at[key], f"{key} of {what}", self._root, self._environ)

    def _port(self, at: Mapping[str, Any], what: str, default: int) -> int:
        text = self._text(at, "port", what, str(default))
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise Failed(f"The port of {what} is {text!r}; it must be a number from 1 to 65535.")
        return int(text)


def _named(known: Mapping[str, Mapping[str, Any]], name: str, sort: str, section: str) -> Mapping[str, Any]:
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 1)
    hint = f" Did you mean {close[0]}?" if close else f" Known are: {', '.join(sorted(known)) or 'none'}."
    raise Failed(f"There is no {sort} named {name!r} in {section} of the stack file.{hint}")
