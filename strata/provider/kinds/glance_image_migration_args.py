"""What may be declared of a move of Glance's images, and what is read back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from strata.provider.fields import managed, output, setting
from strata.provider.kinds.glance_filesystem_store_args import (
    CONFIG_FILE,
    SECTION,
    mode_of_directory,
    plain_name,
    section_name,
)
from strata.provider.kinds.host_mount_args import absolute_path


def _paths(paths: tuple[str, ...]) -> tuple[str, ...]:
    if not paths:
        raise ValueError("found none; name at least one directory, for example /var/lib/glance/images")
    return tuple(dict.fromkeys(absolute_path(one) for one in paths))


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", text):
        raise ValueError(f"found {text!r}; it must be letters, digits, `.`, `_` and `-`, for example glance")
    return text


def _ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [one for one in ids if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", one)]
    if wrong:
        raise ValueError(f"found {wrong[0]!r}; it must be the id of an image")
    return ids


def _export(text: str) -> str:
    if not re.fullmatch(r"[^\s:]+:/\S*|\[[^\]\s]+\]:/\S*", text):
        raise ValueError(
            f"found {text!r}; it must be written SERVER:/EXPORT, for example 10.130.208.55:/images"
        )
    return text


def _workers(count: int) -> int:
    if not 1 <= count <= 64:
        raise ValueError(f"found {count}; it must be from 1 to 64")
    return count


def _proof(text: str) -> str:
    if text not in ("auto", "all") and not re.fullmatch(r"[1-9][0-9]*", text):
        raise ValueError(f"found {text!r}; allowed are 'auto', 'all' and a number of images")
    return text


def _switch(text: str) -> str:
    if text not in ("auto", "reload", "restart"):
        raise ValueError(f"found {text!r}; allowed are 'auto', 'reload' and 'restart'")
    return text


@dataclass(frozen=True)
class MigrationArgs:
    """What the user may declare."""

    sources: tuple[str, ...] = managed(
        "Directories where the images lie until now.",
        example=["/var/lib/glance/images"],
        normalize=_paths,
        unordered=True,
    )
    directory: str = managed(
        "Directory to which they go: the store's.", example="/glance/images", normalize=absolute_path
    )
    hosts: tuple[str, ...] = managed(
        "All hosts whose Glance shares the database; they stand still together.",
        example=["tkstack"],
        default=(),
        unordered=True,
    )
    keep_source: bool = managed(
        "Whether the old files stay. With false those go whose image was proven at the new place, and no others.",
        example=True,
        default=True,
    )
    complete: bool = managed(
        "Whether no image lies below a source any more and every store's setting names the directory.",
        example=True,
        default=True,
    )
    host: str = setting(
        "Host under strata:hosts that copies and keeps the journal; left out it is the first of `hosts`.",
        example="tkstack",
        default="",
    )
    name: str = setting(
        "Name of the move's journal on the host.", example="glance", default="glance", normalize=_name
    )
    mount: str | None = setting(
        "Mount point on which the directory has to lie; left out it is local.",
        example="/glance/images",
        default=None,
        normalize=absolute_path,
    )
    export: str | None = setting(
        "What has to be mounted there, as SERVER:/EXPORT.",
        example="10.130.208.55:/images",
        default=None,
        normalize=_export,
    )
    config_file: str = setting(
        "Glance's configuration.", example=CONFIG_FILE, default=CONFIG_FILE, normalize=absolute_path
    )
    section: str = setting(
        "Section of the store; with enabled_backends the store's name.",
        example=SECTION,
        default=SECTION,
        normalize=section_name,
    )
    service: str = setting(
        "systemd service that serves the images.",
        example="glance-api",
        default="glance-api",
        normalize=plain_name,
    )
    owner: str = setting(
        "Owner of directory and images.", example="glance", default="glance", normalize=plain_name
    )
    group: str = setting(
        "Group of directory and images.", example="glance", default="glance", normalize=plain_name
    )
    mode: str | None = setting(
        "Mode of the directory, octal.", example="0750", default=None, normalize=mode_of_directory
    )
    stores: dict[str, str] | None = setting(
        "Host -> name of its FilesystemStore in the stack, for the mark in the drop-in; left out `glance-HOST`.",
        example={"tkstack": "glance-tkstack"},
        default=None,
    )
    workers: int = setting("Images copied at a time.", example=8, default=8, normalize=_workers)
    proof: str = setting(
        "How many images are downloaded in whole as proof: `auto` (a twentieth of their bytes, 64 MiB at least and 20 GiB at "
        "most), `all`, or a number. Of the others Glance sends the beginning.",
        example="auto",
        default="auto",
        normalize=_proof,
    )
    switch: str = setting(
        "How Glance takes its new directory: `reload` (it reads its configuration again and is never stopped), `restart`, or "
        "`auto`: the former where the service and the number of hosts allow it.",
        example="auto",
        default="auto",
        normalize=_switch,
    )
    leave: tuple[str, ...] = setting(
        "Ids of images whose file is lost, so that they can't be moved; they stay as they are.",
        example=["6e2c1b0a-1d4f-4a8e-9f5e-2f4f1d0c7b11"],
        default=(),
        normalize=_ids,
    )
    adopt: bool = setting(
        "Take over a move or a store that another stack declared.", example=False, default=False
    )
    allow_images_left: bool = setting(
        "When the move is deleted with its store, leave the images where they are.",
        example=False,
        default=False,
    )


@dataclass(frozen=True)
class MigrationOutputs:
    """What only the host knows."""

    images: int = output("Images that were moved.", example=200)
    bytes: int = output("Their size in bytes.", example=2147483648)
    downtime_seconds: float = output("How long Glance stood still for it.", example=34.5)
    orphans: int = output("Files below the sources without an image; they stay.", example=1)
    images_without_file: int = output("Images below the sources whose file is not there.", example=0)
    database: str = output("Kind of Glance's database.", example="mysql")
    journal: str = output(
        "Folder of the move's journal on the host.",
        example="/var/lib/strata/migrations/glance/moves/0a1b2c3d4e5f",
    )
    phase: str = output("Phase that the move has reached.", example="done")
