"""What must not stand in a file that others extend, whatever they put over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from strata.stackfile import allowed
from strata.stackfile.located import Path
from strata.stackfile.shape import Breach

OWN: Final = ("encryptionsalt", "secretsprovider", "encryptedkey", "environment")
"""Keys of Pulumi's that count in the stack's own file only."""


def breaches(data: Any) -> Iterator[Breach]:
    """Everything that would have no effect from there, or could not be decrypted."""
    if not isinstance(data, Mapping):
        return
    for key in OWN:
        if key in data:
            yield (key,), "Pulumi reads this in the stack's own file only; remove it here."
    config = data.get("config")
    for key in config if isinstance(config, Mapping) else ():
        if ":" in key and not key.startswith("strata:"):
            yield (
                ("config", key),
                "Pulumi reads the settings of other programs in the stack's own file only; move it there.",
            )
    yield from _encrypted(data, ())


ENCRYPTED: Final = (
    "this is encrypted with the passphrase of one stack, and no other could decrypt it: "
    "take it from outside with {env: NAME} or {file: PATH}, or keep the secret in the stack's own file."
)


def _encrypted(value: Any, path: Path) -> Iterator[Breach]:
    if isinstance(value, Mapping) and isinstance(value.get("secure"), str) and allowed.is_secret(path):
        yield path, ENCRYPTED
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _encrypted(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _encrypted(inner, (*path, i))
