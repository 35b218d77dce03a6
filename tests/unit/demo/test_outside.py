"""The outside change that `make demo` shows is one that `strata drift` has to see."""

from __future__ import annotations

from pathlib import Path

from lab.ontap.testing import running
from tools.demo.outside import efficiency_off


def test_deduplication_is_off_afterwards(tmp_path: Path) -> None:
    with running(tmp_path) as ontap:
        volume = {"name": "images", "svm": {"name": "demo-nfs-svm"}, "aggregates": [{"name": "aggr1"}]}
        efficiency = {"dedupe": "background", "compression": "none"}
        made = {**volume, "size": 2**30, "efficiency": efficiency}
        answer = ontap.request("POST", "/api/storage/volumes", json=made, params={"return_timeout": 15})
        assert answer.status_code < 300, answer.text
        assert efficiency_off(ontap.client) == "volume efficiency off -vserver demo-nfs-svm -volume images"
        fields = {"name": "images", "fields": "efficiency"}
        (record,) = ontap.request("GET", "/api/storage/volumes", params=fields).json()["records"]
        assert record["efficiency"]["dedupe"] == "none"
