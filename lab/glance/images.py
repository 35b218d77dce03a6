"""Images in the Glance of a lab's guest: put there by the hundred, and found again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.failures import LabFailure
from lab.glance import population
from lab.glance.population import Specimen
from lab.guest.recipe import MARIADB_CONNECTION
from lab.host import Host

CONFIG: Final = "/etc/glance/glance-api.conf"
STORE: Final = "/var/lib/glance/images"
_PROGRAM: Final = "/root/strata-lab-population.py"
_SECONDS: Final = 600.0


@dataclass(frozen=True)
class Images:
    """What Glance on that guest has, by its own configuration and database."""

    host: Host

    def register(self, wanted: Sequence[Specimen], directory: str = STORE) -> dict[str, str]:
        """Make them, all active; returns the SHA-512 of each by id. Two gigabytes take half a minute."""
        made = [population.recorded(one) for one in wanted]
        self._run("register", directory, json.dumps(made))
        return {one.id: one.sha512 for one in made}

    def remove(self, directory: str = STORE) -> None:
        """Every image that Glance knows and every file of the directory."""
        self._run("remove", directory)

    def locations(self) -> dict[str, str]:
        """Image -> the location in the database."""
        found: dict[str, str] = json.loads(self._run("locations", STORE))
        return found

    def use_mariadb(self) -> None:
        """Glance's records are in MariaDB from now on, beginning with none; returns when Glance answers."""
        connection = MARIADB_CONNECTION.replace("&", r"\&")
        self._succeed(
            f"systemctl start mariadb && sed -i 's#^connection = .*#connection = {connection}#' {CONFIG}"
            " && systemctl restart glance-api"
        )
        self.host.wait_for_glance()

    def _run(self, command: str, directory: str, stdin: str = "") -> str:
        text = Path(population.__file__).read_text(encoding="utf-8")
        self._succeed(f"cat > {_PROGRAM}", text)
        return self._succeed(f"python3 {_PROGRAM} {command} {CONFIG} {directory}", stdin)

    def _succeed(self, command: str, stdin: str = "") -> str:
        ran = self.host.ssh(command, timeout=_SECONDS, stdin=stdin)
        if ran.code != 0:
            raise LabFailure(
                f"The guest {self.host.guest.name}: `{command}` ended with {ran.code}: {ran.errors.strip()}"
            )
        return ran.output
