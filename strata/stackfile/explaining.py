"""What a value of a stack is, where it comes from and what it goes over. Secrets are only ever said by where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from strata.errors import NotFound
from strata.stackfile import allowed
from strata.stackfile.extends import Layer, Layers
from strata.stackfile.located import Path, render
from strata.stackfile.naming import did_you_mean

State = Literal["declared", "default", "taken away", "left out"]
OPENLY: Final = {"openly": True}
ENCRYPTED: Final = {"encrypted": True}


@dataclass(frozen=True)
class Standing:
    """A value in one file.

    value       plain; of a secret `{env: …}`, `{file: …}`, `{encrypted: true}`, or `{openly: true}` where that is wrong
    takes_away  there it is null, or something that the path can't lie in
    """

    file: str
    line: int
    column: int
    value: Any
    takes_away: bool = False

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Explained:
    """One value.

    here   where it comes from, or what took it away; None for a default and for what is left out
    over   what would count without `here`, the nearest first
    words  the schema's, for what no file says
    """

    path: str
    state: State
    value: Any
    secret: bool
    here: Standing | None
    over: tuple[Standing, ...] = ()
    words: str = ""


def explain(layers: Layers, path: Path) -> list[Explained]:
    """The value at a path; of an object everything in it, defaults too. Raises NotFound for a path that nothing can have."""
    return list(_explained(layers, layers.merged, path))


def _explained(layers: Layers, data: Any, path: Path) -> Iterator[Explained]:
    found, value = _at(data, path)
    if not found:
        yield _missing(layers, data, path)
    elif isinstance(value, Mapping) and value and not _single(value, path):
        removed = [key for key in _keys(layers, path) if key not in value]
        defaults = [key for key in allowed.keys(path) if key not in value and key not in removed]
        for key in value:
            yield from _explained(layers, data, (*path, key))
        for key in removed:
            yield _missing(layers, data, (*path, key))
        for key in defaults:
            if "default" in (allowed.entry((*path, key)) or {}):
                yield _missing(layers, data, (*path, key))
    else:
        here, *over = _standings(layers, path)
        yield Explained(
            render(path[1:]), "declared", _shown(value, path), allowed.is_secret(path), here, tuple(over)
        )


def _missing(layers: Layers, data: Any, path: Path) -> Explained:
    """What no file says, or a nearer one took away."""
    for i in range(1, len(path) + 1):
        _refuse_unknown(layers, data, path[:i])
    entry = allowed.entry(path) or {}
    standings = list(_standings(layers, path))
    taken = bool(standings) and standings[0].takes_away
    default = "default" in entry and _at(data, path[:-1])[0]
    return Explained(
        path=render(path[1:]),
        state="taken away" if taken else "default" if default else "left out",
        value=entry["default"] if default else None,
        secret=False,
        here=standings[0] if taken else None,
        over=tuple(standings[1:]) if taken else (),
        words=str(entry.get("description", "")),
    )


def _refuse_unknown(layers: Layers, data: Any, path: Path) -> None:
    """A step that is in no file and that the schema doesn't name is a typing error, and no value that was left out."""
    *above, step = path
    around = tuple(above)
    if _at(data, path)[0] or step in allowed.keys(around) or step in _keys(layers, around):
        return
    within = _at(data, around)[1]
    known = {*allowed.keys(around), *(map(str, within) if isinstance(within, Mapping) else ())}
    where = render(around[1:]) or "the stack file"
    raise NotFound(f"There is no {render((step,))} in {where}.{did_you_mean(str(step), known)}")


def _keys(layers: Layers, path: Path) -> list[str]:
    """The keys of an object in any file."""
    found = [_at(layer.document.data, path)[1] for layer in layers.all]
    return list(dict.fromkeys(key for one in found if isinstance(one, Mapping) for key in one))


def _standings(layers: Layers, path: Path) -> Iterator[Standing]:
    """The value in each file that has one, the nearest first; with a list goes all that it holds."""
    whole = path
    for i, step in enumerate(path):
        if isinstance(step, int):
            whole = path[:i]
            break
    nearest = True
    for layer in layers.all:
        at = path if nearest else whole
        found, value = _at(layer.document.data, at)
        if found:
            yield _standing(layer, at, value)
            nearest = False
        elif (blocking := _blocking(layer, at)) is not None:
            yield _standing(layer, blocking, None)


def _standing(layer: Layer, path: Path, value: Any) -> Standing:
    place = layer.document.place(path)
    return Standing(layer.shown, place.line, place.column, _shown(value, path), value is None)


def _blocking(layer: Layer, path: Path) -> Path | None:
    """What stands in a file where an object would have to be for the path to lie in it."""
    for i in range(1, len(path)):
        found, value = _at(layer.document.data, path[:i])
        if not found:
            return None
        if not isinstance(value, Mapping | list):
            return path[:i]
    return None


def _at(data: Any, path: Path) -> tuple[bool, Any]:
    for step in path:
        held = range(len(data)) if isinstance(data, list) else data if isinstance(data, Mapping) else ()
        if step not in held:
            return False, None
        data = data[step]
    return True, data


def _single(value: Mapping[str, Any], path: Path) -> bool:
    return allowed.takes_reference(path) or isinstance(value.get("secure"), str)


def _shown(value: Any, path: Path) -> Any:
    """The value without anything secret; within a list or an object as well."""
    if isinstance(value, Mapping):
        if "secure" in value:
            return ENCRYPTED
        return {key: _shown(inner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shown(inner, (*path, i)) for i, inner in enumerate(value)]
    if path[-1:] == ("secure",):
        return ENCRYPTED
    return OPENLY if value is not None and allowed.is_secret(path) else value
