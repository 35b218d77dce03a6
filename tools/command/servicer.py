"""The engine's verbs over gRPC, on top of the SDK's server and with the failures of Strata's own provider."""

# ruff: noqa: N802 - the names of gRPC methods are the engine's

from __future__ import annotations

import json
from functools import partial
from typing import Any

from google.protobuf import empty_pb2
from pulumi.provider.experimental.provider import Provider
from pulumi.runtime.proto import provider_pb2

from strata.errors import InvalidInput, Problem
from strata.provider.server import StrataServicer
from tools.command import VERSION, actions, difference, flow, wire
from tools.command.properties import INPUTS, RUN, checked
from tools.command.remote_connection import Says
from tools.command.schema import schema


class CommandServicer(StrataServicer):
    """Values stay as they travel (wire.py), so the verbs that carry some are answered here and not by the SDK."""

    def __init__(self, engine_address: str) -> None:
        super().__init__(Provider(), engine_address)  # type: ignore[arg-type]  # none of its verbs is reached
        self._version = VERSION

    async def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema()))

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Check(self, request: Any, context: Any) -> Any:
        return await self._answer(self._check, request, context)

    async def Diff(self, request: Any, context: Any) -> Any:
        return await self._answer(self._diff, request, context)

    async def Create(self, request: Any, context: Any) -> Any:
        return await self._answer(self._create, request, context)

    async def Update(self, request: Any, context: Any) -> Any:
        return await self._answer(self._update, request, context)

    async def Delete(self, request: Any, context: Any) -> Any:
        return await self._answer(self._delete, request, context)

    async def Read(self, request: Any, context: Any) -> Any:
        """There is nothing to be read of a command: what is recorded stays."""
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    async def Invoke(self, request: Any, context: Any) -> Any:
        return await self._answer(self._invoke, request, context)

    async def _check(self, request: Any, context: Any) -> Any:
        token, _ = _resource(request.urn)
        inputs, refusals = checked(token, wire.to_plain(request.news))
        failures = [
            provider_pb2.CheckFailure(property=each.property, reason=each.reason) for each in refusals
        ]
        return provider_pb2.CheckResponse(inputs=wire.to_struct(inputs), failures=failures)

    async def _diff(self, request: Any, context: Any) -> Any:
        token, _ = _resource(request.urn)
        old, new = wire.to_plain(request.olds), wire.to_plain(request.news)
        found = difference.between(token, old, new, request.ignoreChanges)
        kinds = provider_pb2.PropertyDiff.Kind
        changed = provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE
        detailed = {path: provider_pb2.PropertyDiff(kind=kinds.Value(kind)) for path, kind in found.items()}
        replaces = [path for path, kind in found.items() if kind.endswith("REPLACE")]
        return provider_pb2.DiffResponse(
            changes=changed, replaces=replaces, detailedDiff=detailed, hasDetailedDiff=True
        )

    async def _create(self, request: Any, context: Any) -> Any:
        token, name = _resource(request.urn)
        inputs = wire.to_plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=wire.to_struct(flow.foreseen_create(token, inputs)))
        state = await actions.create(token, name, inputs, self._says(request.urn))
        return provider_pb2.CreateResponse(id=actions.new_id(token, name), properties=wire.to_struct(state))

    async def _update(self, request: Any, context: Any) -> Any:
        token, name = _resource(request.urn)
        old = wire.to_plain(request.olds)
        inputs = dict(difference.with_ignored(old, wire.to_plain(request.news), request.ignoreChanges))
        if request.preview:
            state = flow.foreseen_update(token, old, inputs)
        else:
            state = await actions.update(token, name, old, inputs, self._says(request.urn))
        return provider_pb2.UpdateResponse(properties=wire.to_struct(state))

    async def _delete(self, request: Any, context: Any) -> Any:
        token, name = _resource(request.urn)
        await actions.delete(token, name, wire.to_plain(request.properties), self._says(request.urn))
        return empty_pb2.Empty()

    async def _invoke(self, request: Any, context: Any) -> Any:
        if request.tok != RUN:
            raise _no_such(request.tok)
        inputs, refusals = checked(RUN, wire.to_plain(request.args))
        if refusals:
            failures = [provider_pb2.CheckFailure(property=e.property, reason=e.reason) for e in refusals]
            return provider_pb2.InvokeResponse(failures=failures)
        found = await actions.run(inputs, self._says(""))
        return provider_pb2.InvokeResponse(**{"return": wire.to_struct(found)})

    def _says(self, urn: str) -> Says:
        return Says(partial(self._progress, urn), partial(self._warn, urn))


def _resource(urn: str) -> tuple[str, str]:
    """Token and name."""
    types, name = urn.split("::", 3)[2:]
    token = types.rsplit("$", 1)[-1]
    if token not in INPUTS or token == RUN:
        raise _no_such(token)
    return token, name


def _no_such(token: str) -> InvalidInput:
    known = ", ".join(sorted(INPUTS))
    reason = f"this stand-in for the plugin of pulumi-command does not know it; it knows {known}. Install the official plugin."
    return InvalidInput([Problem(token, reason)])
