"""What every resource class of Strata shares: the token, and the two spellings of property names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from strata.naming import wire_name


class StrataResource(pulumi.CustomResource):
    """A resource of the provider `strata`; attributes are spelt `junction_path`, the engine's properties `junctionPath`."""

    TOKEN: ClassVar[str]
    OUTPUTS: ClassVar[tuple[str, ...]] = ()
    """Attributes that only the provider knows, in Python's spelling."""

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        known = {key: value for key, value in inputs.items() if value is not None}
        asked = {key: None for key in (*inputs, *self.OUTPUTS) if key not in known}
        super().__init__(self.TOKEN, name, {**known, **asked}, opts)

    def translate_input_property(self, prop: str) -> str:
        return wire_name(prop)

    def translate_output_property(self, prop: str) -> str:
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in prop)
