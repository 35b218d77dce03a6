"""The virtual machine: QEMU's command line, its overlay disk, and its life.

Pure emulation by default: /dev/kvm may be there and still crash guests. The disk is an overlay over the shared
image, so that a guest is made anew in no time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import addresses
from lab.addresses import GuestAddress
from lab.failures import LabFailure, last_lines
from lab.guest import qmp
from lab.guest.image import Image
from lab.processes import Identity, alive, end, record, recorded, start, wait_until, with_command_line

PROGRAM = "qemu-system-x86_64"
MEMORY_MIB = 1024


@dataclass(frozen=True)
class Ports:
    """Where on the machine's loopback the guest's services are found, and where ganesha listens."""

    ssh: int
    glance: int
    nfs: int


class Machine:
    """One guest in its folder `directory`, which holds overlay, seed disk, console log and QMP socket."""

    def __init__(self, guest: GuestAddress, directory: Path) -> None:
        self.guest = guest
        self.directory = directory
        self.console = directory / "console.log"
        self._log = directory / "qemu.log"
        self._overlay = directory / "overlay.qcow2"
        self._process = directory / "process.json"

    @property
    def process(self) -> Identity | None:
        """The running QEMU, or None."""
        return recorded(self._process)

    def renew_disk(self) -> None:
        """The next start begins with the untouched image."""
        self._overlay.unlink(missing_ok=True)

    def start(self, image: Image, ports: Ports, *, kvm: bool = False) -> None:
        """Start QEMU; the guest needs some more seconds until it answers."""
        for needed in (PROGRAM, "qemu-img", "socat"):
            if shutil.which(needed) is None:
                raise LabFailure(
                    f"The guest needs {needed}, which is not installed; `make setup` installs it."
                )
        if not self._overlay.exists():
            backing = str(image.disk.resolve())
            create = [
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                "raw",
                "-b",
                backing,
                str(self._overlay),
            ]
            subprocess.run(create, check=True)
        self._log.write_bytes(b"")
        process = start(command_line(self.guest, image, ports, kvm=kvm), self._log, self.directory)
        record(self._process, process)
        if wait_until(lambda: not alive(process), 0.5, every=0.05):
            raise LabFailure(
                f"The guest {self.guest.name}: QEMU ended at once. Its last words:\n{last_lines(self._log)}\n"
                f"The whole log is {self._log}."
            )

    def stop(self, ports: Ports, *, power_button: float) -> Identity | None:
        """End the guest and return what was ended; with `power_button` > 0 it gets so many seconds to shut down."""
        process = self.process
        if process is not None:
            if power_button > 0 and qmp.say(self._qmp, qmp.POWER_BUTTON):
                wait_until(lambda: not alive(process), power_button)
            end(process, grace=5)
        self._process.unlink(missing_ok=True)
        end_relays(self.guest, ports)
        return process

    def press_reset(self) -> bool:
        """The reset button: no shutdown, nothing synchronised."""
        return qmp.say(self._qmp, qmp.RESET)

    @property
    def _qmp(self) -> Path:
        return self.directory / "qmp.sock"


def relay(guest: GuestAddress, nfs_port: int) -> list[str]:
    """What QEMU starts for each NFS connection of the guest; the source address tells ganesha which guest it is."""
    return ["socat", "-", f"TCP:127.0.0.1:{nfs_port},bind={guest.seen_as}"]


def end_relays(guest: GuestAddress, ports: Ports) -> None:
    """Relays end by themselves when QEMU does; one that hangs on is ended. The port makes them this lab's own."""
    command = relay(guest, ports.nfs)
    if not wait_until(lambda: not with_command_line(command), 3, every=0.1):
        for each in with_command_line(command):
            end(each, grace=1)


def command_line(guest: GuestAddress, image: Image, ports: Ports, *, kvm: bool = False) -> Sequence[str]:
    """QEMU's arguments; file names without a directory are in the machine's folder."""
    acceleration = ["-accel", "kvm", "-cpu", "host"] if kvm else [*_EMULATION, "-cpu", "max"]
    return [
        *(PROGRAM, "-name", f"lab-{guest.name}", "-M", "q35", *acceleration),
        *("-m", str(MEMORY_MIB), "-smp", str(min(2, os.cpu_count() or 1))),
        *("-nodefaults", "-display", "none", "-serial", "file:console.log"),
        *("-qmp", "unix:qmp.sock,server=on,wait=off"),
        *("-kernel", str(image.kernel.resolve()), "-initrd", str(image.initrd.resolve())),
        *("-append", f"root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet systemd.hostname={guest.name}"),
        # A crash of the machine itself may cost the overlay, which `reset` makes again; flushing costs time always.
        *("-drive", "file=overlay.qcow2,format=qcow2,if=virtio,cache=unsafe"),
        *("-drive", "file=seed.tar,format=raw,if=virtio,readonly=on"),
        *("-netdev", _network(guest, ports), "-device", "virtio-net-pci,netdev=lan,romfile="),
        *("-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng"),
    ]


_EMULATION = ("-accel", "tcg,thread=multi,tb-size=512")


def _network(guest: GuestAddress, ports: Ports) -> str:
    """User-mode network: the seed's addresses inside, nothing but the loopback outside, NFS on its standard port."""
    # A comma inside a value is written twice.
    command = " ".join(relay(guest, ports.nfs)).replace(",", ",,")
    return ",".join(
        (
            f"user,id=lan,net={addresses.NETWORK},host={addresses.ROUTER},dhcpstart={guest.address},restrict=on",
            f"hostfwd=tcp:127.0.0.1:{ports.ssh}-{guest.address}:22",
            f"hostfwd=tcp:127.0.0.1:{ports.glance}-{guest.address}:9292",
            f"guestfwd=tcp:{addresses.DATA_LIF}:{addresses.NFS_PORT}-cmd:{command}",
        )
    )
