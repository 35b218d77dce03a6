"""The lab's Swift: who may do what, what outlives a stop, and that nothing is left running."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from swiftclient import Connection  # type: ignore[import-untyped]
from swiftclient.exceptions import ClientException  # type: ignore[import-untyped]

from lab import processes
from lab.failures import LabFailure
from lab.swift.groups import members
from lab.swift.server import ENVIRONMENT, LAUNCH, PARTS, Swift
from lab.swift.testing import RunningSwift, running

Connect = Callable[[str, str], Connection]


def test_each_user_reaches_the_account_of_its_name(swift: RunningSwift, connect: Connect) -> None:
    for user, key, account in (
        (swift.user, swift.key, "AUTH_test"),
        (swift.user2, swift.key2, "AUTH_test2"),
        (swift.reseller, swift.reseller_key, "AUTH_test"),
    ):
        assert connect(user, key).get_auth()[0].endswith(f"/v1/{account}")
    with pytest.raises(ClientException, match="401"):
        connect(swift.user, swift.key2).get_auth()


def test_only_a_resellers_administrator_sets_an_accounts_quota(swift: RunningSwift, connect: Connect) -> None:
    """As on a real Swift: the seed's test:tester may not, and the quota then holds for it."""
    quota = {"X-Account-Meta-Quota-Bytes": "10"}
    with pytest.raises(ClientException, match="403"):
        connect(swift.user, swift.key).post_account(quota)
    reseller = connect(swift.reseller, swift.reseller_key)
    reseller.post_account(quota)
    reseller.put_container("quota")
    try:
        with pytest.raises(ClientException, match="413"):
            connect(swift.user, swift.key).put_object("quota", "big", b"x" * 100)
    finally:
        reseller.post_account({"X-Account-Meta-Quota-Bytes": ""})
        reseller.delete_container("quota")


def test_the_features_that_cloudstack_and_its_operators_rely_on(account: Connection) -> None:
    offered = account.get_capabilities()
    assert [each["name"] for each in offered["swift"]["policies"]] == ["Policy-0", "gold"]
    assert {"tempurl", "account_quotas", "container_quotas", "slo", "bulk_delete", "s3api"} <= set(offered)


def test_a_download_url_signed_with_sha1_is_good(swift: RunningSwift, account: Connection) -> None:
    """CloudStack signs so; Swift alone has no longer taken it since 2.30."""
    account.post_account({"X-Account-Meta-Temp-URL-Key": "signing"})
    account.put_container("signed")
    account.put_object("signed", "file", b"content")
    path = httpx.URL(account.url).path + "/signed/file"
    signature = hmac.new(b"signing", f"GET\n4000000000\n{path}".encode(), hashlib.sha1).hexdigest()
    server = f"http://127.0.0.1:{swift.swift.port}"
    query = {"temp_url_sig": signature, "temp_url_expires": "4000000000"}
    assert httpx.get(server + path, params=query, trust_env=False).content == b"content"
    assert httpx.get(server + path, trust_env=False).status_code == 401
    account.delete_object("signed", "file")
    account.delete_container("signed")


def test_credentials_are_for_their_owners_eyes_only(swift: RunningSwift) -> None:
    directory = swift.swift.directory
    for name in ("key", "key2", "key_reseller", "etc/proxy.conf"):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600, name
    assert len({swift.key, swift.key2, swift.reseller_key}) == 3
    assert (directory / "auth_url").read_text() == f"{swift.auth_url}\n"
    assert (directory / "user").read_text() == "test:tester\n"


def _groups(swift: Swift) -> list[int]:
    return [json.loads((swift.directory / "run" / f"{part}.json").read_text())["pid"] for part in PARTS]


def test_what_it_holds_and_its_port_outlive_a_stop_and_no_process_does(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        client = Connection(authurl=first.auth_url, user=first.user, key=first.key, retries=0)
        client.put_container("kept")
        client.put_object("kept", "file", b"content")
        groups, process = _groups(first.swift), first.swift.process
        first.swift.start()
        assert first.swift.process == process, "a running one is left alone"
        assert first.swift.answers()
    assert [members(group) for group in groups] == [[]] * len(PARTS)
    swift = Swift(tmp_path)
    assert (swift.process, swift.answers()) == (None, False)
    with running(tmp_path) as again:
        assert (again.auth_url, again.key) == (first.auth_url, first.key)
        client = Connection(authurl=again.auth_url, user=again.user, key=again.key, retries=0)
        assert client.get_object("kept", "file")[1] == b"content"
    swift.forget()
    with running(tmp_path) as empty:
        client = Connection(authurl=empty.auth_url, user=empty.user, key=empty.key, retries=0)
        assert client.get_account()[1] == []


def test_a_part_that_died_is_a_swift_that_does_not_run(tmp_path: Path) -> None:
    """The next start ends what is left of it and begins anew, on the same port."""
    with running(tmp_path) as server:
        swift, groups = server.swift, _groups(server.swift)
        died = processes.identify(groups[PARTS.index("object")])
        assert died is not None
        processes.end(died, grace=0)
        assert Swift(tmp_path).process is None
        swift.start()
        assert swift.process is not None
        assert [members(group) for group in groups] == [[]] * len(PARTS)
        assert swift.auth_url == server.auth_url


def test_without_set_up_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LabFailure, match="run `make setup`"):
        Swift(tmp_path, environment=tmp_path / "nowhere").start()


REBUILT = """
import sys; sys.path.insert(0, sys.argv[1])
import launch; from pathlib import Path
launch.PARTITION_POWER = 4; launch.build_rings(Path(sys.argv[2]), {"account": 1, "object": 2})
launch.PARTITION_POWER = 0; launch.build_rings(Path(sys.argv[2]), {"account": 3, "object": 4})
print(launch.partition_power(Path(sys.argv[2])), launch.partition_power(Path(sys.argv[1])))
"""


def test_rings_that_are_built_anew_find_what_was_stored_with_the_old_ones(tmp_path: Path) -> None:
    """Only the ports change: a lab from before one partition was enough keeps its sixteen."""
    python = ENVIRONMENT / "bin" / "python"
    ran = subprocess.run(
        [python, "-c", REBUILT, LAUNCH.parent, tmp_path], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["4", "0"]
