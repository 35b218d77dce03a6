"""NetApp's own client runs the captured scenario against the emulator (facts: ontap 8)."""

from __future__ import annotations

import pytest
from netapp_ontap import HostConnection, NetAppRestError
from netapp_ontap.resources import (
    Aggregate,
    Cluster,
    ExportPolicy,
    ExportRule,
    IpInterface,
    Job,
    NfsService,
    QosPolicy,
    Svm,
    Volume,
)

from lab.ontap.testing import RunningOntap

SVM = {"name": "demo-nfs-svm"}
GIB = 2**30


def made(connection: HostConnection, **fields: object) -> Volume:
    """A volume, created and found again."""
    volume = Volume(**{"svm": SVM, "aggregates": [{"name": "aggr1"}], "size": GIB, **fields})
    volume.set_connection(connection)
    volume.post()
    return volume


def changing(connection: HostConnection, uuid: str, **fields: object) -> Volume:
    """A volume with just these changes in hand; what the constructor is given would count as unchanged."""
    volume = Volume(uuid=uuid)
    volume.set_connection(connection)
    for name, value in fields.items():
        setattr(volume, name, value)
    return volume


def test_what_the_cluster_has_is_found(connection: HostConnection) -> None:
    cluster = Cluster()
    cluster.set_connection(connection)
    cluster.get(fields="name,version")
    assert (cluster.version.generation, cluster.version.major, cluster.version.minor) == (9, 14, 1)
    svm = Svm.find(connection=connection, name="demo-nfs-svm")
    assert svm is not None
    assert Svm.find(connection=connection, name="nope") is None
    (aggregate,) = Aggregate.get_collection(connection=connection, name="aggr1", fields="space.block_storage")
    assert aggregate.space.block_storage.size == 2**40
    service = NfsService.find(connection=connection, **{"svm.name": "demo-nfs-svm"})
    assert service.enabled is True
    query = {"svm.name": "demo-nfs-svm", "services": "data_nfs"}
    (lif,) = IpInterface.get_collection(connection=connection, fields="ip.address,enabled,state", **query)
    assert (lif.ip.address, lif.state) == ("10.130.208.55", "up")


def test_export_policy_and_rules(connection: HostConnection) -> None:
    rule = {
        "clients": [{"match": "10.0.0.0/24"}],
        "protocols": ["nfs3"],
        "ro_rule": ["sys"],
        "rw_rule": ["sys"],
    }
    policy = ExportPolicy(name="glance", svm=SVM, rules=[{**rule, "superuser": ["sys"]}])
    policy.set_connection(connection)
    policy.post(hydrate=True)
    assert (
        ExportPolicy.find(connection=connection, name="glance", **{"svm.name": SVM["name"]}).id == policy.id
    )
    second = ExportRule(policy.id, clients=[{"match": "10.1.0.0/24"}], ro_rule=["sys"], rw_rule=["never"])
    second.set_connection(connection)
    second.post()
    assert second.index == 2
    second.rw_rule = ["sys"]
    second.patch()
    rules = list(ExportRule.get_collection(policy.id, connection=connection, fields="*"))
    assert [each.index for each in rules] == [1, 2]
    assert (rules[1].rw_rule, rules[1].superuser) == (["sys"], ["any"])
    rules[1].delete()
    assert len(list(ExportRule.get_collection(policy.id, connection=connection))) == 1
    policy.delete()
    assert ExportPolicy.find(connection=connection, name="glance") is None


def test_a_volume_through_its_life(ontap: RunningOntap, connection: HostConnection) -> None:
    qos = QosPolicy(name="glance-qos", svm=SVM, fixed={"max_throughput_iops": 1000, "capacity_shared": False})
    qos.set_connection(connection)
    qos.post()
    volume = made(
        connection,
        name="images",
        size="50GB",
        autosize={"maximum": 100 * GIB, "mode": "grow"},
        comment="glance",
        guarantee={"type": "none"},
        nas={"path": "/images", "security_style": "unix", "uid": 0, "gid": 0, "unix_permissions": 755},
        qos={"policy": {"name": "glance-qos"}},
        snapshot_policy={"name": "none"},
        space={"snapshot": {"reserve_percent": 0}},
    )
    fields = "size,nas,efficiency,space,state,autosize,snapshot_policy,guarantee,comment,qos"
    volume.get(fields=fields)
    assert (volume.size, volume.nas.path, volume.nas.unix_permissions) == (50 * GIB, "/images", 755)
    assert (volume.efficiency.state, volume.qos.policy.name) == ("disabled", "glance-qos")

    changing(connection, volume.uuid, efficiency={"dedupe": "background"}).patch()
    changing(connection, volume.uuid, size=60 * GIB).patch(hydrate=True)
    volume.get(fields=fields)
    assert (volume.efficiency.state, volume.size, volume.space.size) == ("enabled", 60 * GIB, 60 * GIB)

    volume.nas.path = "/images2"
    volume.patch()
    assert [each.junction_path for each in ontap.exports()] == ["/", "/images2"]
    volume.nas.path = ""
    volume.patch()
    volume = Volume(uuid=volume.uuid)
    volume.set_connection(connection)
    volume.get(fields="nas")
    assert not hasattr(volume.nas, "path")
    volume.state = "offline"
    volume.patch(poll=False, return_timeout=30)
    volume.delete()
    with pytest.raises(NetAppRestError) as gone:
        volume.get()
    assert gone.value.status_code == 404


def test_find_gives_no_expensive_field(connection: HostConnection) -> None:
    made(connection, name="images", nas={"path": "/images"})
    found = Volume.find(connection=connection, name="images", **{"svm.name": SVM["name"]})
    assert found.size == GIB
    assert not hasattr(found, "nas")
    assert not hasattr(found, "efficiency")


def test_collections_page_and_count(ontap: RunningOntap, connection: HostConnection) -> None:
    for number in range(5):
        made(connection, name=f"v{number}", size="20MB")
    before = ontap.journal.last
    names = [each.name for each in Volume.get_collection(connection=connection, name="v*", max_records=2)]
    assert names == [f"v{number}" for number in range(5)]
    assert len(ontap.journal.entries(before)) == 3, "five records in pages of two are three requests"
    assert Volume.count_collection(connection=connection, **{"svm.name": SVM["name"]}) == 6
    raw = [each.name for each in Volume.fast_get_collection(connection=connection, fields="name")]
    assert len(raw) == 6


def test_a_failed_job_keeps_its_code_for_who_reads_it(connection: HostConnection) -> None:
    volume = made(connection, name="images")
    patch = changing(connection, volume.uuid, efficiency={"compression": "inline"})
    with pytest.raises(NetAppRestError, match="Operation is not enabled"):
        patch.patch()
    patch = changing(connection, volume.uuid, efficiency={"compression": "inline"})
    answer = patch.patch(poll=False)
    job = Job(uuid=answer.http_response.json()["job"]["uuid"])
    job.set_connection(connection)
    job.get(fields="*")
    assert (job.state, job.code, job.error.code) == ("failure", 6881332, "6881332")


def test_a_poll_that_is_too_short_ends(ontap: RunningOntap, connection: HostConnection) -> None:
    ontap.configure(job_seconds=60)
    volume = Volume(name="y", svm=SVM, aggregates=[{"name": "aggr1"}], size=GIB)
    volume.set_connection(connection)
    with pytest.raises(NetAppRestError, match=r"Job \(queued\).*timed out"):
        volume.post(poll_timeout=0.02, poll_interval=0.01)
    ontap.advance(60)
    assert Volume.find(connection=connection, name="y") is not None


def test_errors_arrive_with_status_and_code(connection: HostConnection) -> None:
    made(connection, name="images")
    with pytest.raises(NetAppRestError) as duplicate:
        made(connection, name="images")
    assert duplicate.value.status_code == 409
    assert duplicate.value.response_body["error"]["code"] == "917526"
    with pytest.raises(NetAppRestError) as missing:
        made(connection, name="x", svm={"name": "nosvm"})
    assert (missing.value.status_code, missing.value.response_body["error"]["code"]) == (404, "2621462")


def test_a_wrong_password_is_a_401(ontap: RunningOntap) -> None:
    host = HostConnection(
        ontap.host, username="admin", password="wrong", verify=str(ontap.ca), port=ontap.port
    )
    host.session.trust_env = False
    cluster = Cluster()
    cluster.set_connection(host)
    with pytest.raises(NetAppRestError) as refused:
        cluster.get()
    assert refused.value.status_code == 401
    assert refused.value.response_body["error"]["code"] == "6691623"
