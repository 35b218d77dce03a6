"""Containers and metadata of a Swift account that somebody has made."""

from __future__ import annotations

from swiftclient import Connection  # type: ignore[import-untyped]

from lab.swift.testing import RunningSwift
from tests.unit.adoption.conftest import Site


async def test_containers_and_metadata(site: Site, account: RunningSwift) -> None:
    client = Connection(
        authurl=account.auth_url, user=account.user, key=account.key, auth_version="1", retries=0
    )
    client.post_account({"X-Account-Meta-Owner": "cloud-team"})
    quota = {"X-Container-Meta-Quota-Bytes": str(5 * 2**30), "X-Container-Meta-Team": "a"}
    client.put_container("back ups", {"X-Container-Read": ".r:*,.rlistings", **quota})
    client.put_container("plain")
    client.put_container("T-1")

    adopted = await site.adopt()

    found = site.config["strata:swift"]["accounts"]["cloudstack"]
    assert found["metadata"] == {"Owner": "cloud-team"}
    assert found["containers"] == {
        "back-ups": {
            "name": "back ups",
            "readAcl": ".r:*,.rlistings",
            "quota": "5GiB",
            "metadata": {"Team": "a"},
            # There are two, and nothing says which of them is the cluster's own choice.
            "storagePolicy": "Policy-0",
        },
        "plain": {"storagePolicy": "Policy-0"},
    }
    assert adopted.skipped == ("container T-1 of Swift account cloudstack: CloudStack's own",)
    assert await site.preview(adopted) == []
    assert (await site.adopt()).entries == {}, "a second look finds nothing new"
    for name in ("back ups", "plain", "T-1"):
        client.delete_container(name)
    client.post_account({"X-Remove-Account-Meta-Owner": "x"})


async def test_what_the_file_declares_of_an_account_is_compared_with_it(
    site: Site, account: RunningSwift
) -> None:
    """The key for temporary URLs is a secret, which adopt never writes; the file may have it."""
    client = Connection(
        authurl=account.auth_url, user=account.user, key=account.key, auth_version="1", retries=0
    )
    client.post_account({"X-Account-Meta-Temp-Url-Key": "canary", "X-Account-Meta-Owner": "cloud-team"})
    declared = site.sections["strata:swift"]["accounts"]["cloudstack"]
    declared["tempUrlKey"] = site.secret("temp", "canary")
    declared["metadata"] = {"Owner": "cloud-team"}

    adopted = await site.adopt()
    assert adopted.findings == ()
    assert [one["type"] for one in adopted.imports["resources"] if "id" in one] == ["strata:swift:Account"]
    assert await site.preview(adopted) == []

    declared["metadata"] = {"Owner": "somebody"}
    site.write()
    (finding,) = (await site.adopt()).findings
    assert "and would become {'Owner': 'somebody'}" in str(finding)
    client.post_account({"X-Remove-Account-Meta-Temp-Url-Key": "x", "X-Remove-Account-Meta-Owner": "x"})
