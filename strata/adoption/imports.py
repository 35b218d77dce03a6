"""Pulumi's bulk import file: `pulumi import --file FILE`.

Components are imported with their parts, each part below its own: without them the next preview would still have the
components to record. A part keeps the name that the program gives it; a component's name in the file only has to be
unlike all others, its own stands in `logicalName`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from strata.adoption.draft import Component, Import
from strata.errors import Failed

COMPONENTS = "strata:components:"
Resources = list[dict[str, Any]]


def document(imports: Iterable[Import]) -> dict[str, Any]:
    """The file's content."""
    resources: list[dict[str, Any]] = []
    known: set[tuple[Component, ...]] = set()
    for one in imports:
        for depth in range(1, len(one.parents) + 1):
            chain = one.parents[:depth]
            if chain not in known:
                known.add(chain)
                resources.append(_component(chain))
        parent = {"parent": _label(one.parents)} if one.parents else {}
        resources.append({"type": one.token, "name": one.name, "id": one.id, **parent})
    return {"resources": resources}


def read(file: Path) -> Resources:
    """What an earlier look put into the file; nothing where there is none. Raises Failed for a file that is something else."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["resources"]
        if any(not {"type", "name"} <= one.keys() for one in found):
            raise ValueError("no name")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Failed(f"The import file {file} can't be read: {error.strerror}.") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Failed(
            f"{file} is there already and is no import file; it was left as it is. Give --import-file another name."
        ) from error
    return list(found)


def together(earlier: Resources, new: Resources) -> Resources:
    """Both, each resource once and as the new look found it; a part stays behind its component."""
    return list({(one["type"], one["name"]): one for one in [*earlier, *new]}.values())


def number(resources: Resources) -> int:
    """How many there are without the components."""
    return sum("id" in one for one in resources)


def _component(chain: tuple[Component, ...]) -> dict[str, Any]:
    type, name = chain[-1]
    parent = {"parent": _label(chain[:-1])} if chain[:-1] else {}
    own = {"type": f"{COMPONENTS}{type}", "name": _label(chain), "logicalName": name}
    return {**own, "component": True, **parent}


def _label(chain: tuple[Component, ...]) -> str:
    return "/".join(f"{type}:{name}" for type, name in chain)
