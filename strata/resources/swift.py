"""Resources of swift. Generated from the kinds by `python -m tools.generate`; change those instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from strata.resources.base import StrataResource


class Account(StrataResource):
    """swift:Account."""

    TOKEN = "strata:swift:Account"
    OUTPUTS = ("path",)

    account: pulumi.Output[str]
    """Name of the account under strata:swift.accounts."""
    metadata: pulumi.Output[Mapping[str, Any]]
    """Metadata of the account. Keys that others have set are left alone; a key that is taken out here is removed."""
    quota: pulumi.Output[str]
    """How much the account may hold. Only a reseller administrator may set it."""
    temp_url_key: pulumi.Output[bool]
    """Whether the account's key for temporary URLs is the tempUrlKey of the stack file."""
    path: pulumi.Output[str]
    """Where the account lies on the cluster."""

    def __init__(
        self,
        resource_name: str,
        *,
        account: pulumi.Input[str],
        metadata: pulumi.Input[Mapping[str, Any]] | None = None,
        quota: pulumi.Input[str] | None = None,
        temp_url_key: pulumi.Input[bool] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "account": account,
            "metadata": metadata,
            "quota": quota,
            "temp_url_key": temp_url_key,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class Container(StrataResource):
    """swift:Container."""

    TOKEN = "strata:swift:Container"
    OUTPUTS = ("marked",)

    account: pulumi.Output[str]
    """Name of the account under strata:swift.accounts."""
    name: pulumi.Output[str]
    """Name of the container."""
    storage_policy: pulumi.Output[str]
    """Storage policy that the objects lie in; the cluster's own default when left out."""
    read_acl: pulumi.Output[str]
    """Who may read, in Swift's spelling; empty for the account's own users only."""
    write_acl: pulumi.Output[str]
    """Who may write, in Swift's spelling; empty for the account's own users only."""
    quota: pulumi.Output[str]
    """How much the container may hold."""
    metadata: pulumi.Output[Mapping[str, Any]]
    """Metadata of the container. Keys that others have set are left alone; a key that is taken out here is removed."""
    marked: pulumi.Output[str]
    """The resource that has left its mark; empty for none."""

    def __init__(
        self,
        resource_name: str,
        *,
        account: pulumi.Input[str],
        name: pulumi.Input[str],
        storage_policy: pulumi.Input[str] | None = None,
        read_acl: pulumi.Input[str] | None = None,
        write_acl: pulumi.Input[str] | None = None,
        quota: pulumi.Input[str] | None = None,
        metadata: pulumi.Input[Mapping[str, Any]] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        deletion: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "account": account,
            "name": name,
            "storage_policy": storage_policy,
            "read_acl": read_acl,
            "write_acl": write_acl,
            "quota": quota,
            "metadata": metadata,
            "adopt": adopt,
            "deletion": deletion,
        }
        super().__init__(resource_name, inputs, opts)
