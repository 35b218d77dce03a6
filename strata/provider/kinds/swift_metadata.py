"""The metadata headers of Swift's accounts and containers, and what of them is Strata's. Pure.

Two headers bear Strata's mark: `…-Meta-Strata-Owner`, the resource it belongs to, and `…-Meta-Strata-Keys`, what it has set.
Keys outside that list belong to somebody else (CloudStack sets a temporary URL key, for instance): they are neither compared nor
removed. An object without the mark shows all its keys, so that an import finds them.

Source: Swift's API reference, "Create, update, or delete account metadata"; the limits are Swift's own defaults.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from strata.units import format_size, parse_size

OWNER, KEYS = "Strata-Owner", "Strata-Keys"
QUOTA, TEMP_URL_KEY = "Quota-Bytes", "Temp-Url-Key"
RESERVED: Final = (QUOTA, "Quota-Count", TEMP_URL_KEY, "Temp-Url-Key-2")
"""Keys with a meaning of their own; they have properties, or are another's."""
LONGEST_KEY, LONGEST_VALUE = 128, 256
_KEY = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


def canonical_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Keys as Swift shows them (`Cost-Center`), values as they travel; raises ValueError with what is allowed."""
    found: dict[str, str] = {}
    for key, value in metadata.items():
        if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
            raise ValueError(
                f"found the key {key!r}; a key is letters, digits and single dashes, at most {LONGEST_KEY}, "
                "for example Cost-Center"
            )
        name = key.title()
        if name in RESERVED or name.startswith("Strata-"):
            raise ValueError(f"found the key {key!r}, which has a meaning of its own; choose another")
        if name in found:
            raise ValueError(f"found {name} twice: Swift does not tell upper and lower case apart")
        if not value.strip() or value != value.strip() or not value.isprintable():
            raise ValueError(
                f"found {value!r} for {key}; a value is printable text on one line without blanks around it"
            )
        if not comes_back(value):
            raise ValueError(
                f"found {value!r} for {key}, which is read back as {unquote(value)!r}; leave out percent escapes, "
                "for example 50% and not 50%25"
            )
        if len(value.encode()) > LONGEST_VALUE:
            raise ValueError(
                f"found {len(value.encode())} bytes for {key}; Swift keeps at most {LONGEST_VALUE}"
            )
        found[name] = value
    if len(",".join([*found, QUOTA, TEMP_URL_KEY])) > LONGEST_VALUE:
        raise ValueError(
            f"found {len(found)} keys whose names are too long together; at most {LONGEST_VALUE} bytes in all"
        )
    return found


def comes_back(value: str) -> bool:
    """Whether a header's value is read as it was sent: python-swiftclient resolves percent escapes in what it reads."""
    try:
        return unquote(value, errors="strict") == value
    except UnicodeDecodeError:
        return True  # then swiftclient leaves it as it is


def canonical_quota(text: str) -> str:
    """A size in its one spelling, to the byte."""
    return format_size(parse_size(text))


@dataclass(frozen=True)
class Metadata:
    """The metadata of one object as its headers say; `sort` is `Account` or `Container`.

    owner  who left the mark; "" for nobody
    keys   what that one has set
    values every key without the mark's own: key as Swift shows it -> value
    """

    sort: str
    owner: str
    keys: frozenset[str]
    values: Mapping[str, str]

    @classmethod
    def of(cls, sort: str, headers: Mapping[str, str]) -> Metadata:
        """From headers whose names are in lower case."""
        prefix = f"x-{sort.lower()}-meta-"
        found = {
            name.removeprefix(prefix).title(): value
            for name, value in headers.items()
            if name.startswith(prefix) and value
        }
        owner, keys = found.pop(OWNER, ""), found.pop(KEYS, "")
        return cls(sort, owner, frozenset(filter(None, keys.split(","))), found)

    @property
    def declarable(self) -> dict[str, str]:
        """The metadata as if somebody had declared it."""
        mine = self.keys if self.owner else self.values.keys()
        return {key: value for key, value in self.values.items() if key in mine and key not in RESERVED}

    def conflicts(self, wanted: Mapping[str, str]) -> list[str]:
        """Keys that are there with another value than the wanted one."""
        return sorted(key for key, value in wanted.items() if self.values.get(key, value) != value)

    def headers(self, owner: str, wanted: Mapping[str, str], unwanted: Iterable[str] = ()) -> dict[str, str]:
        """The headers, and no others, that bring the object to `wanted`, without `unwanted`, marked as the owner's."""
        mine = self.keys if self.owner == owner else frozenset[str]()
        gone = (mine & set(unwanted)) - set(wanted)
        keys = ",".join(sorted((mine - gone) | set(wanted)))
        marks = {OWNER: owner, KEYS: keys}
        had = {OWNER: self.owner, KEYS: ",".join(sorted(self.keys))}
        changed = {key: value for key, value in wanted.items() if self.values.get(key) != value}
        changed |= {key: value for key, value in marks.items() if value and value != had[key]}
        removed = {key for key in gone if key in self.values}
        if not keys and had[KEYS]:
            removed.add(KEYS)
        sent = {f"X-{self.sort}-Meta-{key}": value for key, value in changed.items()}
        return sent | {f"X-Remove-{self.sort}-Meta-{key}": "x" for key in sorted(removed)}

    def without_marks(self) -> dict[str, str]:
        """The headers that take away everything that the mark's owner has set, and the mark."""
        return {f"X-Remove-{self.sort}-Meta-{key}": "x" for key in (*sorted(self.keys), OWNER, KEYS)}
