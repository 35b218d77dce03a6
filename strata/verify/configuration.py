"""The connections of a stack file for a command outside the engine, secrets decrypted by Pulumi where there are any."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from strata.errors import Failed
from strata.provider.connections import Connections
from strata.stackfile import extends
from strata.stackfile.merging import merge

SECTIONS = ("ontap", "hosts", "swift", "cloudstack")
"""Sections of a stack file that say how systems are reached."""


def connections(file: Path, stack: str, project: Path) -> Connections:
    """Clients for the systems of a stack file; asks Pulumi, and so for the passphrase, only when a secret is encrypted."""
    layers = extends.read(file)
    sections = _sections(layers.merged or {})
    if _encrypted(sections):
        own = {"config": _decrypted(stack, project)}
        sections = _sections(merge(extends.merged(layers.bases), own))
    return Connections(
        sections["ontap"].get("clusters") or {},
        sections["hosts"],
        project,
        swift=sections["swift"].get("accounts") or {},
        cloudstack=sections["cloudstack"],
    )


def _sections(document: Mapping[str, Any]) -> dict[str, Any]:
    config = document.get("config") or {}
    return {key: config.get(f"strata:{key}") or {} for key in SECTIONS}


def _encrypted(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "secure" in value or any(map(_encrypted, value.values()))
    return isinstance(value, list) and any(map(_encrypted, value))


def _decrypted(stack: str, project: Path) -> dict[str, Any]:
    """The stack's own sections; one that is null, which takes an inherited one away, is an empty text to Pulumi."""
    command = ["pulumi", "config", "--json", "--show-secrets", "--stack", stack]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Failed(
            f"The secrets of stack {stack} could not be decrypted: {said[-1] if said else 'pulumi gave no reason'}. "
            "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE and repeat."
        )
    found = json.loads(done.stdout)
    texts = {key: found[key]["value"] for key in map("strata:{}".format, SECTIONS) if key in found}
    return {key: json.loads(text) if text else None for key, text in texts.items()}
