"""`strata:swift` of a document without faults, as the model has it."""

from __future__ import annotations

from strata.stackfile.filling import Values, connection, fill, secret, timeouts
from strata.stackfile.model import Swift, SwiftAccount, SwiftContainer

SECTION = "strata:swift"


def swift(values: Values) -> Swift:
    """The accounts with their containers."""
    return Swift({key: _account(key, one) for key, one in values.get("accounts", {}).items()})


def _account(key: str, values: Values) -> SwiftAccount:
    at = ("accounts", key)
    return fill(
        SwiftAccount,
        values,
        key=key,
        login_key=secret(values["key"], SECTION, (*at, "key")),
        temp_url_key=secret(values["tempUrlKey"], SECTION, (*at, "tempUrlKey"))
        if "tempUrlKey" in values
        else None,
        containers={
            name: fill(SwiftContainer, {"name": name, **one}, key=name, account=key, timeouts=timeouts(one))
            for name, one in values.get("containers", {}).items()
        },
        timeouts=timeouts(values),
        **connection(values, "authUrl", "user", "project", "userDomain", "projectDomain", "region"),
    )
