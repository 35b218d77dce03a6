"""Swift behind a real Keystone: version 3 credentials reach the project's account, others don't."""

from __future__ import annotations

from pathlib import Path

import pytest
from keystoneauth1.exceptions import Unauthorized
from swiftclient import Connection  # type: ignore[import-untyped]
from swiftclient.exceptions import ClientException  # type: ignore[import-untyped]

from lab.swift.testing import RunningSwift, running


def _as(swift: RunningSwift, user: str, key: str) -> Connection:
    options = {
        "project_name": swift.project,
        "user_domain_name": swift.user_domain,
        "project_domain_name": swift.project_domain,
        "region_name": swift.region,
    }
    told = {"auth_version": swift.auth_version, "os_options": options, "retries": 0}
    return Connection(authurl=swift.auth_url, user=user, key=key, **told)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # python-swiftclient still uses keystoneclient
def test_version_3_credentials(tmp_path: Path) -> None:
    """One Keystone for all of it, and a second start with what the first one made: making it takes its time."""
    with running(tmp_path, auth="keystone") as swift:
        account = _as(swift, swift.user, swift.key)
        account.put_container("c")
        account.put_object("c", "file", b"content")
        with pytest.raises(ClientException, match="403"):
            _as(swift, swift.user2, swift.key2).get_account()
        with pytest.raises((ClientException, Unauthorized), match=r"401|Unauthorized"):
            _as(swift, swift.user, "wrong").get_account()
        with pytest.raises(ClientException, match="403"):
            account.post_account({"X-Account-Meta-Quota-Bytes": "1000"})
        _as(swift, swift.reseller, swift.reseller_key).post_account({"X-Account-Meta-Quota-Bytes": "1000"})
        assert account.head_account()["x-account-meta-quota-bytes"] == "1000"
    with running(tmp_path, auth="keystone") as again:
        assert _as(again, again.user, again.key).get_object("c", "file")[1] == b"content"
