"""What may be declared of a Glance store, and what is read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kinds.host_mount_args import absolute_path

CONFIG_FILE: Final = "/etc/glance/glance-api.conf"
SECTION: Final = "glance_store"


def mode_of_directory(text: str) -> str:
    """Canonical form of a mode: four octal digits."""
    if not re.fullmatch(r"0?[0-7]{3}|[0-7]{4}", text):
        raise ValueError(
            f"found {text!r}; it must be three or four octal digits in quotes, for example '0750'"
        )
    return text.zfill(4)


def plain_name(text: str) -> str:
    """The name of a user, a group or a service."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@:-]*\$?", text):
        raise ValueError(f"found {text!r}; it must be a plain name, for example glance")
    return text


def section_name(text: str) -> str:
    """The name of a section, without its brackets."""
    if not re.fullmatch(r"[^\[\]#\s]+", text):
        raise ValueError(
            f"found {text!r}; it must be the name of a section without brackets, for example glance_store"
        )
    return text


@dataclass(frozen=True)
class StoreArgs:
    """What the user may declare."""

    host: str = replaces("Name of the host under strata:hosts.", example="tkstack")
    directory: str = managed(
        "Where Glance keeps its images.", example="/glance/images", normalize=absolute_path
    )
    config_file: str = replaces(
        "Glance's configuration.", example=CONFIG_FILE, default=CONFIG_FILE, normalize=absolute_path
    )
    section: str = replaces(
        "Section of the store; with enabled_backends the store's name.",
        example=SECTION,
        default=SECTION,
        normalize=section_name,
    )
    service: str = managed(
        "systemd service that serves the images.",
        example="glance-api",
        default="glance-api",
        normalize=plain_name,
    )
    owner: str = managed("Owner of the directory.", example="glance", default="glance", normalize=plain_name)
    group: str = managed("Group of the directory.", example="glance", default="glance", normalize=plain_name)
    mode: str | None = managed(
        "Mode of the directory, octal; left out it is not managed.",
        example="0750",
        default=None,
        normalize=mode_of_directory,
    )
    mount: str | None = managed(
        "Mount point without which the service must not run.",
        example="/glance/images",
        default=None,
        normalize=absolute_path,
    )
    running: bool = managed("Whether the service runs.", example=True, default=True)
    guard: bool = managed(
        "Whether the systemd drop-in that ties the service to the mount is in force.",
        example=True,
        default=True,
    )
    in_effect: bool = managed(
        "Whether the running service was started with this directory.", example=True, default=True
    )
    adopt: bool = setting("Take over a store that another stack declared.", example=False, default=False)
    allow_images_left: bool = setting(
        "Delete the store although Glance still knows images in it, which then cannot be downloaded.",
        example=False,
        default=False,
    )
    moved_by: str | None = setting(
        "Id of the move of images into this store: its delete takes them back before the setting is given back.",
        example="tkstack",
        default=None,
    )


@dataclass(frozen=True)
class StoreOutputs:
    """What only the host knows."""

    drop_in: str = output(
        "Path of the drop-in.", example="/etc/systemd/system/glance-api.service.d/50-strata-store.conf"
    )
    mount_present: bool = output(
        "Whether the mount is there now; without it the directory cannot be judged.", example=True
    )
