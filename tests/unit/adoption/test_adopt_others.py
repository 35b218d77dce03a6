"""Two stacks on the same systems: what one declares, the other does not adopt."""

from __future__ import annotations

from swiftclient import Connection  # type: ignore[import-untyped]

from lab.cloudstack.testing import RunningCloudStack
from lab.ontap.testing import RunningOntap
from lab.swift.testing import RunningSwift
from strata.adoption.adopt import Source, adopt
from strata.stackfile import load
from tests.lifecycle.host.fake_host import FakeHost
from tests.unit.adoption import by_hand
from tests.unit.adoption.conftest import Site
from tests.unit.adoption.test_adopt_hosts import mounted


async def test_a_second_stack_gets_nothing_of_the_first_s(
    site: Site, cluster: RunningOntap, account: RunningSwift, cloud: RunningCloudStack, host: FakeHost
) -> None:
    cloud.ask("updateConfiguration", name="expunge.delay", value="300")
    by_hand.swift_store(cloud, account.auth_url)
    by_hand.advanced_zone(cloud, "nfs://10.0.0.1/staging", enabled=False)
    client = Connection(
        authurl=account.auth_url, user=account.user, key=account.key, auth_version="1", retries=0
    )
    client.put_container("backups")
    mounted(host)
    await site.adopt()
    first = site.file.with_name("Pulumi.first.yaml")
    first.write_text(site.file.read_text())
    assert {"strata:mounts"} <= site.config.keys()
    site.write()

    second = await adopt(Source.of(site.file), site.connections(), others={"first": load(first)})

    assert second.entries == {}
    left = {one.what for one in second.findings if one.why == "stack first declares it"}
    assert left == {
        "volume images of SVM demo-nfs-svm on cluster01",
        "mount /glance/images of host tkstack",
        "container backups of Swift account cloudstack",
        "setting expunge.delay of CloudStack",
        "the Swift store of CloudStack",
        "zone zone1 of CloudStack",
    }
    client.delete_container("backups")
