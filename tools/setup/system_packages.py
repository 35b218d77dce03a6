"""Step: Debian packages, installed only where one is missing, and without starting a service."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands, machine
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress
from tools.setup.refusal import SetupRefused

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# Strata's set-up is installing packages: start no service\nexit 101\n"
NOT_AT_BOOT = {
    "memcached": ["memcached.service"],
    "nfs-ganesha": ["nfs-ganesha.service"],
    "rpcbind": ["rpcbind.service", "rpcbind.socket"],
}
"""The lab starts its own servers on ports of their own; second ones at boot would be nobody's."""

APT = ["apt-get", "-qy", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"]


def parse_list(text: str) -> list[str]:
    """The names in a list file: one a line, `#` begins a comment."""
    names = (line.partition("#")[0].strip() for line in text.splitlines())
    return [name for name in names if name]


def parse_installed(text: str) -> set[str]:
    """The names of `dpkg-query -W -f '${db:Status-Status} ${Package}\\n'` that are installed."""
    rows = (line.split() for line in text.splitlines())
    return {row[1] for row in rows if len(row) == 2 and row[0] == "installed"}


@dataclass(frozen=True)
class SystemPackages:
    """Every package of system-packages.txt is installed."""

    checkout: Checkout
    title: str = "system packages"

    def finished(self) -> str | None:
        wanted = self._wanted()
        return None if self._missing(wanted) else f"all {len(wanted)}"

    def run(self, progress: Progress) -> str:
        missing = self._missing(self._wanted())
        brought_along = self._missing(NOT_AT_BOOT)
        progress.note(f"installing {', '.join(missing)}")
        self._apt(progress, "reading Debian's package lists", ["update"])
        with self._no_service_starts():
            self._apt(progress, "installing", ["install", "--no-install-recommends", *missing])
        if units := [unit for package in brought_along for unit in NOT_AT_BOOT[package]]:
            self._keep_from_boot(progress, units)
        return f"{len(missing)} installed"

    def _keep_from_boot(self, progress: Progress, units: list[str]) -> None:
        if shutil.which("systemctl"):
            self._as_root(["systemctl", "disable", "--quiet", *units])
            progress.note(f"{', '.join(units)} came along and will not start at boot")

    def _wanted(self) -> list[str]:
        return parse_list(self.checkout.system_packages.read_text())

    def _missing(self, wanted: Iterable[str]) -> list[str]:
        if not shutil.which("dpkg-query") or not shutil.which("apt-get"):
            raise SetupRefused(
                "this is not a Debian system, and set-up knows no other's packages",
                f"use Debian 12, or a container of it; {self.checkout.system_packages} lists them",
            )
        wanted = list(wanted)
        # dpkg-query ends with 1 when it doesn't know one of the names: that is an answer, not a failure.
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *wanted],
            capture_output=True,
            text=True,
            check=False,
        )
        installed = parse_installed(answer.stdout)
        return [name for name in wanted if name not in installed]

    def _apt(self, progress: Progress, what: str, arguments: list[str]) -> None:
        last = [""]

        def remember(line: str) -> None:
            last[0] = line.strip() or last[0]

        try:
            commands.run(
                self._privileged(["env", "DEBIAN_FRONTEND=noninteractive", *APT, *arguments]),
                on_line=remember,
                on_second=lambda: progress.tick(f"{what}: {last[0][:60]}" if last[0] else what),
            )
        except commands.CommandFailed as error:
            raise SetupRefused(
                f"apt-get {arguments[0]} {error.ended}",
                "check the network, this user's rights and /etc/apt/sources.list, then run make setup again",
                answer=error.answer,
            ) from error

    @contextmanager
    def _no_service_starts(self) -> Iterator[None]:
        """Debian asks policy-rc.d before a package starts its service; an administrator's file is left alone."""
        if POLICY.exists() and POLICY.read_text() != POLICY_TEXT:
            yield
            return
        self.checkout.cache.mkdir(exist_ok=True)
        prepared = self.checkout.cache / POLICY.name
        prepared.write_text(POLICY_TEXT)
        self._as_root(["install", "-m", "755", str(prepared), str(POLICY)])
        try:
            yield
        finally:
            self._as_root(["rm", "-f", str(POLICY)])
            prepared.unlink(missing_ok=True)

    def _privileged(self, argv: list[str]) -> list[str]:
        return machine.as_root(argv, purpose="installing Debian packages")

    def _as_root(self, argv: list[str]) -> None:
        subprocess.run(self._privileged(argv), check=False, stdout=subprocess.DEVNULL)
