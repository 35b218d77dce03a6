"""`strata:swift` with its defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from strata.stackfile.values import Given, Secret, Timeouts


@dataclass(frozen=True)
class SwiftContainer:
    """A container of an account; `key` is its name in the stack file, `name` the one in Swift."""

    key: str
    account: str
    name: str
    storage_policy: str | None = None
    read_acl: str | None = None
    write_acl: str | None = None
    quota: str | None = None
    metadata: Mapping[str, str] | None = None
    adopt: bool = False
    deletion: str = "refuse"
    protect: bool = True
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class SwiftAccount:
    """How an account is reached, and what it has to look like; `key` is also what the resources call it.

    login_key     what belongs to the user: `key` in the stack file
    temp_url_key  None where Strata leaves it alone
    """

    key: str
    auth_url: Given
    user: Given
    login_key: Secret
    auth_version: str = "1"
    project: Given | None = None
    user_domain: Given | None = None
    project_domain: Given | None = None
    region: Given | None = None
    ca_file: str | None = None
    verify_tls: bool = True
    quota: str | None = None
    metadata: Mapping[str, str] | None = None
    temp_url_key: Secret | None = None
    containers: Mapping[str, SwiftContainer] = field(default_factory=dict)
    adopt: bool = False
    protect: bool = True
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class Swift:
    """`strata:swift`."""

    accounts: Mapping[str, SwiftAccount] = field(default_factory=dict)
