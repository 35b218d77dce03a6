"""The Glance host of a lab: keys, ports, the guest's life, and a way in by SSH."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from lab.addresses import GUESTS, GuestAddress
from lab.failures import LabFailure, last_lines
from lab.folder import Folder, read, read_port, write
from lab.guest.image import Image
from lab.guest.keys import KeyPair, new_key_pair, write_seed
from lab.guest.machine import BOOTED, Machine, Ports
from lab.ports import LOOPBACK, free_port
from lab.processes import Identity, alive, wait_until

SERVICE = "cloudstack-management"
_BOOT_SECONDS = 180.0
_TRIAL_SECONDS = 45.0
_SHUTDOWN_SECONDS = 30.0


@dataclass(frozen=True)
class Ran:
    """How a command on the guest ended."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class Boot:
    """A start of a guest: its image, whether with KVM, and whether its disk was new."""

    image: Image
    kvm: bool
    first: bool


class Host:
    """One guest of the lab in `folder`."""

    def __init__(self, folder: Folder, guest: GuestAddress) -> None:
        self.guest = guest
        self.directory = folder.host(guest)
        self.machine = Machine(guest, self.directory)
        self._folder = folder

    @property
    def process(self) -> Identity | None:
        """The running QEMU, or None."""
        return self.machine.process

    def start(self, image: Image, *, kvm: bool = False, anew: bool = False) -> Boot:
        """Start the guest on its disk, or with `anew` as if it had never been used. It answers some time later."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._write_keys()
        self._write_addresses()
        tried = self._start_with_kvm(image, anew) if kvm else None
        return tried or Boot(image, kvm=False, first=self.machine.start(image, self.ports, anew=anew))

    def settle(self, boot: Boot) -> None:
        """When the guest answers: set its clock, which stood still in a snapshot, and after a first boot make one."""
        self.ssh(f"date -s @{time.time():.3f}", timeout=15)
        if boot.first:
            self.machine.keep_snapshot(boot.image, kvm=boot.kvm)

    def go_back(self, name: str = BOOTED) -> None:
        """The guest goes on from what `machine.keep(name)` kept, with the time of day; by default from its first boot.

        What was mounted then from NFS must be mounted anew: the server knows no guest that goes back in time.
        """
        if not self.machine.go_back(name):
            raise LabFailure(
                f'The guest {self.guest.name} has nothing to go back to that is called "{name}".'
            )
        self.wait_for_ssh()
        self.ssh(f"date -s @{time.time():.3f}", timeout=15)

    def stop(self, *, shutdown: float = _SHUTDOWN_SECONDS) -> Identity | None:
        """Shut it down within so many seconds, or with 0 pull its plug; returns what was ended."""
        if self.ports_or_none is None:
            return None
        process = self.process
        if process is not None and shutdown > 0:
            self._shut_down(process, shutdown)
        return self.machine.stop(self.ports) or process

    def _shut_down(self, process: Identity, seconds: float) -> None:
        """By the power button; a guest that does not mind it is told by SSH."""
        if self.machine.press_power_button() and wait_until(lambda: not alive(process), seconds / 3, 0.1):
            return
        if self.answers():
            self.ssh("systemctl poweroff", timeout=15)
        wait_until(lambda: not alive(process), seconds * 2 / 3, 0.1)

    def reboot(self) -> None:
        """Reboot as an operator would, and by the reset button when SSH does not answer; waits until it has begun."""
        before = self.ssh("cat /proc/sys/kernel/random/boot_id", timeout=15)
        # systemd may close the connection before the command has ended.
        asked = before.code == 0 and self.ssh("systemctl reboot", timeout=15).code in (0, 255)
        if not asked and not self.machine.press_reset():
            raise LabFailure(f"The guest {self.guest.name} cannot be rebooted: it is not running.")
        self._wait(
            lambda: not self._same_boot(before.output), _BOOT_SECONDS, "did not go down for the reboot"
        )

    def reset(self) -> bool:
        """The reset button: no shutdown, nothing written out. False when the guest is not running."""
        before = self.ssh("cat /proc/sys/kernel/random/boot_id", timeout=15)
        if self.process is None or not self.machine.press_reset():
            return False
        self._wait(lambda: not self._same_boot(before.output), _BOOT_SECONDS, "did not go down for the reset")
        return True

    def wait_for_ssh(self) -> None:
        """Until SSH answers and lets us in."""
        self._wait(self.answers, _BOOT_SECONDS, "does not answer on SSH")
        ran = self.ssh("true", timeout=30)
        if ran.code != 0:
            raise LabFailure(f"The guest {self.guest.name} refuses our key: {ran.errors.strip()}")

    def wait_for_glance(self) -> None:
        """Until Glance answers /v2/images with 200."""
        self._wait(self.glance_answers, _BOOT_SECONDS, f"does not answer at {self.glance_url}")

    def service(self, verb: str) -> None:
        """`systemctl VERB cloudstack-management`, as an operator would type it."""
        ran = self.ssh(f"systemctl {verb} {SERVICE}")
        if ran.code != 0:
            hint = " `strata lab reset` makes a guest that has it." if "not found" in ran.errors else ""
            raise LabFailure(
                f"The guest {self.guest.name}: systemctl {verb} {SERVICE} ended with {ran.code}:"
                f" {ran.errors.strip()}{hint}"
            )

    def wait_for_management(self, answers: Callable[[], bool]) -> None:
        """Until the management server answers, started if it was stopped."""
        if not answers():
            self.service("start")
        self._wait(answers, _BOOT_SECONDS, "does not answer for CloudStack on its port 8080")

    def answers(self) -> bool:
        """Whether its SSH server greets: QEMU accepts connections before the guest does."""
        with contextlib.suppress(OSError):
            with socket.create_connection((LOOPBACK, self.ports.ssh), timeout=2) as connection:
                return connection.recv(4) == b"SSH-"
        return False

    def glance_answers(self) -> bool:
        """Whether Glance lists images."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.glance_url}/v2/images", timeout=3, trust_env=False).status_code == 200
        return False

    def ssh(self, command: str, *, user: str = "root", timeout: float = 60, stdin: str = "") -> Ran:
        """Run a shell command on the guest with the machine's own ssh client."""
        options = {
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(self.directory / "known_hosts"),
            "ConnectTimeout": "10",
            "BatchMode": "yes",
            "LogLevel": "ERROR",
        }
        line = ["ssh", "-F", "none", "-i", str(self.directory / "key"), "-p", str(self.ports.ssh)]
        line += [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        try:
            ran = subprocess.run(
                [*line, f"{user}@{LOOPBACK}", command],
                input=stdin,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ran(255, "", f"no answer within {timeout:g} s")
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    @property
    def glance_url(self) -> str:
        """Glance's address on the machine's loopback."""
        return read(self._folder.glance_url(self.guest)) or ""

    @property
    def ports(self) -> Ports:
        """Where its services are found."""
        ports = self.ports_or_none
        if ports is None:
            raise LabFailure(f"The guest {self.guest.name} was never started in this lab: bring it up first.")
        return ports

    @property
    def ports_or_none(self) -> Ports | None:
        """None before the first start."""
        ssh, glance = read_port(self.directory / "port"), read_port(self.directory / "glance_port")
        nfs = read_port(self._folder.nfs / "port")
        if not (ssh and glance and nfs):
            return None
        management = read_port(self.directory / "management_port")
        return Ports(ssh, glance, nfs, management, self._records_port if management else None)

    @property
    def is_management_server(self) -> bool:
        """The first guest is; its service is CloudStack's."""
        return self.guest == GUESTS[0]

    @property
    def _records_port(self) -> int | None:
        return read_port(self._folder.cloudstack / "port")

    def _write_addresses(self) -> None:
        ssh = free_port(read_port(self.directory / "port"))
        glance = free_port(read_port(self.directory / "glance_port"))
        for name, value in (
            ("address", LOOPBACK),
            ("port", str(ssh)),
            ("user", "root"),
            ("glance_port", str(glance)),
        ):
            write(self.directory / name, value)
        if self.is_management_server:
            management = free_port(read_port(self.directory / "management_port"))
            write(self.directory / "management_port", str(management))
        write(self.directory / "known_hosts", f"[{LOOPBACK}]:{ssh} {read(self.directory / 'host_key')}")
        write(self._folder.glance_url(self.guest), f"http://{LOOPBACK}:{glance}")

    def _write_keys(self) -> None:
        """One key opens all guests of a lab; each guest has a host key of its own. Both outlive a reset."""
        host_key = self.directory / "host_key_private"
        if not host_key.exists():
            host = new_key_pair(self.guest.name)
            write(self.directory / "host_key", " ".join(host.public.split()[:2]))
            write(host_key, host.private, secret=True)
        key = self._folder.host(GUESTS[0]) / "key"
        if not key.exists():
            pair = new_key_pair("strata-lab")
            write(key.with_name("key.pub"), pair.public)
            write(key, pair.private, secret=True)
        if key.parent != self.directory:
            write(self.directory / "key", key.read_text("utf-8"), secret=True)
        public = key.with_name("key.pub").read_text("utf-8")
        pair = KeyPair(
            host_key.read_text("utf-8"), f"{read(self.directory / 'host_key')} {self.guest.name}\n"
        )
        password = read(self._folder.cloudstack / "password") if self.is_management_server else None
        write_seed(self.directory / "seed.tar", self.guest, GUESTS, pair, public, password)

    def _start_with_kvm(self, image: Image, anew: bool) -> Boot | None:
        """A trial: /dev/kvm can be there, and the guest or QEMU itself still end by it. None when it did not work."""
        unused = anew or not self.machine.has_disk
        with contextlib.suppress(LabFailure):
            first = self.machine.start(image, self.ports, kvm=True, anew=anew)
            process = self.process
            wait_until(lambda: self.answers() or not alive(process), _TRIAL_SECONDS, every=0.3)
            if self.answers():
                return Boot(image, kvm=True, first=first)
        self.stop(shutdown=0)
        if unused:
            self.machine.renew_disk()
        return None

    def _same_boot(self, boot_id: str) -> bool:
        return (
            self.answers() and self.ssh("cat /proc/sys/kernel/random/boot_id", timeout=15).output == boot_id
        )

    def _wait(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        process = self.process
        if wait_until(lambda: condition() or not alive(process), seconds, every=0.25) and alive(process):
            return
        ended = "" if alive(process) else " (QEMU has ended)"
        raise LabFailure(
            f"The guest {self.guest.name} {what}{ended}. The last words of its console:\n"
            f"{last_lines(self.machine.console)}\nThe whole console is in {self.machine.console}."
            " Where what was done on it keeps it from coming up, `strata lab reset` makes an untouched guest."
        )
