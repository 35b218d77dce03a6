"""The requests of three other clients, word for word, with the answers they go on from (facts: ontap 4 and 8).

Each client looks first and writes only what differs, so its second run must find nothing to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lab.ontap.testing import RunningOntap

ANSIBLE_VOLUME_FIELDS = (
    "encryption.enabled,tiering.policy,tiering.object_tags,nas.export_policy.name,aggregates.name,aggregates.uuid,"
    "uuid,nas.path,style,type,comment,qos.policy.name,nas.security_style,nas.gid,nas.unix_permissions,nas.uid,"
    "snapshot_policy,space.snapshot.reserve_percent,space.size,guarantee.type,state,efficiency.compression,snaplock,"
    "files.maximum,space.logical_space.enforcement,space.logical_space.reporting,"
)
ANSIBLE_RULE_FIELDS = (
    "anonymous_user,clients,index,protocols,ro_rule,rw_rule,superuser,ntfs_unix_security,allow_suid,chown_mode,"
    "allow_device_creation"
)
ANSIBLE_NFS_FIELDS = (
    "protocol.v3_enabled,protocol.v40_enabled,protocol.v41_enabled,protocol.v41_features.pnfs_enabled,"
    "vstorage_enabled,protocol.v4_id_domain,transport.tcp_enabled,transport.udp_enabled,"
    "protocol.v40_features.acl_enabled,enabled,svm.uuid,root.*,security.*,windows.*,"
    "transport.tcp_max_transfer_size,protocol.v4_lease_seconds,protocol.v4_fsid_change,"
)
SVM = {"svm.name": "demo-nfs-svm"}
POLICIES = "/api/protocols/nfs/export-policies"
VOLUMES = "/api/storage/volumes"
GIB = 2**30


def call(
    ontap: RunningOntap, method: str, path: str, query: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """The JSON of an answer that must be good."""
    answer = ontap.request(method, path, params=dict(query or {}), **more)
    assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
    return dict(answer.json())


def ansible(ontap: RunningOntap, size: int = 50 * GIB) -> None:
    """What the playbook's tasks do: export policy, rule, volume, efficiency, autosize."""
    assert call(ontap, "GET", "/api/cluster", {"fields": "version"})["version"]["generation"] == 9
    named = {"fields": "name,id", **SVM, "name": "ansglance"}
    wait = {"return_timeout": "30"}
    if not call(ontap, "GET", POLICIES + "/", named)["num_records"]:
        call(ontap, "POST", POLICIES, wait, json={"name": "ansglance", "svm.name": "demo-nfs-svm"})
    number = call(ontap, "GET", POLICIES, named)["records"][0]["id"]
    _ansible_rule(ontap, f"{POLICIES}/{number}/rules")
    volume = {"name": "ansimages", **SVM, "fields": ANSIBLE_VOLUME_FIELDS}
    found = call(ontap, "GET", VOLUMES, volume)
    if not found["num_records"]:
        assert (
            call(ontap, "GET", "/api/svm/svms", {"name": "demo-nfs-svm", "fields": "uuid"})["num_records"]
            == 1
        )
        body = {
            "name": "ansimages",
            "svm.name": "demo-nfs-svm",
            "guarantee.type": "none",
            "aggregates": [{"name": "aggr1"}],
            "size": 50 * GIB,
            "nas.unix_permissions": "755",
            "nas.security_style": "unix",
            "nas.export_policy.name": "ansglance",
            "nas.path": "/ansimages",
            "state": "online",
        }
        job = call(ontap, "POST", VOLUMES, wait, json=body)["job"]["uuid"]
        assert call(ontap, "GET", f"/api/cluster/jobs/{job}")["state"] == "success"
        found = call(ontap, "GET", VOLUMES, volume)
    record = found["records"][0]
    one = f"{VOLUMES}/{record['uuid']}"
    if record["space"]["size"] != size:
        call(ontap, "PATCH", one, wait, json={"size": size})
    by_name = {**SVM, "name": "ansimages"}
    efficiency = call(ontap, "GET", VOLUMES, {**by_name, "fields": "uuid,efficiency"})["records"][0][
        "efficiency"
    ]
    if efficiency["state"] != "enabled":
        call(ontap, "PATCH", one, wait, json={"efficiency.dedupe": "background"})
    autosize = call(ontap, "GET", VOLUMES, {**by_name, "fields": "autosize,uuid"})["records"][0]["autosize"]
    if (autosize["mode"], autosize["maximum"]) != ("grow", 100 * GIB):
        call(ontap, "PATCH", one, wait, json={"autosize": {"mode": "grow", "maximum": "100g"}})


def _ansible_rule(ontap: RunningOntap, rules: str) -> None:
    """The rule is looked for by index, then by what it says; a missing index is tolerated."""
    answer = ontap.request("GET", f"{rules}/1", params={"fields": ANSIBLE_RULE_FIELDS})
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        return
    wanted = {"protocols": ["nfs3"], "superuser": ["sys"], "ro_rule": ["sys"], "rw_rule": ["sys"]}
    query = {name: ",".join(value) for name, value in wanted.items()}
    same = {"fields": ANSIBLE_RULE_FIELDS, **query, "clients.match": "10.0.0.0/24"}
    assert call(ontap, "GET", rules, same)["num_records"] == 0
    body = {**wanted, "clients": [{"match": "10.0.0.0/24"}]}
    made = call(ontap, "POST", rules, {"return_records": "true", "return_timeout": "30"}, json=body)
    index = made["records"][0]["index"]
    call(ontap, "PATCH", f"{rules}/{index}", {"return_timeout": "30", "new_index": "1"}, json={})


def test_ansible_run_twice_writes_once(ontap: RunningOntap) -> None:
    ansible(ontap)
    volume = ontap.volume("ansimages")
    assert volume is not None
    assert (volume["nas.path"], volume["nas.unix_permissions"]) == ("/ansimages", 755)
    before = ontap.journal.last
    ansible(ontap)
    assert ontap.writes(before) == []
    ansible(ontap, size=60 * GIB)
    assert [each.body for each in ontap.writes(before)] == [{"size": 60 * GIB}]
    volume = ontap.volume("ansimages")
    assert volume is not None
    assert volume["nas.path"] == "/ansimages", "a resize must not unmount"


def test_ansible_absent(ontap: RunningOntap) -> None:
    ansible(ontap)
    record = call(ontap, "GET", VOLUMES, {"name": "ansimages", **SVM, "fields": ANSIBLE_VOLUME_FIELDS})[
        "records"
    ][0]
    wait = {"return_timeout": "30"}
    call(ontap, "PATCH", f"{VOLUMES}/{record['uuid']}", wait, json={"nas.path": ""})
    call(ontap, "DELETE", f"{VOLUMES}/{record['uuid']}", wait)
    number = call(ontap, "GET", POLICIES + "/", {"fields": "name,id", **SVM, "name": "ansglance"})["records"][
        0
    ]["id"]
    call(ontap, "DELETE", f"{POLICIES}/{number}", wait)
    assert ontap.volume("ansimages") is None


def test_ansible_reads_everything_it_asks_of_nfs(ontap: RunningOntap) -> None:
    service = call(ontap, "GET", "/api/protocols/nfs/services", {**SVM, "fields": ANSIBLE_NFS_FIELDS})[
        "records"
    ][0]
    assert service["protocol"]["v3_enabled"] is True
    aggregate = call(ontap, "GET", "/api/storage/aggregates", {"name": "aggr1"})["records"][0]["uuid"]
    assert call(ontap, "GET", f"/api/storage/aggregates/{aggregate}/cloud-stores")["num_records"] == 0


def test_terraform_apply_refresh_destroy(ontap: RunningOntap) -> None:
    wait = {"return_records": "true", "return_timeout": "60"}
    policy = call(ontap, "POST", POLICIES, wait, json={"name": "tf", "svm": {"name": "demo-nfs-svm"}})
    number = policy["records"][0]["id"]
    rule = {"clients": [{"match": "10.0.0.0/24"}], "ro_rule": ["sys"], "rw_rule": ["sys"], "svm": {}}
    call(ontap, "POST", f"{POLICIES}/{number}/rules", wait, json=rule)
    body = {
        "name": "tf_images",
        "svm": {"name": "demo-nfs-svm"},
        "aggregates": [{"name": "aggr1"}],
        "space": {"size": 50 * GIB},
        "nas": {"path": "/tf_images", "export_policy": {"name": "tf"}},
        "efficiency": {"policy": {}},
        "qos": {},
    }
    made = call(ontap, "POST", VOLUMES, wait, json=body)
    uuid = made["records"][0]["uuid"]
    assert call(ontap, "GET", f"/api/cluster/jobs/{made['job']['uuid']}")["state"] == "success"
    read = call(
        ontap, "GET", f"{VOLUMES}/{uuid}", {"fields": "name,space.size,nas.path,nas.export_policy.name"}
    )
    assert (read["space"]["size"], read["nas"]["path"]) == (50 * GIB, "/tf_images")
    resize = {
        "nas": {"path": "", "uid": 0, "gid": 0},
        "space": {"size": 80 * GIB},
        "svm": {},
        "efficiency": {},
    }
    call(ontap, "PATCH", f"{VOLUMES}/{uuid}", {"return_timeout": "60"}, json=resize)
    after = call(ontap, "GET", f"{VOLUMES}/{uuid}", {"fields": "nas.path,space.size"})
    assert "nas" not in after, "an empty path unmounts: the known fault of that provider (facts: ontap 0.5)"
    call(ontap, "DELETE", f"{VOLUMES}/{uuid}")
    ontap.advance(1)
    call(ontap, "DELETE", f"{POLICIES}/{number}")


def test_terraform_reads_records_from_a_202_too(ontap: RunningOntap) -> None:
    ontap.configure(job_seconds=600)
    body = {"name": "slow", "svm": {"name": "demo-nfs-svm"}, "aggregates": [{"name": "aggr1"}]}
    answer = ontap.request(
        "POST", VOLUMES, params={"return_records": "true", "return_timeout": "60"}, json=body
    )
    assert answer.status_code == 202
    assert set(answer.json()) >= {"job", "records", "num_records"}


class Manila:
    """Manila's REST client: `Accept: application/json`, an SVM context in a header, jobs followed by their link."""

    def __init__(self, ontap: RunningOntap) -> None:
        self.ontap = ontap
        self.headers = {"Accept": "application/json", "X-Dot-SVM-Name": "demo-nfs-svm"}

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """All records of a collection."""
        return call(self.ontap, "GET", f"/api{path}", {**query, "max_records": "10000"}, headers=self.headers)

    def send(self, method: str, path: str, body: object, **query: str) -> None:
        """A write, whose job is followed to its end."""
        answer = call(self.ontap, method, f"/api{path}", query, json=body, headers=self.headers)
        if "job" in answer:
            job = call(self.ontap, "GET", answer["job"]["_links"]["self"]["href"], headers=self.headers)
            assert job["state"] == "success"


@pytest.fixture
def manila(ontap: RunningOntap) -> Manila:
    return Manila(ontap)


def test_manila_share_from_create_to_delete(ontap: RunningOntap, manila: Manila) -> None:
    assert manila.get("/cluster/nodes")["num_records"] == 1
    manila.send("POST", "/protocols/nfs/export-policies", {"name": "share_policy"})
    body = {
        "size": GIB,
        "name": "share_1",
        "style": "flexvol",
        "aggregates": [{"name": "aggr1"}],
        "type": "rw",
        "guarantee.type": "none",
        "svm.name": "demo-nfs-svm",
        "nas.path": "/share_1",
        "snapshot_policy.name": "none",
        "space.snapshot.reserve_percent": 0,
        "comment": "",
        "encryption.enabled": "false",
    }
    manila.send("POST", "/storage/volumes", body)
    query = {"style": "flex*", "error_state.is_inconsistent": "false", "name": "share_1"}
    found = manila.get("/storage/volumes/", **query, fields="name,style,svm.name,svm.uuid")["records"]
    assert [each["svm"]["name"] for each in found] == ["demo-nfs-svm"]
    assert "_links" not in found[0]
    uuid = found[0]["uuid"]
    manila.send("PATCH", f"/storage/volumes/{uuid}", {"efficiency": {"dedupe": "background"}})
    state = manila.get(
        "/storage/volumes",
        **{"efficiency.volume_path": "/vol/share_1", "fields": "efficiency.state,efficiency.compression"},
    )["records"][0]["efficiency"]
    assert state == {"state": "enabled", "compression": "none"}
    manila.send("PATCH", f"/storage/volumes/{uuid}", {"efficiency": {"compression": "background"}})
    manila.send("PATCH", "/storage/volumes/", {"nas.export_policy.name": "share_policy"}, name="share_1")
    (export,) = [each for each in ontap.exports() if each.volume == "share_1"]
    assert export.policy == "share_policy"
    manila.send("PATCH", f"/storage/volumes/{uuid}", {"nas": {"path": ""}})
    manila.send("PATCH", f"/storage/volumes/{uuid}", {"state": "offline"})
    manila.send("DELETE", f"/storage/volumes/{uuid}", None)
    assert manila.get("/storage/volumes", name="share_1")["num_records"] == 0


def test_manila_pool_and_lifs(manila: Manila) -> None:
    fields = "aggregates.name,space.block_storage.available,space.block_storage.size,space.block_storage.used"
    names = [each["name"] for each in manila.get("/storage/aggregates", name="aggr1,aggr2")["records"]]
    assert names == ["aggr1", "aggr2"]
    assert (
        manila.get("/svm/svms", fields="name,aggregates.name,aggregates.available_size")["num_records"] == 1
    )
    space = manila.get("/storage/aggregates", fields=fields.removeprefix("aggregates.name,"))["records"][0][
        "space"
    ]
    assert space["block_storage"]["size"] == 2**40
    lif_fields = (
        "ip.address,location.home_node.name,location.home_port.name,ip.netmask,services,svm.name,enabled"
    )
    (lif,) = manila.get("/network/ip/interfaces", services="data_nfs", fields=lif_fields)["records"]
    assert (lif["location"]["home_port"]["name"], lif["services"]) == ("e0d", ["data_core", "data_nfs"])


def test_manila_reads_a_job_as_a_collection(ontap: RunningOntap, manila: Manila) -> None:
    body = {"name": "v", "svm.name": "demo-nfs-svm", "aggregates.name": ["aggr1"]}
    job = call(ontap, "POST", VOLUMES, json=body)["job"]["uuid"]
    assert manila.get("/cluster/jobs/", uuid=job, fields="state")["records"][0]["state"] == "success"
