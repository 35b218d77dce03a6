"""The typed resource classes of one system, as Python text."""

from __future__ import annotations

import dataclasses
import textwrap
import types
import typing
from typing import Any, Literal, Union

from strata.provider.codec import hints
from strata.provider.fields import Role, row
from strata.provider.kind import Kind

HEADER = '''"""Resources of {system}. Generated from the kinds by `python -m tools.generate`; change those instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from strata.resources.base import StrataResource
'''


def module_text(system: str, kinds: list[type[Kind[Any, Any]]]) -> str:
    """The module `strata/resources/<system>.py`, before formatting."""
    text = HEADER.format(system=system) + "".join(f"\n\n{_class_text(kind)}" for kind in kinds)
    used = {name for name in ("Mapping", "Sequence") if f"{name}[" in text}
    wanted = f"from collections.abc import {', '.join(sorted(used))}\n" if used else ""
    text = text.replace("from collections.abc import Mapping, Sequence\n", wanted)
    return (
        text
        if "Any" in text.replace("from typing import Any\n", "")
        else text.replace("from typing import Any\n\n", "")
    )


def _class_text(kind: type[Kind[Any, Any]]) -> str:
    name = kind.token.rsplit(":", 1)[1]
    args, outputs = dataclasses.fields(kind.Args), dataclasses.fields(kind.Outputs)
    observed = [field for field in args if row(field).role is not Role.SETTING]
    attributes = "\n".join(
        f'{field.name}: pulumi.Output[{_type(hints(cls)[field.name])}]\n"""{_sentence(row(field).doc)}"""'
        for cls, fields in ((kind.Args, observed), (kind.Outputs, outputs))
        for field in fields
    )
    ordered = sorted(args, key=lambda field: field.default is not dataclasses.MISSING)
    parameters = ",\n".join(_parameter(kind.Args, field) for field in ordered)
    inputs = ",\n".join(f'"{field.name}": {field.name}' for field in args)
    outs = "".join(f'"{field.name}", ' for field in outputs)
    first_line = (kind.__doc__ or name).strip().splitlines()[0]
    return (
        f'class {name}(StrataResource):\n    """{first_line}"""\n\n    TOKEN = "{kind.token}"\n    OUTPUTS = ({outs})\n\n'
        + textwrap.indent(attributes, "    ")
        + "\n\n    def __init__(\n        self,\n        resource_name: str,\n        *,\n"
        + textwrap.indent(parameters, "        ")
        + ",\n        opts: pulumi.ResourceOptions | None = None,\n    ) -> None:\n        inputs = {\n"
        + textwrap.indent(inputs, "            ")
        + ",\n        }\n        super().__init__(resource_name, inputs, opts)\n"
    )


def _parameter(cls: type, field: dataclasses.Field[Any]) -> str:
    hint = _type(hints(cls)[field.name])
    if field.default is dataclasses.MISSING:
        return f"{field.name}: pulumi.Input[{hint}]"
    return f"{field.name}: pulumi.Input[{hint}] | None = None"


def _type(hint: Any) -> str:
    """The Python type that a program writes; nested objects are mappings with the stack file's spelling."""
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _type(next(arm for arm in arms if arm is not type(None)))
    if origin is tuple:
        return f"Sequence[{_type(arms[0])}]"
    if origin is Literal:
        return type(arms[0]).__name__
    if origin is dict or dataclasses.is_dataclass(hint):
        return "Mapping[str, Any]"
    return str(hint.__name__)


def _sentence(doc: str) -> str:
    return textwrap.fill(
        doc.replace("\\", "\\\\").replace('"""', "'''").rstrip(), 110, break_long_words=False
    )
