"""What reaches the engine over gRPC: codes, details, progress and the end of the process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from strata.provider import codec
from strata.provider.provider import StrataProvider
from strata.provider.server import StrataServicer
from tests.unit.provider.shelf import Box, Shelf

URN = "urn:pulumi:dev::strata::strata:shelf:Box::beans"
SHELF = Shelf()


class ShelfBox(Box):
    """The provider hands connections to its kinds; this one takes the test's shelf instead."""

    def __init__(self, connections: object) -> None:
        super().__init__(SHELF)


class Engine(engine_pb2_grpc.EngineServicer):  # type: ignore[misc]
    """The engine's side: collects what is logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    async def Log(self, request: Any, context: Any) -> Any:
        from google.protobuf import empty_pb2

        self.lines.append((request.urn, request.message))
        return empty_pb2.Empty()


@pytest.fixture
async def engine() -> AsyncIterator[tuple[Engine, str]]:
    server, engine = grpc.aio.server(), Engine()
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield engine, f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
async def stub(engine: tuple[Engine, str]) -> AsyncIterator[Any]:
    SHELF.__init__()  # type: ignore[misc]
    server = grpc.aio.server()
    servicer = StrataServicer(StrataProvider([ShelfBox], Path()), engine[1])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        await stub.Configure(provider_pb2.ConfigureRequest())
        yield stub
    await server.stop(None)


def struct(**values: Any) -> Any:
    return PropertyValue.marshal_map(codec.from_plain_map(values))


async def create(stub: Any, **values: Any) -> Any:
    checked = await stub.Check(provider_pb2.CheckRequest(urn=URN, news=struct(**values)))
    assert not checked.failures, checked.failures
    return await stub.Create(provider_pb2.CreateRequest(urn=URN, properties=checked.inputs))


async def test_a_half_way_create_carries_id_state_and_reasons(stub: Any) -> None:
    SHELF.fail_after_make = "The shelf gave way."
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await create(stub, place="A1", size=5, label={"text": "beans"})
    assert caught.value.code() is grpc.StatusCode.UNKNOWN, "any other code makes the engine forget the id"
    (raw,) = [value for key, value in caught.value.trailing_metadata() if key == "grpc-status-details-bin"]
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(raw).details[0].Unpack(detail)
    assert detail.id == "A1"
    assert list(detail.reasons) == ["Creating strata:shelf:Box beans failed: The shelf gave way."]
    assert codec.to_plain_map(PropertyValue.unmarshal_map(detail.properties))["size"] == 5


async def test_other_failures_have_a_code_that_keeps_the_state_clean(stub: Any) -> None:
    SHELF.unreachable = True
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Read(provider_pb2.ReadRequest(id="A1", urn=URN))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.details() == "The shelf does not answer."


async def test_a_defect_is_a_sentence_and_not_unknown(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Any, id: str) -> Any:
        raise KeyError("oops")

    monkeypatch.setattr(ShelfBox, "observe", broken)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Read(provider_pb2.ReadRequest(id="A1", urn=URN))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "has a defect: KeyError in Read" in caught.value.details()


async def test_delete_gets_the_settings_of_the_inputs(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    async def delete(self: Any, id: str, args: Any, op: Any) -> None:
        seen.append(args.adopt)

    monkeypatch.setattr(ShelfBox, "delete", delete)
    properties, inputs = struct(place="A1", size=5), struct(place="A1", size=5, adopt=True)
    await stub.Delete(provider_pb2.DeleteRequest(id="A1", urn=URN, properties=properties, old_inputs=inputs))
    assert seen == [True]


async def test_progress_reaches_the_engine_beside_the_resource(
    stub: Any, engine: tuple[Engine, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def preflight(self: Any, args: Any, op: Any) -> None:
        await op.progress("looking around")

    monkeypatch.setattr(ShelfBox, "preflight", preflight)
    await create(stub, place="A1", size=5)
    assert engine[0].lines == [(URN, "looking around")]


async def test_gone_is_an_empty_id(stub: Any) -> None:
    inputs = struct(place="A1", size=5)
    assert (await stub.Read(provider_pb2.ReadRequest(id="A1", urn=URN, inputs=inputs))).id == ""


async def test_configuration_keeps_only_how_to_reach_systems(stub: Any) -> None:
    section = json.dumps({"clusters": {"c": {"hostname": "h"}}, "volumes": {"images": {"size": "5GiB"}}})
    checked = await stub.CheckConfig(provider_pb2.CheckRequest(urn="u", news=struct(ontap=section)))
    kept = codec.to_plain_map(PropertyValue.unmarshal_map(checked.inputs))
    assert json.loads(kept["ontap"]) == {"clusters": {"c": {"hostname": "h"}}}


async def test_a_secret_configuration_stays_secret(stub: Any) -> None:
    secret = PropertyValue(json.dumps({"clusters": {}, "volumes": {}}), is_secret=True)
    news = PropertyValue.marshal_map({"ontap": secret})
    checked = await stub.CheckConfig(provider_pb2.CheckRequest(urn="u", news=news))
    assert PropertyValue.unmarshal_map(checked.inputs)["ontap"].is_secret


async def test_the_schema_has_every_kind_with_descriptions(stub: Any) -> None:
    schema = json.loads((await stub.GetSchema(provider_pb2.GetSchemaRequest())).schema)
    box = schema["resources"]["strata:shelf:Box"]
    assert box["requiredInputs"] == ["place", "size"]
    assert box["inputProperties"]["place"]["replaceOnChanges"] is True
    assert schema["types"]["strata:shelf:Label"]["properties"]["colour"]["description"] == "Colour."
