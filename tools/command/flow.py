"""Which outputs are unknown in a preview: those that the command would print.

A state holds the inputs as they were given, secrets as secrets, and the outputs beside them. What a command prints is
not secret by itself: `additionalSecretOutputs` is the way to make it so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.command import wire
from tools.command.properties import INPUTS, OUTPUTS


def foreseen_create(token: str, inputs: Mapping[str, Any]) -> wire.Properties:
    """The state in the preview of a create."""
    return {**inputs, **dict.fromkeys(OUTPUTS[token], wire.UNKNOWN)}


def foreseen_update(token: str, old: Mapping[str, Any], inputs: Mapping[str, Any]) -> wire.Properties:
    """The state in the preview of an update: an output is unknown once an input that had a value has another one."""
    changed = any(
        wire.has_unknown(inputs.get(name)) or (name in old and not wire.same(old[name], inputs.get(name)))
        for name in INPUTS[token]
    )
    outputs = {name: wire.UNKNOWN if changed else old[name] for name in outputs_of(token, old)}
    return {**inputs, **outputs}


def outputs_of(token: str, state: Mapping[str, Any]) -> wire.Properties:
    """What a state holds beside its inputs."""
    return {name: value for name, value in state.items() if name not in INPUTS[token]}
