"""What a cutover is to set beside the images: service, setting, drop-in, owner and mode. A JSON document without a secret."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final, TextIO

from strata.migration.failure import Stopped, words

SWITCHES: Final = ("auto", "reload", "restart")


@dataclass(frozen=True)
class Setting:
    """`option` of `section` in `file` becomes `value`; or it is given back as the memory has it (hostfiles.ini.restore)."""

    file: str
    section: str
    option: str
    value: str | None = None
    memory: dict[str, Any] | None = None


@dataclass(frozen=True)
class Guard:
    """The drop-in; a text of None removes it."""

    path: str
    text: str | None


@dataclass(frozen=True)
class Api:
    """Where the service answers when it has started, and how long that may take."""

    address: str
    port: int
    seconds: float = 300


@dataclass(frozen=True)
class Spec:
    """owner, group, mode: None leaves what is there, and files like their sources. wait: for the file `go`, before the stop.

    restart: also where nothing is left to do. switch: `reload` (Glance reads its configuration again and is never stopped),
    `restart`, or `auto`: the former where the running service can.
    """

    service: str
    setting: Setting
    guard: Guard | None
    api: Api
    owner: str | None = None
    group: str | None = None
    mode: str | None = None
    wait: bool = False
    restart: bool = False
    switch: str = "restart"

    def document(self) -> dict[str, Any]:
        return asdict(self)


def parse(document: Any) -> Spec:
    """Raises Stopped where something is missing or of the wrong kind."""
    try:
        setting, guard, api = Setting(**document["setting"]), document.get("guard"), document["api"]
        if (setting.value is None) == (setting.memory is None):
            raise ValueError("setting needs either value or memory")
        spec = Spec(
            service=document["service"],
            setting=setting,
            guard=Guard(guard["path"], guard["text"]) if guard else None,
            api=Api(str(api["address"]), int(api["port"]), float(api.get("seconds", Api.seconds))),
            **{name: document.get(name) for name in ("owner", "group", "mode")},
            wait=bool(document.get("wait", False)),
            restart=bool(document.get("restart", False)),
            switch=str(document.get("switch", Spec.switch)),
        )
        if spec.switch not in SWITCHES:
            raise ValueError(f"switch {spec.switch}")
        if spec.mode is not None:
            int(spec.mode, 8)
        return spec
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Stopped(
            f"The cutover's specification can't be understood ({type(error).__name__}: {error}). Nothing was changed."
        ) from error


def read(path: str, input: TextIO) -> Spec:
    """From a file, or with `-` from the input."""
    try:
        if path == "-":
            return parse(json.load(input))
        with open(path, encoding="utf-8") as file:
            return parse(json.load(file))
    except OSError as error:
        raise Stopped(
            f"The cutover's specification {path} can't be read: {words(error)}. Nothing was changed."
        ) from error
    except ValueError as error:
        raise Stopped(
            f"The cutover's specification is no JSON document ({error}). Nothing was changed."
        ) from error
