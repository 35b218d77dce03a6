"""Every key the emulator sends is one that NetApp's schema knows and can get.

netapp-ontap's own strict mode looks at the top level only, so the schema classes are walked here (facts: ontap 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from netapp_ontap import resources

from lab.ontap.catalogue import COLLECTIONS
from lab.ontap.model import Shape
from lab.ontap.testing import RunningOntap

SCHEMAS = {
    "cluster": "Cluster",
    "nodes": "Node",
    "jobs": "Job",
    "svms": "Svm",
    "aggregates": "Aggregate",
    "volumes": "Volume",
    "qos_policies": "QosPolicy",
    "snapshot_policies": "SnapshotPolicy",
    "efficiency_policies": "VolumeEfficiencyPolicy",
    "export_policies": "ExportPolicy",
    "export_rules": "ExportRule",
    "nfs_services": "NfsService",
    "lifs": "IpInterface",
}
RULE = {"clients": [{"match": "10.0.0.0/24"}], "ro_rule": ["sys"], "rw_rule": ["sys"]}


def strangers(schema: Any, record: dict[str, Any], path: str = "") -> Iterator[str]:
    """Dotted names in the record that the schema does not have, or does not let one get."""
    known = {(field.data_key or name): (name, field) for name, field in schema._declared_fields.items()}
    gettable = {each.split(".")[0] for each in schema.gettable_fields}
    for key, value in record.items():
        if key == "_links":
            continue
        if key not in known or known[key][0] not in gettable:
            yield path + key
            continue
        field = known[key][1]
        inner = getattr(field, "inner", field)
        items = value if isinstance(value, list) else [value]
        for item in items:
            if isinstance(item, dict) and hasattr(inner, "schema"):
                yield from strangers(type(inner.schema), item, f"{path}{key}.")


def filled(ontap: RunningOntap) -> None:
    """At least one record in every collection."""
    svm = {"name": "demo-nfs-svm"}
    ontap.request(
        "POST", "/api/protocols/nfs/export-policies", json={"name": "p", "svm": svm, "rules": [RULE]}
    )
    fixed = {"name": "q", "svm": svm, "fixed": {"max_throughput_iops": 1}}
    ontap.request("POST", "/api/storage/qos/policies?return_timeout=1", json=fixed)
    body = {"name": "v", "svm": svm, "aggregates": [{"name": "aggr1"}], "qos": {"policy": {"name": "q"}}}
    ontap.request("POST", "/api/storage/volumes?return_timeout=1", json={**body, "_tags": ["a:b"]})
    ontap.request(
        "PATCH", "/api/storage/volumes?name=v&return_timeout=1", json={"efficiency.compression": "both"}
    )


@pytest.mark.parametrize("table", sorted(SCHEMAS))
def test_records_hold_only_what_the_schema_lets_one_get(ontap: RunningOntap, table: str) -> None:
    filled(ontap)
    collection = next(each for each in COLLECTIONS if each.table == table)
    path = collection.path.replace("{policy.id}", "2")
    answer = ontap.request("GET", path, params={"fields": "**"}).json()
    records = answer.get("records", [answer])
    assert records
    schema = getattr(resources, SCHEMAS[table])._schema
    for record in records:
        assert list(strangers(schema, record)) == []


def test_the_walk_sees_a_stranger() -> None:
    schema = resources.Volume._schema
    assert list(strangers(schema, {"name": "v", "nas": {"pathh": "/v"}, "sise": 1})) == ["nas.pathh", "sise"]


@pytest.mark.parametrize("table", ["volumes", "export_rules", "export_policies", "qos_policies"])
def test_what_may_be_written_is_what_the_schema_lets_one_post_and_patch(table: str) -> None:
    collection = next(each for each in COLLECTIONS if each.table == table)
    schema = getattr(resources, SCHEMAS[table])._schema
    names = {(field.data_key or name): name for name, field in schema._declared_fields.items()}
    for letter, allowed in (("p", schema.postable_fields), ("c", schema.patchable_fields)):
        tops = {each.split(".")[0] for each in allowed}
        writable = {each.name.split(".")[0] for each in collection.fields if letter in each.access}
        assert {each for each in writable if names[each] not in tops} == set()


def test_numbers_are_numbers(ontap: RunningOntap) -> None:
    body = {"name": "v", "svm.name": "demo-nfs-svm", "aggregates.name": ["aggr1"], "size": "1g"}
    body["autosize"] = {"mode": "grow", "maximum": "100g"}  # type: ignore[assignment]
    ontap.request("POST", "/api/storage/volumes?return_timeout=1", json=body)
    record = ontap.request("GET", "/api/storage/volumes?name=v&fields=**").json()["records"][0]
    collection = next(each for each in COLLECTIONS if each.table == "volumes")
    for field in collection.fields:
        value: Any = record
        for part in field.name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None and field.shape in (Shape.SIZE, Shape.INTEGER, Shape.PERMISSIONS):
            assert isinstance(value, int), (
                f"{field.name} must be a number, Ansible computes with it: {value!r}"
            )
    assert record["autosize"]["maximum"] == 100 * 2**30
