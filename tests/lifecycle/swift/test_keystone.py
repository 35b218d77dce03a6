"""The same kinds with Keystone's version 3 credentials, against a real Keystone in front of a real Swift."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab.swift.testing import RunningSwift, running
from strata.clients.swift_errors import BadCredentials, Refused
from strata.errors import Failed
from strata.provider.kinds.swift_account import Account
from strata.provider.kinds.swift_container import Container
from strata.provider.outcome import OperationFailed
from tests.lifecycle.hurrying import Hurrying

from .conftest import KEY, Bench, Wire


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSwift]:
    with running(tmp_path_factory.mktemp("keystone"), auth="keystone") as found:
        yield found


def connection(swift: RunningSwift, **changes: Any) -> dict[str, Any]:
    return {
        "authVersion": "3",
        "project": swift.project,
        "userDomain": swift.user_domain,
        "projectDomain": swift.project_domain,
        "region": swift.region,
        **changes,
    }


@pytest.fixture
def cloud(keystone: RunningSwift) -> Bench:
    return Bench(keystone, Hurrying(), Wire(), 0)


async def test_an_account_and_a_container_from_create_to_delete(cloud: Bench) -> None:
    given = connection(cloud.swift)
    inputs = {"account": KEY, "metadata": {"Owner": "cloud-team"}, "quota": "1GiB"}
    account = cloud.declared(Account, inputs, **{**given, **cloud.reseller})
    await account.up()
    assert await account.drift() == {}
    assert account.state["path"].startswith("/v1/AUTH_")
    container = cloud.declared(
        Container, {"account": KEY, "name": "backups", "storagePolicy": "gold"}, **given
    )
    await container.up()
    assert await container.drift() == {}
    await container.destroy()
    await account.destroy()
    assert not [name for name in await cloud.client(**given).account() or {} if "strata" in name]


async def test_credentials_are_proven(cloud: Bench) -> None:
    await cloud.client(**connection(cloud.swift)).prove()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "wrong"}, "Check user, key, project"),
        ({"project": "elsewhere"}, r"Check user, key, project \(elsewhere\)"),
        ({"userDomain": "elsewhere"}, "Check user, key, project"),
        ({"region": "RegionTwo"}, "no object-store endpoint in the region RegionTwo"),
    ],
)
async def test_each_mistake_has_its_sentence(cloud: Bench, changes: dict[str, str], words: str) -> None:
    with pytest.raises(BadCredentials, match=words):
        await cloud.client(**connection(cloud.swift, **changes)).account()


async def test_a_user_without_a_role_for_swift(cloud: Bench) -> None:
    reader = {"user": cloud.swift.user2, "key": cloud.swift.key2}
    with pytest.raises(Refused, match=r"does not let the user reader do that .*: reading the account"):
        await cloud.client(**connection(cloud.swift, **reader)).account()


async def test_only_a_reseller_may_set_a_quota(cloud: Bench) -> None:
    account = cloud.declared(Account, {"account": KEY, "quota": "1GiB"}, **connection(cloud.swift))
    with pytest.raises(OperationFailed, match="Keystone's role ResellerAdmin"):
        await account.up()


def test_cloudstack_cannot_use_it(cloud: Bench) -> None:
    with pytest.raises(Failed, match="CloudStack speaks version 1"):
        cloud.client(**connection(cloud.swift)).cloudstack_details()
