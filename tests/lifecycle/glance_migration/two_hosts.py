"""Two hosts of one Glance: the move and the stores of both, and what is asked of both at once."""

from __future__ import annotations

from dataclasses import dataclass

from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.kinds.glance_image_migration import ImageMigration
from tests.lifecycle.glance_migration.site import CONF, INPUTS, NEW, Declared, Hosts, Site, quick


@dataclass
class Pair:
    first: Site
    second: Site

    def hosts(self) -> Hosts:
        return Hosts(one=self.first, two=self.second)

    def declared(self) -> Declared:
        kind = ImageMigration(self.hosts(), {})
        return Declared(kind, {**INPUTS, "hosts": ["one", "two"]}, "glance", quick())

    def stores(self) -> list[Declared]:
        return [
            Declared(
                FilesystemStore(self.hosts()),
                {"host": one, "directory": NEW, "mount": NEW, "movedBy": "one"},
                f"glance-{one}",
                quick(),
            )
            for one in ("one", "two")
        ]

    def running(self) -> list[bool]:
        services = [one.host.state()["services"]["glance-api"] for one in (self.first, self.second)]
        return [service["active"] for service in services]

    def acts(self) -> list[list[str]]:
        verbs = ("stop", "start", "restart", "try-restart")
        return [
            [
                line
                for line in one.host.systemctl_log()
                if line.split()[0] in verbs and line.endswith("glance-api")
            ]
            for one in (self.first, self.second)
        ]

    def files(self) -> list[bytes]:
        return [one.path(CONF).read_bytes() for one in (self.first, self.second)]
