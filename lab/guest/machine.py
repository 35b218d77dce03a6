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
BOOTED = "booted"
"""The snapshot of a guest's first boot, when Glance answers for the first time."""


@dataclass(frozen=True)
class Ports:
    """Where on the machine's loopback the guest's services are found, and where ganesha and CloudStack's records are.

    Only the first guest is a management server: `management` is where its port 8080 is found.
    """

    ssh: int
    glance: int
    nfs: int
    management: int | None = None
    records: int | None = None


class Machine:
    """One guest in its folder `directory`, which holds overlay, seed disk, console log and QMP socket."""

    def __init__(self, guest: GuestAddress, directory: Path) -> None:
        self.guest = guest
        self.directory = directory
        self.console = directory / "console.log"
        self._log = directory / "qemu.log"
        self._overlay = directory / "overlay.qcow2"
        self._process = directory / "process.json"
        self._image = directory / "image"  # the image that the overlay stands on
        self._booted = directory / "booted"  # what the snapshot was made of

    @property
    def process(self) -> Identity | None:
        """The running QEMU, or None."""
        return recorded(self._process)

    def start(self, image: Image, ports: Ports, *, kvm: bool = False, anew: bool = False) -> bool:
        """Start QEMU on the machine's disk; the guest needs some more seconds until it answers.

        With `anew` all that the guest ever did is undone: it goes on from the snapshot of its first boot, which takes
        a second, or boots from a new disk. Returns whether this is a first boot.
        """
        for needed in (PROGRAM, "qemu-img", "socat"):
            if shutil.which(needed) is None:
                raise LabFailure(
                    f"The guest needs {needed}, which is not installed; `make setup` installs it."
                )
        if anew and self._snapshot_of(image, kvm):
            try:
                self._run([*command_line(self.guest, image, ports, kvm=kvm), "-loadvm", BOOTED])
                return False
            except LabFailure:  # another QEMU than the one that made it may refuse a snapshot
                self.renew_disk()
        if anew:
            self.renew_disk()
        first = not self.has_disk
        if first:
            self._new_disk(image)
        # A disk that was made over an earlier image needs that image's kernel.
        self._run(command_line(self.guest, self._image_of_disk(), ports, kvm=kvm))
        return first

    @property
    def has_disk(self) -> bool:
        """Whether it was started before and its disk is still there."""
        return self._overlay.exists() and self._image.exists()

    def renew_disk(self) -> None:
        """The next start begins with the untouched image."""
        for path in (self._overlay, self._booted):
            path.unlink(missing_ok=True)

    def keep_snapshot(self, image: Image, *, kvm: bool) -> None:
        """Keep disk and memory as they are now for `start(anew=True)`; half a second, 400 MB in the overlay."""
        if self.keep(BOOTED):
            self._booted.write_text(_made_of(image, kvm), encoding="utf-8")

    def keep(self, name: str) -> bool:
        """Keep disk and memory of the running guest under a name of the caller's; whether QEMU did."""
        return qmp.say(self._qmp, qmp.MONITOR, {"command-line": f"savevm {name}"})

    def go_back(self, name: str = BOOTED) -> bool:
        """The running guest goes on from what was kept; what it did since never was. False when nothing was kept."""
        return qmp.say(self._qmp, qmp.MONITOR, {"command-line": f"loadvm {name}"})

    def forget(self, name: str) -> bool:
        """Give the room of what was kept back."""
        return qmp.say(self._qmp, qmp.MONITOR, {"command-line": f"delvm {name}"})

    def _snapshot_of(self, image: Image, kvm: bool) -> bool:
        return self._booted.exists() and self._booted.read_text(encoding="utf-8") == _made_of(image, kvm)

    def _new_disk(self, image: Image) -> None:
        backing = str(image.disk.resolve())
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", backing, str(self._overlay)]
        subprocess.run(create, check=True)
        self._image.write_text(str(image.directory.resolve()), encoding="utf-8")

    def _image_of_disk(self) -> Image:
        image = Image(Path(self._image.read_text(encoding="utf-8")))
        if not image.disk.exists():
            raise LabFailure(
                f"The guest {self.guest.name}: its disk belongs to an image that is gone, {image.directory}. "
                "`strata lab reset` makes a new one."
            )
        return image

    def _run(self, command: Sequence[str]) -> None:
        self._log.write_bytes(b"")
        process = start(command, self._log, self.directory)
        record(self._process, process)
        if wait_until(lambda: not alive(process), 0.5, every=0.05):
            raise LabFailure(
                f"The guest {self.guest.name}: QEMU ended at once. Its last words:\n{last_lines(self._log)}\n"
                f"The whole log is {self._log}."
            )

    def stop(self, ports: Ports) -> Identity | None:
        """Pull the plug and return what was ended; a guest to be shut down properly has been told before."""
        process = self.process
        if process is not None:
            end(process, grace=5)
        self._process.unlink(missing_ok=True)
        end_relays(self.guest, ports)
        return process

    def press_power_button(self) -> bool:
        """The guest's systemd shuts down and QEMU ends; False when QEMU does not hear it."""
        return qmp.say(self._qmp, qmp.POWER_BUTTON)

    def press_reset(self) -> bool:
        """The reset button: no shutdown, nothing synchronised."""
        return qmp.say(self._qmp, qmp.RESET)

    @property
    def _qmp(self) -> Path:
        return self.directory / "qmp.sock"


def _made_of(image: Image, kvm: bool) -> str:
    """A snapshot holds the memory of one kernel on one kind of processor."""
    return f"{image.directory.resolve()} {'kvm' if kvm else PROCESSOR}"


def relay(guest: GuestAddress, port: int) -> list[str]:
    """What QEMU starts for each connection out of the guest; the source address tells ganesha which guest it is.

    QEMU talks to it over a TCP connection, too: without `nodelay` an answer in two parts takes 40 ms longer.
    """
    return ["socat", "-,nodelay", f"TCP:127.0.0.1:{port},bind={guest.seen_as},nodelay"]


def end_relays(guest: GuestAddress, ports: Ports) -> None:
    """Relays end by themselves when QEMU does; one that hangs on is ended. The port makes them this lab's own."""
    commands = [relay(guest, port) for port in (ports.nfs, ports.records) if port is not None]

    def running() -> list[Identity]:
        return [each for command in commands for each in with_command_line(command)]

    if not wait_until(lambda: not running(), 3, every=0.1):
        for each in running():
            end(each, grace=1)


def command_line(guest: GuestAddress, image: Image, ports: Ports, *, kvm: bool = False) -> Sequence[str]:
    """QEMU's arguments; file names without a directory are in the machine's folder."""
    acceleration = ("-accel", "kvm", "-cpu", "host") if kvm else _EMULATION
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


PROCESSOR = "max,avx=off,avx2=off"
"""OpenSSL takes the widest registers there are, which pays on a processor; emulated, SHA-512 takes twice as long with them."""

_EMULATION = ("-accel", "tcg,thread=multi,tb-size=512", "-cpu", PROCESSOR)


def _network(guest: GuestAddress, ports: Ports) -> str:
    """User-mode network: the seed's addresses inside, nothing but the loopback outside.

    Out of the guest go NFS on its standard port and, from the management server, what it asks of its records.
    """
    parts = [
        f"user,id=lan,net={addresses.NETWORK},host={addresses.ROUTER},dhcpstart={guest.address},restrict=on",
        f"hostfwd=tcp:127.0.0.1:{ports.ssh}-{guest.address}:22",
        f"hostfwd=tcp:127.0.0.1:{ports.glance}-{guest.address}:9292",
    ]
    if ports.management is not None:
        parts.append(f"hostfwd=tcp:127.0.0.1:{ports.management}-{guest.address}:{addresses.MANAGEMENT_PORT}")
    parts.append(_way_out(guest, f"{addresses.DATA_LIF}:{addresses.NFS_PORT}", ports.nfs))
    if ports.records is not None:
        parts.append(_way_out(guest, f"{addresses.RECORDS}:{addresses.MANAGEMENT_PORT}", ports.records))
    return ",".join(parts)


def _way_out(guest: GuestAddress, target: str, port: int) -> str:
    # A comma inside a value is written twice.
    command = " ".join(relay(guest, port)).replace(",", ",,")
    return f"guestfwd=tcp:{target}-cmd:{command}"
