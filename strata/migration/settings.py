"""What glance-api.conf says of the database and of the stores. Values that hold passwords stay in this process.

Source: oslo.config: files in the order given, then the folder's *.conf in the order of their names; the later value counts.
"""

from __future__ import annotations

import configparser
import os
import string
from collections.abc import Sequence
from dataclasses import dataclass, field

from strata.migration.failure import Stopped, words


@dataclass(frozen=True)
class Settings:
    """connection: password included. stores: store id -> directory ('' where none is set); '' is the store without id.

    delayed: deleted images keep their files until Glance's scrubber comes.
    """

    connection: str = field(repr=False)
    encrypted: bool
    stores: dict[str, str]
    delayed: bool = False


def files_of(config: str, folders: Sequence[str]) -> list[str]:
    """The file and every *.conf of the folders; without folders those that Glance looks into by itself."""
    found = [config]
    for folder in folders or [f"{config}.d"]:
        if os.path.isdir(folder):
            found += [
                os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".conf")
            ]
    return found


def parse(texts: Sequence[str], where: str) -> Settings:
    """Raises Stopped where no database is named."""
    parser = configparser.RawConfigParser(
        strict=False, allow_no_value=True, inline_comment_prefixes=None, default_section="no such"
    )
    try:
        for text in texts:
            parser.read_string("[DEFAULT]\n" + text)
    except configparser.Error as error:
        raise Stopped(
            f"{where} can't be read as a configuration ({type(error).__name__}). Correct it and repeat."
        ) from None

    def option(section: str, name: str) -> str:
        return _filled(parser, section, (parser.get(section, name, fallback=None) or "").strip().strip("\"'"))

    connection = option("database", "connection")
    if not connection:
        raise Stopped(
            f"{where} has no [database] connection, so the images' locations can't be found. Name the file that Glance uses."
        )
    stores: dict[str, str] = {}
    for pair in filter(None, (one.strip() for one in option("DEFAULT", "enabled_backends").split(","))):
        id, _, kind = pair.partition(":")
        if kind.strip() == "file":
            stores[id.strip()] = option(id.strip(), "filesystem_store_datadir")
    if not option("DEFAULT", "enabled_backends"):
        stores[""] = option("glance_store", "filesystem_store_datadir")
    delayed = option("DEFAULT", "delayed_delete").lower() in ("true", "yes", "on", "1")
    return Settings(connection, bool(option("DEFAULT", "metadata_encryption_key")), stores, delayed)


class _Template(string.Template):
    """`$name`, `${name}` and `$section.name`; `$$` is one dollar."""

    idpattern = r"[_a-z][\._a-z0-9]*"


def _filled(parser: configparser.RawConfigParser, section: str, value: str, depth: int = 8) -> str:
    """The value with the options that it refers to, as oslo.config fills them in; what the files do not set stays as it is."""
    if "$" not in value or depth == 0:
        return value
    names: dict[str, str] = {}
    for found in _Template.pattern.finditer(value):
        name = found["named"] or found["braced"] or ""
        group, dot, option = name.rpartition(".")
        for place in [group] if dot else [section, "DEFAULT"]:
            said = parser.get(place, option, fallback=None)
            if said is not None:
                names[name] = _filled(parser, place, said.strip(), depth - 1)
                break
    return _Template(value.replace(r"\$", "$$")).safe_substitute(names)


def read(config: str, folders: Sequence[str] = ()) -> Settings:
    """The settings as the files say them now."""
    texts = []
    for path in files_of(config, folders):
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                texts.append(file.read())
        except OSError as error:
            raise Stopped(f"Glance's configuration {path} can't be read: {words(error)}.") from error
    return parse(texts, config)
