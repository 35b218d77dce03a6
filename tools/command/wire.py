"""Values as they travel: plain JSON with the engine's marks for secrets, unknowns and assets.

The SDK's PropertyValue would lose the hash of an asset, by which a copied file is compared, so the marks are kept as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

UNKNOWN: Final = rpc.UNKNOWN
"""What the engine sends in a preview for a value that it does not know yet."""

MARK: Final = rpc._special_sig_key
SECRET: Final = rpc._special_secret_sig
ASSET: Final = rpc._special_asset_sig
ARCHIVE: Final = rpc._special_archive_sig

Properties = dict[str, Any]


def to_plain(struct: struct_pb2.Struct) -> Properties:
    """A message's properties, nulls left out; every number is a float."""
    found: Properties = json_format.MessageToDict(struct)
    return {key: value for key, value in found.items() if value is not None}


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The other way."""
    return json_format.ParseDict(dict(properties), struct_pb2.Struct())


def is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(MARK) == SECRET


def secret(value: Any) -> Any:
    """The value with the mark, once."""
    return value if is_secret(value) else {MARK: SECRET, "value": value}


def reveal(value: Any) -> Any:
    """The value without the marks of secrets, at any depth."""
    if is_secret(value):
        return reveal(value["value"])
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether anything in it is not known yet."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return bool(value == UNKNOWN)


def is_asset(value: Any) -> bool:
    """An asset or an archive."""
    return isinstance(value, Mapping) and value.get(MARK) in (ASSET, ARCHIVE)


def same(old: Any, new: Any) -> bool:
    """Equal, secret or not; assets by their hash, as the engine compares them."""
    old, new = reveal(old), reveal(new)
    if is_asset(old) and is_asset(new):
        hashes = old.get("hash"), new.get("hash")
        return bool(old[MARK] == new[MARK] and (hashes[0] == hashes[1] if all(hashes) else old == new))
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new)


def file_asset(path: Path) -> Properties:
    """An asset for a file, with its hash."""
    return {MARK: ASSET, "path": str(path), "hash": hashlib.sha256(path.read_bytes()).hexdigest()}


def asset_archive(assets: Mapping[str, Any]) -> Properties:
    """An archive that is made of assets; the engine hashes it where it needs to."""
    return {MARK: ARCHIVE, "assets": dict(assets)}
