"""A kind over an in-memory shelf: what lifecycle tests need of a system, with faults on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from strata.errors import Failed, Problem, Unreachable
from strata.provider.diff import Difference
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation


def _upper(text: str) -> str:
    if not text.isalpha():
        raise ValueError(f"found {text!r}; letters only, for example RED")
    return text.upper()


def _plain_marks(marks: dict[str, str]) -> dict[str, str]:
    return {key: _upper(value) for key, value in marks.items()}


def _plain_seals(seals: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(map(_upper, seals)))


@dataclass(frozen=True)
class Label:
    """What is written on a box."""

    text: str | None = managed("Text.", example="beans", default=None)
    colour: str | None = managed("Colour.", example="RED", default=None, normalize=_upper)
    marks: dict[str, str] | None = managed("Marks.", example={"a": "A"}, default=None, normalize=_plain_marks)
    seals: tuple[str, ...] | None = managed("Seals.", example=["A"], default=None, normalize=_plain_seals)


@dataclass(frozen=True)
class BoxArgs:
    place: str = replaces("Where it stands.", example="A1")
    size: int = managed("Litres.", example=5)
    label: Label | None = managed("Label.", example={"text": "beans"}, default=None)
    tags: tuple[str, ...] | None = managed("Tags.", example=["x"], default=None, unordered=True)
    state: Literal["open", "shut"] = managed("Lid.", example="shut", default="shut")
    adopt: bool = setting("Take over.", example=True, default=False)


@dataclass(frozen=True)
class BoxOutputs:
    weight: int = output("Grams.", example=10, default=0)


@dataclass
class Shelf:
    """The system: boxes by place, every call, and what is to go wrong next."""

    boxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fail_after_make: str | None = None
    unreachable: bool = False
    ignores: set[str] = field(default_factory=set)
    hang: asyncio.Event | None = None
    hanging: asyncio.Event = field(default_factory=asyncio.Event)


class Box(Kind[BoxArgs, BoxOutputs]):
    """A box on a shelf."""

    token = "strata:shelf:Box"
    Args = BoxArgs
    Outputs = BoxOutputs
    default_timeout = 30.0

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def check(self, args: BoxArgs) -> list[Problem]:
        return [Problem("size", f"found {args.size}; at least 1")] if args.size < 1 else []

    async def observe(self, id: str) -> Observed[BoxArgs, BoxOutputs] | None:
        if self.shelf.unreachable:
            raise Unreachable("The shelf does not answer.")
        box = self.shelf.boxes.get(id.removeprefix("place-"))
        if box is None:
            return None
        label = Label(box.get("text"), box.get("colour"))
        args = BoxArgs(box["place"], box["size"], label, tuple(box.get("tags", ())), box.get("state", "shut"))
        return Observed(box["place"], args, BoxOutputs(box.get("weight", 0)))

    async def preflight(self, args: BoxArgs, op: Operation) -> None:
        box = self.shelf.boxes.get(args.place)
        if box is not None and box.get("owner") != op.owner and not args.adopt:
            raise AlreadyThere(f"Box {args.place}", args.place)

    async def create(self, args: BoxArgs, op: Operation) -> str:
        self.shelf.calls.append(f"create {args.place}")
        self.shelf.boxes[args.place] = {"place": args.place, "size": args.size, "owner": op.owner}
        op.exists(args.place)
        op.memory["before"] = "nothing"
        if self.shelf.hang is not None:
            self.shelf.hanging.set()
            await self.shelf.hang.wait()
        if self.shelf.fail_after_make:
            raise Failed(self.shelf.fail_after_make)
        await self._apply(args)
        return args.place

    async def update(self, id: str, args: BoxArgs, changes: list[Difference], op: Operation) -> None:
        self.shelf.calls.append(f"update {id}: {', '.join(one.path for one in changes)}")
        await self._apply(args)

    async def delete(self, id: str, args: BoxArgs, op: Operation) -> None:
        self.shelf.calls.append(f"delete {id} memory={op.memory}")
        self.shelf.boxes.pop(id, None)

    async def _apply(self, args: BoxArgs) -> None:
        box = self.shelf.boxes[args.place]
        label = args.label or Label()
        wanted = {
            "size": args.size,
            "text": label.text,
            "colour": label.colour,
            "tags": args.tags,
            "state": args.state,
        }
        box.update(
            {
                key: value
                for key, value in wanted.items()
                if value is not None and key not in self.shelf.ignores
            }
        )


ARGS = BoxArgs("A1", 5, Label("beans"))


def bigger(size: int) -> BoxArgs:
    """The usual box in another size."""
    return replace(ARGS, size=size)
