"""Requests that the tests of the emulator have in common."""

from __future__ import annotations

from typing import Any

from lab.ontap.testing import RunningOntap

VOLUMES = "/api/storage/volumes"
POLICIES = "/api/protocols/nfs/export-policies"
SVM = {"svm.name": "demo-nfs-svm"}
RULE = {"clients": [{"match": "10.0.0.0/24"}], "ro_rule": ["sys"], "rw_rule": ["sys"]}
GIB = 2**30


def volume(ontap: RunningOntap, name: str = "images", **more: Any) -> dict[str, Any]:
    """Create a volume, wait for its job, and read all of it back."""
    body = {"name": name, **SVM, "aggregates": [{"name": "aggr1"}], "size": "1g", **more}
    made = ontap.request("POST", VOLUMES, params={"return_timeout": "30"}, json=body)
    assert made.status_code == 201, made.text
    return read(ontap, name)


def read(ontap: RunningOntap, name: str = "images", fields: str = "**") -> dict[str, Any]:
    """The volume's record."""
    answer = ontap.request("GET", VOLUMES, params={"name": name, "fields": fields}).json()
    return dict(answer["records"][0])


def change(ontap: RunningOntap, body: dict[str, Any], name: str = "images") -> dict[str, Any]:
    """PATCH the volume; the job's record comes back."""
    answer = ontap.request("PATCH", VOLUMES, params={"name": name}, json=body)
    assert answer.status_code == 202, answer.text
    return job(ontap, answer.json()["job"]["uuid"])


def job(ontap: RunningOntap, uuid: str) -> dict[str, Any]:
    """A job's record."""
    return dict(ontap.request("GET", f"/api/cluster/jobs/{uuid}").json())
