"""The client of Swift for an account that CloudStack will use: a probe that leaves nothing, and what CloudStack is told."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, NamedTuple

import pytest

from strata.clients.swift_errors import LostAnswer, Refused
from strata.errors import Failed, Unreachable

from .conftest import CANARY, Bench


async def test_the_probe_leaves_nothing(bench: Bench) -> None:
    client = bench.client()
    await client.prove()
    assert await client.containers() == []
    assert [method for method, _, _ in bench.wire.writes] == ["PUT", "PUT", "DELETE", "DELETE"]


async def test_a_probe_that_fails_cleans_up_and_says_what_failed_first(bench: Bench) -> None:
    client = bench.client()
    await bench.client(**bench.reseller).set_account(
        {"X-Account-Meta-Quota-Bytes": "1"}, "using up the quota"
    )
    with pytest.raises(Refused, match=r"writing a probe object .*\(413.* a quota is used up"):
        await client.prove()
    assert await client.containers() == []


async def test_a_probe_whose_container_was_made_unheard_leaves_nothing(bench: Bench) -> None:
    client = bench.client()
    bench.wire.lose.add("PUT")
    with pytest.raises(LostAnswer, match="while making the container strata-probe-"):
        await client.prove()
    assert await client.containers() == []


@pytest.mark.parametrize("nth", [1, 2])
async def test_a_cancelled_probe_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    client, under_way, go_on = bench.client(), threading.Event(), threading.Event()
    await client.account()
    real = bench.wire.request

    def held(act: Any, method: str, url: str, **options: Any) -> Any:
        if method == "PUT" and len(bench.wire.writes) == nth - 1:
            under_way.set()
            assert go_on.wait(30)
        return real(act, method, url, **options)

    monkeypatch.setattr(bench.wire, "request", held)
    proof = asyncio.create_task(client.prove())
    assert await asyncio.to_thread(under_way.wait, 30)
    proof.cancel()
    asyncio.get_running_loop().call_later(0.05, go_on.set)  # the request ends after the cancellation
    with pytest.raises(asyncio.CancelledError):
        await proof
    assert len(bench.wire.writes) >= nth
    assert await client.containers() == []


async def test_where_nothing_was_sent_nothing_is_looked_for(bench: Bench) -> None:
    with pytest.raises(Unreachable):
        await bench.client(authUrl="http://127.0.0.1:9/auth/v1.0").prove()
    assert bench.time.slept == []


class Details(NamedTuple):
    connection: dict[str, str]
    words: str
    because: str


NOT_FOR_CLOUDSTACK = [
    Details({"authVersion": "3"}, "CloudStack speaks version 1", "Keystone"),
    Details({"user": "tester"}, "it is written ACCOUNT:USER", "no account"),
    Details({"user": "AUTH_test:tester"}, "Write test:tester", "CloudStack puts the prefix there by itself"),
    Details({"key": f"{CANARY} $(id)"}, "its key is empty or holds a character", "a shell would run it"),
    Details({"user": "test:te ster"}, "its user is empty or holds a character", "a blank ends an argument"),
    Details({"authUrl": "http://h:8080/v1/AUTH_test"}, "is no auth URL", "the storage URL"),
    Details({"authUrl": "http://h:8080"}, "is no auth URL", "only the proxy's address"),
]


@pytest.mark.parametrize("case", NOT_FOR_CLOUDSTACK, ids=lambda case: case.because)
def test_accounts_that_cloudstack_could_not_use(bench: Bench, case: Details) -> None:
    with pytest.raises(Failed, match=case.words) as caught:
        bench.client(**case.connection).cloudstack_details()
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("path", ["/auth/v1.0", "/auth/v1.0/", "/auth/v1", "/v1", "/v1.0"])
def test_what_cloudstack_is_told(bench: Bench, path: str) -> None:
    url = f"http://swift01:8080{path}"
    found = bench.client(authUrl=url, user="test:tester", key="testing").cloudstack_details()
    assert found == (url, "test", "tester", "testing")
