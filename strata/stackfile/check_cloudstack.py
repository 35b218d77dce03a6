"""What the schema can't say about CloudStack as a whole: its Swift account, its management server, its spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from strata.stackfile.check_swift import version
from strata.stackfile.located import Path, render
from strata.stackfile.naming import dangling
from strata.stackfile.shape import Breach
from strata.stackfile.tree import (
    CLOUDSTACK,
    CREDENTIALS,
    HOSTS,
    OBJECT_STORE,
    SWIFT_ACCOUNTS,
    ZONES,
    Entry,
    Tree,
)

_SHELL: Final = re.compile(r"[A-Za-z0-9_.@%+=:,/-]+")
"""What CloudStack's secondary storage VM may hand to a shell unquoted (facts/cloudstack.md 5)."""


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in `strata:cloudstack` beyond the schema, but for the inside of the zones."""
    section = tree.entry(CLOUDSTACK)
    if section is None:
        return
    yield from _account(tree)
    yield from _first_era(section)
    yield from _management(section, tree)
    yield from _settings(section)
    yield from _credentials(tree)
    yield from _tildes(section, tree)
    if section.values.get("verifyTls") is False and "caFile" in section.values:
        yield (
            section.at("verifyTls"),
            "false accepts any certificate, so caFile would never be used; keep one of the two.",
        )


def _account(tree: Tree) -> Iterator[Breach]:
    store = tree.entry(OBJECT_STORE)
    name = store.text("account") if store else None
    if store is None or name is None:
        return
    known = tree.names(SWIFT_ACCOUNTS)
    account = tree.entry((*SWIFT_ACCOUNTS, name))
    if name not in known:
        yield store.at("account"), dangling(name, known, SWIFT_ACCOUNTS)
    elif account is not None:
        yield from _fit_for_cloudstack(account)


def _fit_for_cloudstack(account: Entry) -> Iterator[Breach]:
    """The account goes to CloudStack, whose own client is an old command line in the secondary storage VM."""
    if version(account) == "3":
        yield (
            account.at("authVersion"),
            'CloudStack speaks only authVersion "1" (tempauth); give it an account of its own.',
        )
    if "tempUrlKey" in account.values:
        yield (
            account.at("tempUrlKey"),
            "CloudStack uses this account and sets that key itself at every download; remove it.",
        )
    for key in ("authUrl", "user"):
        value = account.text(key)
        # What is wrong with its shape, the user's parts or the URL's scheme, is said elsewhere.
        if value is not None and not _SHELL.fullmatch(value):
            yield (
                account.at(key),
                "CloudStack hands this to a shell, so only letters, digits and _.@%+=:,/- may be in it.",
            )
    user = account.text("user") or ""
    if user.startswith("AUTH_"):
        yield (
            account.at("user"),
            f'found "{user}"; CloudStack itself puts AUTH_ before the account; write {user.removeprefix("AUTH_")}.',
        )


def _management(section: Entry, tree: Tree) -> Iterator[Breach]:
    management = section.inner("management")
    host, known = management.text("host"), tree.names(HOSTS)
    if host is not None and host not in known:
        yield management.at("host"), dangling(host, known, HOSTS)
    needed = "management is missing; for example management: {host: cloudstack01}."
    if section.text("era") == "legacy" and "objectStore" in section.values and not management.values:
        yield (
            section.at("era"),
            f"legacy restarts the management server between the setting and Swift, and {needed}",
        )
    for zone in tree.entries(ZONES):
        if "systemVmTemplate" in zone.values and not management.values:
            yield (
                zone.at("systemVmTemplate"),
                f"the installer script runs on the management server's host, and {needed}",
            )


def _first_era(section: Entry) -> Iterator[Breach]:
    store = section.inner("objectStore")
    for key in ("name", "readOnly", "storagePolicy"):
        if section.text("era") == "legacy" and key in store.values:
            yield store.at(key), f"Swift has no {key} up to CloudStack 4.1 (era: legacy); remove it."


def _settings(section: Entry) -> Iterator[Breach]:
    settings = section.inner("settings")
    for name in ("swift.enable", "enable.swift"):
        if name in settings.values:
            yield (
                settings.at(name),
                "this setting exists up to CloudStack 4.1, and Strata sets it where era: legacy stands; remove it here.",
            )


def _credentials(tree: Tree) -> Iterator[Breach]:
    known = tree.names(CREDENTIALS)
    for zone in tree.entries(ZONES):
        for pod in tree.entries(zone.at("pods")):
            for cluster in tree.entries(pod.at("clusters")):
                for host in tree.entries(cluster.at("hosts")):
                    name = host.text("credentials")
                    if name is not None and name not in known:
                        yield host.at("credentials"), dangling(name, known, CREDENTIALS)


def _tildes(section: Entry, tree: Tree) -> Iterator[Breach]:
    """The library that signs leaves a tilde as it is, the server doesn't, so the request would be refused as unsigned.

    Names, labels and URLs can't have one by the schema.
    """
    settings = section.inner("settings")
    values = [(settings.at(key), value) for key, value in settings.values.items()]
    values += [(login.at("username"), login.text("username")) for login in tree.entries(CREDENTIALS)]
    for path, value in values:
        if isinstance(value, str) and "~" in value:
            yield path, "a tilde can't be sent to CloudStack: its signature would be wrong."


def named_twice(entries: list[Entry], what: str, where: str) -> Iterator[Breach]:
    """Names that CloudStack can have only once there."""
    seen: dict[str, Path] = {}
    for entry in entries:
        name = entry.text("name") or entry.name
        at = entry.at("name") if "name" in entry.values else entry.path
        first = seen.setdefault(name, at)
        if first != at:
            yield at, f"{where} would have the {what} {name} twice; the other one is {render(first)}."
