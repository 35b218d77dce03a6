"""The provider behind the SDK's interface: unwrap, hand to the kind's lifecycle, wrap.

Configuration is the connection part of the stack file, handed over by the engine as JSON text; of what stands in the sections
only CONNECTION_PARTS is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from strata.deadline import Clock
from strata.errors import Failed, InvalidInput
from strata.provider import codec, inheritance
from strata.provider.connections import CLOUDSTACK_CONNECTION, SWIFT_CONNECTION, Connections
from strata.provider.diff import Difference
from strata.provider.fields import Role
from strata.provider.kind import Kind
from strata.provider.lifecycle import Lifecycle, Progress, Resource
from strata.provider.schema import schema_text

CONNECTION_PARTS: Mapping[str, tuple[str, ...]] = {
    "ontap": ("clusters",),
    "hosts": ("*",),
    "swift": tuple(f"accounts.*.{key}" for key in SWIFT_CONNECTION),
    "cloudstack": CLOUDSTACK_CONNECTION,
}
"""Of each configuration section the parts that say how to reach a system; `*` stands for any key."""


class StrataProvider(sdk.Provider):
    """Serves `kinds` over connections that `configure` brings.

    root: the project folder; paths in the configuration are relative to it.
    """

    def __init__(self, kinds: Iterable[type[Kind[Any, Any]]], root: Path, clock: Clock | None = None) -> None:
        self._kinds = {kind.token: kind for kind in kinds}
        self._root = root
        self._clock = clock or Clock()
        self._lifecycles: dict[str, Lifecycle] = {}
        self._replacing: dict[str, str] = {}
        """Ids of the objects that the last diff wants replaced, by URN: the create that follows does not say so."""
        self.progress: Progress | None = None
        """Where lines about long work go; the server sets it."""
        self.warn: Progress | None = None
        """Where warnings go; the server sets it."""
        self.note: Progress | None = None
        """Where lines go that stay and are no warnings; the server sets it."""

    async def get_schema(self, request: sdk.GetSchemaRequest) -> sdk.GetSchemaResponse:
        return sdk.GetSchemaResponse(schema_text(self._kinds.values()))

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        """Keeps of the configuration what says how to reach systems, so that a resized volume does not change the provider.

        What comes from files that the stack file extends is kept with it: a destroy has the state and no configuration.
        """
        inputs = inheritance.inherited(request.new_inputs, CONNECTION_PARTS, self._root, request.urn)
        kept = {key: value for key, value in inputs.items() if key not in CONNECTION_PARTS}
        for key, parts in CONNECTION_PARTS.items():
            if (given := inputs.get(key)) is not None:
                kept[key] = _connections_only(given, parts)
        return sdk.CheckResponse(inputs=kept)

    async def diff_config(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        """A new password or address changes no resource and never replaces the provider."""
        return sdk.DiffResponse(changes=False)

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        sections = {key: codec.section(request.args.get(key)) for key in CONNECTION_PARTS}
        connections = Connections(
            sections["ontap"].get("clusters", {}),
            sections["hosts"],
            self._root,
            clock=self._clock,
            swift=sections["swift"].get("accounts", {}),
            cloudstack=sections["cloudstack"],
        )
        self._lifecycles = {
            token: Lifecycle(kind(connections), self._clock, self.progress, self.warn, self.note)  # type: ignore[call-arg]
            for token, kind in self._kinds.items()
        }
        return sdk.ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_outputs=False, accept_resources=True
        )

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        try:
            inputs = self._lifecycle(request.urn).check(codec.to_plain_map(request.new_inputs))
        except InvalidInput as error:
            failures = [sdk.CheckFailure(problem.path, problem.reason) for problem in error.problems]
            return sdk.CheckResponse(inputs=request.new_inputs, failures=failures)
        return sdk.CheckResponse(inputs=codec.from_plain_map(inputs))

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        lifecycle = self._lifecycle(request.urn)
        declared, actual = codec.to_plain_map(request.new_inputs), codec.to_plain_map(request.old_state)
        found = lifecycle.diff(declared, actual, request.ignore_changes)
        if any(one.role is Role.REPLACES for one in found):
            self._replacing[request.urn] = request.resource_id
        return sdk.DiffResponse(
            changes=bool(found),
            replaces=sorted({one.property for one in found if one.role is Role.REPLACES}),
            delete_before_replace=lifecycle.kind.delete_before_replace,
            diffs=sorted({one.property for one in found}),
            detailed_diff={one.path: sdk.PropertyDiff(_diff_kind(one), input_diff=False) for one in found},
        )

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        lifecycle = self._lifecycle(request.urn)
        recorded, old = codec.to_plain_map(request.inputs), codec.to_plain_map(request.properties)
        found = await lifecycle.read(request.resource_id, recorded, old)
        if found is None:
            return sdk.ReadResponse("", {}, {})
        id, properties, inputs = found
        return sdk.ReadResponse(id, codec.from_plain_map(properties), codec.from_plain_map(inputs))

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        lifecycle, resource = self._lifecycle(request.urn), Resource(request.urn)
        inputs = codec.to_plain_map(request.properties)
        if request.preview:
            replacing = self._replacing.get(request.urn)
            properties = await lifecycle.preview_create(resource, inputs, request.timeout, replacing)
            return sdk.CreateResponse("", codec.from_plain_map(properties))
        id, properties = await lifecycle.create(resource, inputs, request.timeout)
        return sdk.CreateResponse(id, codec.from_plain_map(properties))

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        lifecycle, resource = self._lifecycle(request.urn), Resource(request.urn)
        inputs, old = codec.to_plain_map(request.news), codec.to_plain_map(request.olds)
        if request.preview:
            properties = await lifecycle.preview_update(
                resource, request.resource_id, inputs, old, request.timeout
            )
            return sdk.UpdateResponse(codec.from_plain_map(properties))
        properties = await lifecycle.update(resource, request.resource_id, inputs, old, request.timeout)
        return sdk.UpdateResponse(codec.from_plain_map(properties))

    async def delete(self, request: sdk.DeleteRequest) -> None:
        resource, old = Resource(request.urn), codec.to_plain_map(request.properties)
        await self._lifecycle(request.urn).delete(resource, request.resource_id, old, request.timeout)

    def _lifecycle(self, urn: str) -> Lifecycle:
        token = Resource(urn).token
        if token not in self._lifecycles:
            raise Failed(f"The strata provider has no kind {token}; it has {', '.join(sorted(self._kinds))}.")
        return self._lifecycles[token]


def _diff_kind(one: Difference) -> sdk.PropertyDiffKind:
    replace = one.role is Role.REPLACES
    if one.actual is None:
        return sdk.PropertyDiffKind.ADD_REPLACE if replace else sdk.PropertyDiffKind.ADD
    if one.declared is None:
        return sdk.PropertyDiffKind.DELETE_REPLACE if replace else sdk.PropertyDiffKind.DELETE
    return sdk.PropertyDiffKind.UPDATE_REPLACE if replace else sdk.PropertyDiffKind.UPDATE


def _connections_only(given: PropertyValue, parts: tuple[str, ...]) -> PropertyValue:
    if codec.to_plain(given) is codec.UNKNOWN:
        return given
    section = _picked(codec.section(given), [part.split(".") for part in parts])
    return PropertyValue(json.dumps(section, sort_keys=True), is_secret=given.contains_secret())


def _picked(section: Mapping[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    """What of the section lies on one of the paths; below a path's end all of it."""
    kept = {}
    for key, value in section.items():
        below = [path[1:] for path in paths if path[0] in ("*", key)]
        if any(not rest for rest in below):
            kept[key] = value
        elif below and isinstance(value, Mapping):
            kept[key] = _picked(value, below)
    return kept
