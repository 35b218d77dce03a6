"""What the schema can't say about Swift's accounts: what each version of authentication needs, and names within an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from strata.stackfile.located import Path, render
from strata.stackfile.shape import Breach
from strata.stackfile.tree import SWIFT_ACCOUNTS, Entry, Tree

_KEYSTONE: Final = ("project", "userDomain", "projectDomain", "region")


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in `strata:swift` beyond the schema."""
    for account in tree.entries(SWIFT_ACCOUNTS):
        yield from _version(account)
        yield from _tls(account)
        yield from _containers(account, tree)


def version(account: Entry) -> str:
    """The version of authentication that an account uses."""
    return account.text("authVersion") or "1"


def _version(account: Entry) -> Iterator[Breach]:
    user = account.text("user")
    if version(account) == "3":
        if "project" not in account.values and "authVersion" in account.values:
            yield account.at("authVersion"), "Keystone needs a project beside it, for example project: cloud."
        return
    for key in _KEYSTONE:
        if key in account.values:
            yield account.at(key), f'{key} is Keystone\'s; add authVersion: "3", or remove it.'
    if user is not None and (user.count(":") != 1 or user.startswith(":") or user.endswith(":")):
        yield (
            account.at("user"),
            f'found "{user}"; with authVersion 1 the user is ACCOUNT:USER, for example test:tester.',
        )


def _tls(account: Entry) -> Iterator[Breach]:
    if account.values.get("verifyTls") is False and "caFile" in account.values:
        yield (
            account.at("verifyTls"),
            "false accepts any certificate, so caFile would never be used; keep one of the two.",
        )


def _containers(account: Entry, tree: Tree) -> Iterator[Breach]:
    seen: dict[str, Path] = {}
    for container in tree.entries(account.at("containers")):
        name = container.text("name") or container.name
        at = container.at("name") if "name" in container.values else container.path
        first = seen.setdefault(name, at)
        if first != at:
            yield (
                at,
                f"the account {account.name} would have the container {name} twice; the other one is {render(first)}.",
            )
