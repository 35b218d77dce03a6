"""Actions on a host that have no state to read: commands over SSH, by pulumi-command.

The connection is the host's entry in the stack file. It never makes an action run again: a rotated key or a new address is
no reason to restart a server. It is recorded by an update that does nothing.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pulumi
from pulumi_command import remote

from components.options import part_of
from strata.references import resolve
from strata.stackfile import model

PRIVILEGES = 'if [ "$(id -u)" = 0 ]; then root=; else root="sudo -n"; fi'
"""First line of a command: `$root` stands before what needs root's rights; sudo never asks for a password here."""

NOTHING = "true"
"""What an update runs: whether something is to be done again is the triggers' business."""


def command(
    name: str,
    host: model.Host,
    text: str,
    triggers: Sequence[Any],
    parent: pulumi.Resource,
    *,
    after: Sequence[pulumi.Resource],
    timeouts: model.Timeouts,
) -> remote.Command:
    """Runs `text` once, and again when a trigger changes; what the command prints is not logged."""
    return remote.Command(
        name,
        connection=_connection(host),
        create=text,
        update=NOTHING,
        triggers=list(triggers),
        logging=remote.Logging.NONE,
        opts=part_of(parent, after=after, timeouts=timeouts),
    )


def quoted(*words: str) -> str:
    """Words for a shell."""
    return shlex.join(words)


def _connection(host: model.Host) -> remote.ConnectionArgs:
    def value(key: str, given: model.Given) -> str:
        return _resolved(given, f"{key} of host {host.name}")

    return remote.ConnectionArgs(
        host=value("address", host.address),
        port=float(value("port", host.port)),
        user=value("user", host.user),
        host_key=value("hostKey", host.host_key),
        private_key=_secret(host.private_key, f"privateKey of host {host.name}"),
    )


def _resolved(given: model.Given, what: str) -> str:
    found = {given.source: given.name} if isinstance(given, model.Outside) else given
    return resolve(found, what, Path.cwd())


def _secret(secret: model.Secret, what: str) -> pulumi.Output[str]:
    if isinstance(secret, model.Outside):
        return pulumi.Output.secret(f"{_resolved(secret, what)}\n")
    namespace, _, section = secret.section.partition(":")
    found: pulumi.Output[str] = (
        pulumi.Config(namespace)
        .require_secret(section)
        .apply(lambda text: _leaf(json.loads(text), secret.path))
    )
    return found


def _leaf(values: Any, path: Sequence[str]) -> str:
    for key in path:
        values = values[key]
    return str(values)
