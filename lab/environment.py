"""One lab: its parts brought up, down and back to the beginning. `strata lab` and the tests call this.

Whatever it starts is recorded in `.lab/<name>/`, and only what is recorded is ever ended.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from lab.addresses import DATA_LIF, GUESTS
from lab.cluster import Cluster
from lab.failures import LabFailure
from lab.folder import DEFAULT, ERAS, PARTS, Folder, Wanted, command_line, read_port, write
from lab.guest.image import cached_image
from lab.host import Boot, Host, Ran
from lab.management import Management
from lab.nfs.server import Ganesha
from lab.ports import LOOPBACK, answers, free_port
from lab.processes import Identity
from lab.status import status_of
from lab.swift.server import Swift

Progress = Callable[[str, str], None]
"""Called with a part's name and what it is doing or has reached."""

ROOT = Path(__file__).resolve().parents[1]


def silent(_part: str, _words: str) -> None:
    """Progress that nobody sees."""


class Lab:
    """The lab `name` of the checkout at `root`."""

    def __init__(self, name: str = DEFAULT, root: Path = ROOT) -> None:
        self.name = name
        self.folder = Folder(name, root)
        self.cluster = Cluster(self.folder.ontap, ROOT)
        self.ganesha = Ganesha(self.folder.nfs)
        self.swift = Swift(self.folder.swift)
        self.management = Management(self.folder.cloudstack, ROOT, self.folder.ontap / "exports.json")

    @property
    def hosts(self) -> list[Host]:
        """The guests that the last `up` asked for."""
        wanted = self.folder.wanted or Wanted()
        return self._hosts(wanted)

    @property
    def host(self) -> Host:
        """The first guest, tkstack."""
        return Host(self.folder, GUESTS[0])

    def up(
        self,
        progress: Progress = silent,
        *,
        parts: Sequence[str] = PARTS,
        guests: int = 1,
        kvm: bool = False,
        era: str = "modern",
    ) -> list[str]:
        """Start what does not run and wait until all of it answers; returns the parts that were started.

        The guest boots while the others start: it takes longest. With another `era` than before CloudStack becomes a
        server of that era, with the records it had when it last was one.
        """
        _check(parts, guests, era)
        with self._locked(progress):
            return self._up(progress, Wanted(tuple(parts), guests, kvm, era))

    def down(self, progress: Progress = silent) -> list[str]:
        """End every process of the lab and wait until all are gone; what they stored stays for the next `up`."""
        with self._locked(progress):
            return self._end(progress, shutdown=30)

    def reset(
        self, progress: Progress = silent, *, era: str | None = None, parts: Sequence[str] | None = None
    ) -> None:
        """Back to the beginning: a fresh guest, no volume, export, container or zone; addresses and keys stay.

        CloudStack becomes a server of `era`, without which it stays of the era it was; so do the parts that run.
        """
        with self._locked(progress):
            wanted = self.folder.wanted or Wanted(era=self.management.era or Wanted.era)
            wanted = replace(wanted, era=era or wanted.era, parts=tuple(parts or wanted.parts))
            _check(wanted.parts, wanted.guests, wanted.era)
            self._end(progress, shutdown=0)
            for part in (self.cluster, self.ganesha, self.swift, self.management):
                part.forget()
            self._up(progress, wanted, anew=True)

    def status(self) -> dict[str, Any]:
        """Each part's addresses and credentials, with "running" and "real"."""
        return status_of(self)

    @property
    def running(self) -> bool:
        """Whether everything that the last `up` asked for runs."""
        if self.folder.wanted is None:
            return False
        status = self.status()
        wanted = self.folder.wanted.parts
        return all(status[each]["running"] for each in wanted) and (
            "host" not in wanted or status["glance"]["running"]
        )

    @property
    def up_command(self) -> str:
        """What starts it: a reader of a message repeats it, and it has to be this lab that starts."""
        return command_line(self.name, "up")

    def ssh(self, command: str, *, user: str = "root", timeout: float = 60) -> Ran:
        """Run a shell command on the first guest."""
        return self.host.ssh(command, user=user, timeout=timeout)

    def ontap(self, timeout: float = 10) -> httpx.Client:
        """A client for the emulator's REST API and its control interface below /_lab/."""
        if self.cluster.process is None:
            raise LabFailure(
                f'The ONTAP emulator of lab "{self.name}" is not running; `{self.up_command}` starts it.'
            )
        return self.cluster.client(timeout)

    def cloudstack(self, timeout: float = 10) -> httpx.Client:
        """A client for the CloudStack emulator's control interface below /_lab/, even while its API is down."""
        if self.management.process is None:
            raise LabFailure(
                f'The CloudStack emulator of lab "{self.name}" is not running; `{self.up_command}` starts it.'
            )
        return self.management.client(timeout)

    @property
    def management_host(self) -> Host | None:
        """The guest whose service is CloudStack's API; None when the last `up` asked for no such guest."""
        return next((each for each in self.hosts if each.is_management_server), None)

    def stop_management(self) -> None:
        """Take CloudStack's API away, as an operator would: the service on the guest, or the process where there is none."""
        self.management.stop() if self.management_host is None else self.management_host.service("stop")

    def start_management(self) -> None:
        """Start it again, and wait until it answers."""
        if self.management_host is not None:
            self.management_host.wait_for_management(self.management.answers)
        elif self.management.process is None:
            self.management.start(self.management.era or Wanted.era)

    def restart_management(self) -> None:
        """Restart it, and wait until it answers: sessions are gone, settings that waited for it are in force."""
        if self.management_host is None:
            self.stop_management()
        else:
            self.management_host.service("restart")
        self.start_management()

    def _up(self, progress: Progress, wanted: Wanted, *, anew: bool = False) -> list[str]:
        self._choose_ports()
        self.folder.wanted = wanted
        before = self.management.era if self.management.process else None
        boots = self._start_guests(wanted, progress, anew)
        started = [*boots, *self._start_servers(wanted, progress)]
        switched = before is not None and "cloudstack" in started
        for each in self._hosts(wanted):
            tell = progress if each.guest.name in boots else silent
            each.wait_for_ssh()
            tell(each.guest.name, "SSH answers")
            each.wait_for_glance()
            tell(each.guest.name, "Glance answers GET /v2/images")
            if "cloudstack" in wanted.parts and each.is_management_server:
                self._wait_for_management(each, switched and each.guest.name not in boots)
                progress(
                    "cloudstack",
                    f"the management server ({wanted.era}) answers at {self.management.endpoint}",
                )
            if each.guest.name in boots:
                each.settle(boots[each.guest.name])
        return started

    def _wait_for_management(self, host: Host, switched: bool) -> None:
        """A server of another era is another program: the service begins anew."""
        if switched:
            host.service("restart")
        host.wait_for_management(self.management.answers)

    def _start_guests(self, wanted: Wanted, progress: Progress, anew: bool) -> dict[str, Boot]:
        waiting = [each for each in self._hosts(wanted) if each.process is None]
        if not waiting:
            return {}
        image = cached_image(self.folder.cache, lambda words: progress("host", words))
        boots = {}
        for each in waiting:
            boots[each.guest.name] = each.start(image, kvm=wanted.kvm, anew=anew)
            progress(each.guest.name, "guest is starting")
        if wanted.kvm and not all(boot.kvm for boot in boots.values()):
            progress("host", "KVM does not work here, so the guest is emulated")
            # Not tried again by `reset`, which then finds the emulated guest's snapshot.
            self.folder.wanted = replace(wanted, kvm=False)
        return boots

    def _start_servers(self, wanted: Wanted, progress: Progress) -> list[str]:
        started = []
        # One that runs and does not answer is of no use: it is started anew.
        if "ontap" in wanted.parts and not self.cluster.answers():
            self.cluster.stop()
            self.cluster.start()
            progress("ontap", "GET /api/cluster is answered")
            started.append("ontap")
        if "nfs" in wanted.parts and not (self.ganesha.process and answers(self.ganesha.port)):
            self.ganesha.stop()
            self.ganesha.start()
            progress("nfs", f"ganesha answers on {LOOPBACK} port {self.ganesha.port}")
            started.append("nfs")
        if "swift" in wanted.parts and not (self.swift.process and self.swift.answers()):
            self.swift.stop()
            self.swift.start()
            progress("swift", f"Swift answers at {self.swift.auth_url}")
            started.append("swift")
        if "cloudstack" in wanted.parts:
            started += self._start_management(wanted, progress)
        return started

    def _start_management(self, wanted: Wanted, progress: Progress) -> list[str]:
        hosts = [each for each in self._hosts(wanted) if each.is_management_server]
        self.management.found_at(hosts[0].ports.management if hosts else None)
        if self.management.has_records() and self.management.era == wanted.era:
            return []
        self.management.stop()
        self.management.start(wanted.era)
        progress("cloudstack", f"the records of the {wanted.era} server are there")
        return ["cloudstack"]

    def _end(self, progress: Progress, *, shutdown: float) -> list[str]:
        ended = []
        # Guests first: they write to NFS until they are down.
        for guest in GUESTS:
            process = Host(self.folder, guest).stop(shutdown=shutdown)
            if process is not None:
                ended.append(f"{guest.name} (QEMU, pid {process.pid})")
                progress(guest.name, "guest is down")
        # CloudStack before what its secondary storage VMs work on.
        ends: dict[str, Callable[[], Identity | None]] = {
            "cloudstack": self.management.stop,
            "ontap": self.cluster.stop,
            "nfs": self.ganesha.stop,
            "swift": self.swift.stop,
        }
        for part, stop in ends.items():
            process = stop()
            if process is not None:
                ended.append(f"{part} (pid {process.pid})")
                progress(part, "ended")
        self.folder.wanted = None
        return ended

    def _hosts(self, wanted: Wanted) -> list[Host]:
        return [Host(self.folder, each) for each in GUESTS[: wanted.guests]] if "host" in wanted.parts else []

    def _choose_ports(self) -> None:
        """A guest's relays know the ports from its start on; they are chosen only while nobody uses them."""
        guests = [Host(self.folder, each).process for each in GUESTS]
        if not any([self.ganesha.process, *guests]):
            port = free_port(read_port(self.folder.nfs / "port"))
            write(self.folder.nfs / "address", LOOPBACK)
            write(self.folder.nfs / "lif", DATA_LIF)
            write(self.folder.nfs / "port", str(port))
            self.ganesha.rewrite()
        if not any([self.management.process, *guests]):
            self.management.prepare()

    @contextmanager
    def _locked(self, progress: Progress) -> Iterator[None]:
        self.folder.path.mkdir(parents=True, exist_ok=True)
        with (self.folder.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("lab", "waiting for another command that works on this lab")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _check(parts: Sequence[str], guests: int, era: str) -> None:
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise LabFailure(f"There is no part {', '.join(unknown)}; there are: {', '.join(PARTS)}.")
    if not 1 <= guests <= len(GUESTS):
        raise LabFailure(f"A lab has 1 to {len(GUESTS)} guests, not {guests}.")
    if era not in ERAS:
        raise LabFailure(f'There is no era "{era}" of CloudStack; there are: {", ".join(ERAS)}.')
