"""A site of every system that needs no guest (ONTAP, Swift, CloudStack), and a stack file that declares all that can drift."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.cloudstack import testing as cloudstack
from lab.cloudstack.testing import RunningCloudStack
from lab.http.clock import RealClock
from lab.ontap import testing as ontap
from lab.swift import testing as swift
from lab.swift.testing import RunningSwift
from tests.acceptance.engine.site import Site, new_project

STACK = """\
# The salt of the lab's passphrase, which protects nothing but the lab.
encryptionsalt: v1:1hwOPl5O5Bg=:v1:XbXClsGEuFATkByc:VnJDfUaMzIWLtAXTcvJ7C/LDwgBpuA==
config:
  strata:ontap:
    clusters:
      cluster01: {{hostname: 127.0.0.1, port: {{file: port}}, username: admin, password: {{file: password}}, caFile: ca.pem}}
    volumes:
      images:
        svm: demo-nfs-svm
        aggregate: aggr1
        size: 50GiB
        junctionPath: /images
        efficiency: {{dedupe: background, compression: none, compaction: none, crossVolumeDedupe: none}}
        guarantee: none
        snapshotPolicy: default
        snapshotReserve: 5
        autosize: {{mode: grow, maximum: 100GiB, minimum: 50GiB, growThreshold: 85, shrinkThreshold: 50}}
        unixPermissions: "0755"
        uid: 0
        gid: 0
        securityStyle: unix
        comment: images of Glance
        exportPolicy:
          rules:
            - clients: [10.130.208.0/24]
              protocols: [nfs]
              readOnly: [sys]
              readWrite: [sys]
              superuser: [sys]
              anonymousUser: none
              allowSuid: true
              allowDeviceCreation: true
        protect: false
  strata:swift:
    accounts:
      cloudstack:
        authUrl: "{auth_url}"
        user: "{reseller}"
        key: {{file: reseller}}
        quota: 10TiB
        metadata: {{Owner: cloud}}
        protect: false
      archive:
        authUrl: "{auth_url}"
        user: "{other}"
        key: {{file: other}}
        tempUrlKey: {{file: temp_url_key}}
        containers:
          backups: {{readAcl: ".r:*", writeAcl: "other:user", quota: 2TiB, metadata: {{Owner: team}}, protect: false}}
        protect: false
  strata:cloudstack:
    endpoint: {endpoint}
    apiKey: {{file: api}}
    secretKey: {{file: secret}}
    hypervisorCredentials:
      kvm: {{username: root, password: {{file: other}}}}
    settings:
      expunge.delay: 86400
    objectStore: {{account: cloudstack, name: swift01, readOnly: false, protect: false}}
    zones:
      zone1:
        networkType: Advanced
        dns: [8.8.8.8]
        internalDns: [10.130.208.2]
        domain: zone1.example.org
        guestCidr: 10.1.1.0/24
        localStorage: false
        staging: {{url: "nfs://10.130.208.55/one"}}
        waitForSystemVms: false
        physicalNetworks:
          physnet1:
            isolation: [VLAN]
            vlans: 100-199
            tags: [fast]
            traffic:
              Management: {{kvm: cloudbr0}}
              Storage: {{kvm: cloudbr2}}
              Public: {{kvm: cloudbr1}}
              Guest: {{kvm: cloudbr1}}
            providers: [VirtualRouter]
        publicIpRanges:
          public1: {{gateway: 172.16.0.1, netmask: 255.255.255.0, startIp: 172.16.0.100, endIp: 172.16.0.199}}
        pods:
          pod1:
            gateway: 10.130.208.1
            netmask: 255.255.255.0
            startIp: 10.130.208.200
            endIp: 10.130.208.219
            storageIpRange:
              gateway: 10.130.212.1
              netmask: 255.255.255.0
              startIp: 10.130.212.50
              endIp: 10.130.212.69
              vlan: 212
            clusters:
              cluster1:
                hypervisor: KVM
                hosts:
                  kvm1: {{address: 10.130.208.61, credentials: kvm, tags: [gpu]}}
                primaryStorage:
                  primary1: {{url: "nfs://10.130.208.55/primary1", tags: [ssd]}}
      zone2:
        networkType: Basic
        dns: [8.8.8.8]
        internalDns: [10.130.208.2]
        staging: {{url: "nfs://10.130.208.55/two"}}
        waitForSystemVms: false
        physicalNetworks:
          all:
            traffic:
              Management: {{kvm: cloudbr0}}
              Guest: {{kvm: cloudbr0}}
        guestNetwork: {{offering: DefaultSharedNetworkOfferingWithSGService, displayText: Guests of zone2}}
        pods:
          pod2: {{gateway: 10.130.220.1, netmask: 255.255.255.0, startIp: 10.130.220.200, endIp: 10.130.220.219}}
"""


@dataclass(frozen=True)
class WholeSite:
    """The systems, and the project of an operator."""

    site: Site
    cloudstack: RunningCloudStack
    swift: RunningSwift

    def volume(self, **changes: Any) -> None:
        """Change the volume as another administrator would."""
        path = f"/api/storage/volumes/{self.site.volume()['uuid']}"
        answer = self.site.ontap.request("PATCH", path, json=changes, params={"return_timeout": 15})
        assert answer.status_code < 300, answer.text

    def policy(self, path: str, **changes: Any) -> None:
        """Change the export policy of the volume, or what lies under it."""
        names = {"name": "images"}
        policies = "/api/protocols/nfs/export-policies"
        (one,) = self.site.ontap.request("GET", policies, params=names).json()["records"]
        answer = self.site.ontap.request("PATCH", f"{policies}/{one['id']}{path}", json=changes)
        assert answer.status_code < 300, answer.text

    def row(self, table: str, name: str | None = None) -> dict[str, Any]:
        """A record of CloudStack itself: the only one of a table, or the one of that name. What is changed there has moved."""
        rows = self.cloudstack.emulator.system.rows(table)
        (found,) = [row for row in rows if name is None or row.get("name") == name]
        return found


@contextmanager
def running(folder: Path, stack: str = STACK) -> Iterator[WholeSite]:
    """Every system, with nothing in it, and a stack that has nothing yet. `stack` may declare more than `STACK`."""
    with (
        ontap.running(folder / "ontap", RealClock()) as cluster,
        cloudstack.running(folder / "cloudstack", RealClock()) as server,
        swift.running(folder / "swift") as account,
    ):
        known = {
            "endpoint": server.endpoint,
            "auth_url": account.auth_url,
            "other": account.user2,
            "reseller": account.reseller,
        }
        site = Site(cluster, new_project(folder / "project", stack.format(**known)))
        site.point()
        for name, value in (
            ("api", server.api_key),
            ("secret", server.secret_key),
            ("other", account.key2),
            ("reseller", account.reseller_key),
            ("temp_url_key", "canary-of-the-temporary-urls"),
        ):
            (site.project.folder / name).write_text(f"{value}\n")
        yield WholeSite(site, server, account)
