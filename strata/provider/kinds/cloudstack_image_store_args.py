"""What may be declared of the cloud-wide object store, and what is read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from strata.provider.fields import managed, output, setting


@dataclass(frozen=True)
class ImageStoreArgs:
    """What the user may declare."""

    account: str = managed(
        "Name of the Swift account under strata:swift.accounts. What is read back is the account whose authUrl the store has.",
        example="cloudstack",
    )
    name: str | None = managed(
        "Name of the store; without one it is its URL.", example="swift01", default=None
    )
    read_only: bool | None = managed(
        "Whether nothing new is written to the store.", example=False, default=None
    )
    storage_policy: str | None = managed(
        "Swift storage policy of the containers that CloudStack makes; given once, with the add. It can't be read back.",
        example="gold",
        default=None,
    )
    allow_existing_zones: bool = setting(
        "Add the store although there are zones already.", example=False, default=False
    )
    seeds_template: bool = setting(
        "Whether the system VM template is put on the zones' staging stores (systemVmTemplate).",
        example=True,
        default=False,
    )
    era: Literal["", "modern", "legacy"] = setting(
        "What the release is declared to be: modern (4.2 and later) or legacy (3.0 to 4.1). Empty asks the server only.",
        example="modern",
        default="",
    )
    after_restart: str = setting(
        "Any text that follows a restart of the management server: wait until its API answers again.",
        example="restarted",
        default="",
    )
    adopt: bool = setting(
        "Take over a Swift store of the same URL that is there under another name.",
        example=False,
        default=False,
    )


@dataclass(frozen=True)
class ImageStoreOutputs:
    """What only CloudStack knows."""

    url: str = output(
        "The auth URL that CloudStack uses.", example="http://swift01:8080/auth/v1.0", default=""
    )
    era: str = output("modern or legacy.", example="modern", default="modern")
    scope: str = output("REGION: for the whole cloud.", example="REGION", default="REGION")
