"""A global setting of CloudStack.

Identity   its name, which is the id too.
Drifts     value.
Replaces   name.
Import     `pulumi import strata:cloudstack:GlobalSetting NAME SETTING`, for example `expunge.delay`.
Deleting   puts back the value that was there before; an imported setting keeps the value that it has.
Source     CloudStack API: listConfigurations, updateConfiguration.

There is always a value; one that is neither the default nor the declared one was chosen by somebody: `adopt: true` changes it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, ClassVar

from strata.clients.cloudstack import Document
from strata.clients.cloudstack_errors import LostAnswer
from strata.errors import Failed
from strata.provider.diff import Difference
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import AlreadyThere, Observed, Operation
from strata.provider.kinds.cloudstack_object import CloudStackKind, text

SWIFT_ENABLE = "swift.enable"
_BEFORE = "before"
_TRUTH = ("true", "false")


@dataclass(frozen=True)
class GlobalSettingArgs:
    """What the user may declare."""

    name: str = replaces("Name of the setting.", example="expunge.delay")
    value: str = managed("Its value, as text.", example="300")
    adopt: bool = setting("Change a value that somebody else has chosen.", example=False, default=False)


@dataclass(frozen=True)
class GlobalSettingOutputs:
    """What only CloudStack knows."""

    needs_restart: bool = output(
        "Whether a change comes into force only when the management server is restarted.",
        example=True,
        default=True,
    )


class GlobalSetting(CloudStackKind[GlobalSettingArgs, GlobalSettingOutputs]):
    """cloudstack:GlobalSetting."""

    token: ClassVar[str] = "strata:cloudstack:GlobalSetting"
    Args: ClassVar[type] = GlobalSettingArgs
    Outputs: ClassVar[type] = GlobalSettingOutputs

    def same(self, path: str, declared: Any, actual: Any) -> bool:
        """True and TRUE are true."""
        return path == "value" and _plain(declared) == _plain(actual)

    async def observe(self, id: str) -> Observed[GlobalSettingArgs, GlobalSettingOutputs] | None:
        """Releases up to 4.1 do not say what is dynamic: there a change always needs a restart."""
        row = await self._row(id)
        if row is None:
            return None
        actual = GlobalSettingArgs(name=id, value=text(row, "value") or "")
        return Observed(id, actual, GlobalSettingOutputs(needs_restart=not row.get("isdynamic", False)))

    async def preflight(self, args: GlobalSettingArgs, op: Operation) -> None:
        """The setting exists, may have the value, and nobody has chosen another one."""
        row = await self._row(args.name)
        if row is None:
            raise await self._unknown(args.name)
        self._check_value(args, row)
        value, default = text(row, "value") or "", text(row, "defaultvalue")
        chosen = default is not None and _plain(value) not in (_plain(default), _plain(args.value))
        if chosen and not args.adopt:
            raise AlreadyThere(
                f"The value {value!r} of the global setting {args.name} (its default is {default!r})",
                args.name,
            )
        if not self.same("value", args.value, value):
            await self._warn_of_restart(args, row, op)

    async def _warn_of_restart(self, args: GlobalSettingArgs, row: Document, op: Operation) -> None:
        """Strata restarts the server for Swift only, in the releases that ask for it."""
        if row.get("isdynamic") is False:
            await op.warn(
                f"The new value of {args.name} takes effect only after a restart of CloudStack's management server, which is "
                "not restarted for it."
            )

    async def foresee(
        self, id: str, args: GlobalSettingArgs, changes: list[Difference], op: Operation
    ) -> None:
        """The new value is of the setting's type."""
        if (row := await self._row(id)) is not None:
            self._check_value(args, row)
            await self._warn_of_restart(args, row, op)

    async def create(self, args: GlobalSettingArgs, op: Operation) -> str:
        """The value that is there is remembered for the delete."""
        row = await self._row(args.name) or {}
        before = text(row, "value") or ""
        op.memory[_BEFORE] = before
        if not self.same("value", args.value, before):
            await self._put(args.name, args.value, op)
        return args.name

    async def update(
        self, id: str, args: GlobalSettingArgs, changes: list[Difference], op: Operation
    ) -> None:
        """One call."""
        await self._put(id, args.value, op)

    async def delete(self, id: str, args: GlobalSettingArgs, op: Operation) -> None:
        """A setting that the release no longer has is gone."""
        row, before = await self._row(id), op.memory.get(_BEFORE)
        if row is None or before is None or self.same("value", before, text(row, "value") or ""):
            return
        await self._put(id, str(before), op)

    async def _put(self, name: str, value: str, op: Operation) -> None:
        doing = f"setting {name} to {value!r}"
        try:
            await self.api.write("updateConfiguration", doing, op.deadline, name=name, value=value)
        except LostAnswer:
            row = await self._row(name) or {}
            if not self.same("value", value, text(row, "value") or ""):
                raise

    async def _row(self, name: str) -> Document | None:
        rows = await self.api.rows("listConfigurations", name=name)
        return next((row for row in rows if row.get("name") == name), None)

    async def _unknown(self, name: str) -> Failed:
        modern = await self.api.era() == "modern"
        if name in (SWIFT_ENABLE, "enable.swift") and modern:
            return Failed(
                f"CloudStack at {self.api.endpoint} has no setting {name}: CloudStack 4.2 and later have no such setting, "
                "image stores are added with addImageStore. Set `era: modern` in strata:cloudstack."
            )
        known = [str(row.get("name")) for row in await self.api.rows("listConfigurations")]
        close = [SWIFT_ENABLE] if name == "enable.swift" else difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean {close[0]}?" if close else " Look its name up in CloudStack's global settings."
        return Failed(f"CloudStack at {self.api.endpoint} has no global setting {name}.{hint}")

    def _check_value(self, args: GlobalSettingArgs, row: Document) -> None:
        """What the server would refuse; releases that do not tell the type are left to say it themselves."""
        kind, value = str(row.get("type", "")), args.value.strip()
        number = value.removeprefix("-").replace(".", "", 1).isdecimal()
        if (kind == "Number" and not number) or (kind == "Boolean" and value.lower() not in _TRUTH):
            allowed = "a number" if kind == "Number" else "true or false"
            raise Failed(f"The global setting {args.name} can't be {args.value!r}; it must be {allowed}.")


def _plain(value: Any) -> str:
    words = str(value)
    return words.lower() if words.lower() in _TRUTH else words
